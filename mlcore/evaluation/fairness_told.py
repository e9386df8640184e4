"""Fairness in words: one sentence a criterion, and what these numbers can and cannot say."""

from __future__ import annotations

from mlcore.data.amounts import compact
from mlcore.evaluation.fairness import Aspect, Criterion, Fairness, criterion

CAUTION = (
    "These criteria describe the model's answers; where groups differ in how often the outcome happens, not all of "
    "them can hold at once. Which one matters is a decision for people, and often for the law."
)


def sentence(made: Fairness, key: str) -> str:
    """What one criterion says of these groups."""
    aspect, about = made[key], criterion(made.task, key)
    if aspect.gap is None:
        return f"{_opening(about)}: {_able(aspect)} of the groups is large enough, so they cannot be compared."
    between = f"from {shown(about, _at(made, aspect, aspect.lowest))} (“{aspect.lowest}”) to "
    between += f"{shown(about, _at(made, aspect, aspect.highest))} (“{aspect.highest}”)"
    if aspect.outcome == "differs":
        low = apart(about, max(0.0, aspect.low or 0.0))
        return (
            f"{_opening(about)} differs between groups: {between}. The difference, {apart(about, aspect.gap)}, "
            f"is at least {low} beyond chance (95 %, for all pairs of groups together)."
        )
    return (
        f"{_opening(about)} is not shown to differ between groups: {between}. "
        f"A difference of up to {apart(about, aspect.high or 0.0)} cannot be ruled out."
    )


def shown(about: Criterion, value: float | None) -> str:
    """A value of a criterion as a person reads it."""
    if value is None:
        return "–"
    if about.share:
        return f"{100 * value:.1f} %"
    if about.key == "calibration":
        return f"{100 * value:+.1f} points"
    return f"{'+' if about.around_zero and value > 0 else ''}{compact(value)}"


def apart(about: Criterion, value: float) -> str:
    """A difference between two groups."""
    return f"{100 * value:.1f} points" if about.share or about.key == "calibration" else compact(value)


def refused(made: Fairness) -> tuple[str, ...]:
    """A sentence for each group about which nothing is said, once."""
    found: dict[str, str] = {}
    for aspect in made.aspects:
        for group, value in zip(made.groups, aspect.values, strict=True):
            if value.value is None and group.label not in found:
                found[group.label] = f"“{group.label}”: {value.why}"
    return tuple(found.values())


def _opening(about: Criterion) -> str:
    return f"{about.term[:1].upper()}{about.term[1:]} ({about.asks})"


def _able(aspect: Aspect) -> str:
    able = sum(value.value is not None for value in aspect.values)
    return "only one" if able else "none"


def _at(made: Fairness, aspect: Aspect, label: str) -> float | None:
    places = {group.label: value for group, value in zip(made.groups, aspect.values, strict=True)}
    return places[label].value
