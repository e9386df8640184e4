"""A policy in sentences, the same on every page, in the model card and wherever else it is told."""

from __future__ import annotations

from mlcore.evaluation.money import money
from mlcore.evaluation.policy import Policy, Rule

_OPS = {"<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least", "is": "is", "is not": "is not"}


def sentences(policy: Policy) -> tuple[str, ...]:
    """What is done with what the model says, the most general first."""
    if policy.task == "binary":
        said = _yes_or_no(policy)
    elif policy.task == "multiclass":
        said = _several(policy)
    else:
        said = _numbers(policy)
    return (*said, *(f"Rule {number}: {rule_said(rule)}" for number, rule in enumerate(policy.rules, start=1)))


def rule_said(rule: Rule) -> str:
    """One rule: what it looks for, what it answers, and why."""
    value = f"{rule.value:,.10g}" if isinstance(rule.value, (int, float)) else f"“{rule.value}”"
    when = (
        f"where “{rule.column}” is empty" if rule.op == "is empty" else f"where “{rule.column}” {_OPS[rule.op]} {value}"
    )
    then = "a person decides" if rule.then is None else f"the answer is {_answer(rule.then)}"
    return f"{when}, {then}{f' ({rule.why})' if rule.why else ''}."


def _answer(then: str | float) -> str:
    return f"{then:,.10g}" if isinstance(then, (int, float)) else f"“{then}”"


def share(value: float) -> str:
    """A probability in per cent, with a digit where it needs one."""
    return f"{100 * value:.4g}\u00a0%"


def _yes_or_no(policy: Policy) -> list[str]:
    cut = 0.5 if policy.threshold is None else policy.threshold
    yes = f"“{policy.positive}”"
    said = (
        [f"The answer is {yes} from a probability of {share(cut)} on."] if cut <= 1 else [f"The answer is never {yes}."]
    )
    costs = policy.costs
    if costs is not None:
        named = (
            ("a right yes", costs.tp),
            ("a false yes", costs.fp),
            ("a missed yes", costs.fn),
            ("a right no", costs.tn),
        )
        worth = ", ".join(f"{name} {money(value, policy.currency, signed=True)}" for name, value in named)
        said.append(f"Agreed worth of a case: {worth}.")
    if policy.capacity is not None:
        said.append(f"Up to {policy.capacity.cases:,.0f} cases a {policy.capacity.per} can be seen to.")
    if policy.group_thresholds is not None:
        groups = policy.group_thresholds
        own = ", ".join(f"{share(value)} for “{name}”" for name, value in groups.thresholds.items())
        said.append(f"By “{groups.column}” the threshold is another one: {own}.")
    if policy.refer is not None:
        said.append(f"From {share(policy.refer.low)} and below {share(policy.refer.high)} a person decides.")
    return said


def _several(policy: Policy) -> list[str]:
    said = ["The label that is worth most on average by the agreed amounts is the answer."] if policy.matrix else []
    said = said or ["The likeliest label is the answer."]
    if policy.sets is not None:
        said.append(
            f"Beside it stand the labels that cannot be ruled out, right in {share(policy.sets.coverage)} of cases."
        )
    asked = policy.abstain
    if asked is not None and asked.largest is not None:
        said.append(f"A person decides where more than {asked.largest} labels are left.")
    if asked is not None and asked.least is not None:
        said.append(f"A person decides where no label has a probability of {share(asked.least)}.")
    return said


def _numbers(policy: Policy) -> list[str]:
    covered = 0.9 if policy.interval is None else policy.interval.coverage
    grows = ", wider where errors are larger" if policy.interval is not None and policy.interval.knots else ""
    said = [f"Intervals hold the truth in {share(covered)} of cases{grows}."]
    if policy.lean is not None:
        lean = policy.lean
        under, over = money(lean.under, policy.currency), money(lean.over, policy.currency)
        why = f"as too little costs {under} a unit and too much {over}"
        said.append(f"The number to act on is the {share(lean.quantile)} quantile, {why}.")
    return said
