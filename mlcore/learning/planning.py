"""From a goal to a plan: roles, validation, and the candidates in the order in which they are worth trying.

The candidates are a portfolio: a few strong configurations for each kind of model, known to do well on many tables,
instead of a search grid; interleaved across kinds by expected gain per second. (The idea: Feurer et al., "Auto-sklearn
2.0", JMLR 2022; Salinas and Erickson, "TabRepo", 2024.) Needs no modelling library.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mlcore.data.recipe import EMPTY
from mlcore.data.schema import Schema
from mlcore.errors import GoalError
from mlcore.findings import Finding
from mlcore.learning.affordable import affordable
from mlcore.learning.audit import Audit, Origin, audit
from mlcore.learning.costs import Shape
from mlcore.learning.dated import aged, ordered, placed
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS, Config, ModelKind
from mlcore.learning.models.asked import kinds_asked
from mlcore.learning.models.kind import MIDDLE
from mlcore.learning.plan import Candidate, Plan
from mlcore.learning.rehearse import validation_for
from mlcore.learning.tails import long_tailed
from mlcore.params import Value

LARGE_ROWS = 200_000
LARGE_CELLS = 8_000_000
PART = 100_000
"""So many rows do for finding out which configurations are good, where a table has more rows and cells than these."""


def make_plan(
    table: pd.DataFrame,
    schema: Schema,
    fingerprint: str,
    goal: Goal,
    *,
    seconds: float = 300,
    seed: int = 0,
    models: Sequence[str] | None = None,
    search: bool = True,
    origin: Origin | None = None,
) -> tuple[Plan, tuple[Finding, ...]]:
    """The plan for a goal, and what is worth knowing about it.

    Where nothing is said about the order of rows that have dates, it is measured whether random rows would flatter; if
    so, the plan's goal has a time column. Where rows are in order, it is measured whether recent ones should count
    more; if so, the plan's goal has a half-life. An empty `goal.metric` and an absent `goal.positive` are filled in.
    `models` are keys of the model catalogue to try (None: all that fit); the baseline is always there. With `search`
    the leaders are varied while time is left. `origin` is how the table was made by a recipe. Raises `GoalError` when
    the goal cannot be learned.
    """
    checked, timed = ordered(table, audit(table, schema, goal, origin), seconds=seconds, seed=seed)
    checked, trend, told = placed(table, checked, seconds=seconds, seed=seed)
    checked, weighed = aged(table, checked, seconds=seconds, seed=seed, trend=trend)
    kinds, skipped = _kinds(checked, models)
    plan = Plan(
        goal=checked.goal,
        schema=checked.schema,
        fingerprint=fingerprint,
        validation=affordable(_shape(table, checked), seconds),
        candidates=candidates(
            kinds,
            checked.goal,
            len(checked.target.rows),
            len(checked.schema.features),
            tailed=checked.goal.task == "regression" and long_tailed(checked.target.truth),
        ),
        seconds=float(seconds),
        seed=seed,
        search=search,
        trend=trend,
        recipe=EMPTY if origin is None else origin.recipe,
        inputs=None if origin is None else origin.inputs,
    )
    return plan, (*checked.findings, *_small(plan, len(checked.target.rows)), *timed, *told, *weighed, *skipped)


def candidates(
    kinds: Sequence[ModelKind], goal: Goal, rows: int, columns: int, *, tailed: bool = False
) -> tuple[Candidate, ...]:
    """Every configuration of these kinds that suits `rows` rows, in the order of their turns.

    Those that learn a logarithm are there when the target is `tailed`: has a long tail that it draws in; boosted ones
    of them aim for the mean, so they are not for a metric that wants the middle. On large tables all learn from a part
    of the rows first, as the plan then says.
    """
    part = PART if rows >= LARGE_ROWS and rows * columns >= LARGE_CELLS else 0
    turns = [
        (config.turn, _candidate(kind, config, goal, part))
        for kind in kinds
        for config in kind.configurations(goal.task, rows, columns)
        if not (goal.monotone and config.params.get("curves"))
        and (not config.params.get("log") or (tailed and not (kind.grow and goal.metric in MIDDLE)))
    ]
    return tuple(candidate for _, candidate in sorted(turns, key=lambda turn: turn[0]))


def reasons_against(
    kinds: Sequence[ModelKind], goal: Goal, rows: int, columns: int, rarest: int
) -> list[tuple[ModelKind, str | None]]:
    """Each kind with why it is not tried, in words; None when it is. `rarest` counts the rarest label's rows."""
    bound = "cannot promise that predictions only rise or fall with a column" if goal.monotone else None
    return [
        (kind, kind.unfit(goal.task, rows, columns, rarest) or (None if kind.monotone else bound)) for kind in kinds
    ]


def _candidate(kind: ModelKind, config: Config, goal: Goal, part: int) -> Candidate:
    params: dict[str, Value] = dict(config.params)
    if goal.metric in MIDDLE and not goal.monotone and any(param.key == "aim" for param in kind.params):
        params["aim"] = "median"
    key = f"{kind.key}-{config.suffix}" if config.suffix else kind.key
    return Candidate(key=key, model=kind.key, title=config.title or kind.title, params=params, rows=part)


def _kinds(checked: Audit, models: Sequence[str] | None) -> tuple[list[ModelKind], tuple[Finding, ...]]:
    asked = kinds_asked(("baseline", *models)) if models else list(MODELS)
    rows, columns = len(checked.target.rows), len(checked.schema.features)
    rarest = min(checked.target.counts, default=rows)
    reasons = reasons_against(asked, checked.goal, rows, columns, rarest)
    fit = [kind for kind, reason in reasons if reason is None]
    if models and len(fit) == 1 and len(asked) > 1:
        said = "; ".join(f"{kind.title} {reason}" for kind, reason in reasons if reason is not None)
        raise GoalError("None of the models asked for suits this table", remedy=f"{said}. Choose others.")
    return fit, tuple(_skipped(kind, reason) for kind, reason in reasons if reason is not None)


def _skipped(kind: ModelKind, reason: str) -> Finding:
    return Finding(
        code="model_skipped",
        level="note",
        title=f"{kind.title} is not tried",
        what=f"It {reason}.",
        why="It would take too long, or could not be expected to do well.",
        remedy="Nothing to do.",
    )


def _shape(table: pd.DataFrame, checked: Audit) -> Shape:
    return Shape(
        rows=len(checked.target.rows),
        columns=tuple(checked.schema.features),
        labels=len(checked.target.labels),
        validation=validation_for(table, checked),
    )


def _small(plan: Plan, rows: int) -> tuple[Finding, ...]:
    if plan.validation.holdout:
        return ()
    return (
        Finding(
            code="no_holdout",
            level="watch",
            title="No rows are locked away",
            what=f"With {rows:,} rows, or few groups, all are used to train and judge.",
            why="A part small enough to spare would be too small to say anything; the scores come from repeated folds.",
            remedy="Bring more rows for a final check on rows that nothing was chosen by.",
        ),
    )
