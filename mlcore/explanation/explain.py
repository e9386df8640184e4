"""Explain what a model says: Shapley values in the user's own columns, checked to add up, within a time budget."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.errors import RowError, TableError, UserError
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.members import Compared, Rows, member_of, outputs, separable, whole
from mlcore.explanation.ways import DoesNotAddUp, Ways, adds_up, error_of
from mlcore.learning.model import Model
from mlcore.learning.scoring import ScoringError, conform

BLOCK = 50  # rows explained before the first look at the clock
MOST = 800  # and later between two, as long as that takes less than a second
Background = tuple[pd.DataFrame, dict[int, Compared]]
"""Background rows with the model's internal columns, and what `Rows.kept` keeps of them."""

OPTIONS = ((1.0, 1.0), (0.7, 1.0), (0.5, 1.0), (0.35, 1.0), (0.25, 1.0), (0.25, 0.2), (0.1, 0.06), (0.05, 0.002))
"""Shares of the background rows and of the rows, tried in this order until the time suffices."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """`seconds` from `start` (of the monotonic clock), None for all it takes; `every`: no row may be left out."""

    start: float
    seconds: float | None
    every: bool

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return float("inf") if self.seconds is None else self.seconds - (time.monotonic() - self.start)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Found:
    """Contributions of the whole model for the first rows that were asked for."""

    base: Floats
    values: Floats
    variance: float
    methods: tuple[str, ...]


def explain(
    model: Model, table: pd.DataFrame, *, rows: int = 500, seconds: float = 20.0, seed: int = 0, background: int = 100
) -> Explanation:
    """Why the model says what it says about a random sample of `rows` rows of the table.

    Every row is compared with `background` of the training rows stored with the model. When `seconds` do not suffice,
    fewer background rows are used, then fewer rows explained, and the last of `methods` says so. The same seed gives
    the same contributions as long as the time suffices.
    """
    budget = Budget(start=time.monotonic(), seconds=seconds, every=False)
    drawn = np.random.default_rng(seed).permutation(len(table))[:rows]
    return _explained(model, table, drawn, _stored(model, background, seed), budget, seed)


def explain_rows(
    model: Model,
    table: pd.DataFrame,
    background_table: pd.DataFrame | None = None,
    *,
    seconds: float | None = None,
    seed: int = 0,
    background: int = 100,
) -> Explanation:
    """Why the model says what it says about every row of the table, in its order.

    `background_table` holds raw rows to compare with; None: those stored with the model. `seconds` can only reduce the
    background, never the rows.
    """
    budget = Budget(start=time.monotonic(), seconds=seconds, every=True)
    if background_table is None:
        compared = _stored(model, background, seed)
    else:
        compared = _conformed(model, _sample(background_table, background, seed)), {}
    return _explained(model, table, np.arange(len(table)), compared, budget, seed)


_COMPARED: WeakKeyDictionary[Model, dict[tuple[int, int], Background]] = WeakKeyDictionary()
"""The background of a model, as long as it is in memory: a row asked about alone costs one row."""


def _stored(model: Model, background: int, seed: int) -> Background:
    """The background rows stored with the model."""
    kept = _COMPARED.setdefault(model, {})
    if (background, seed) not in kept:
        kept[background, seed] = _conformed(model, _sample(model.background, background, seed)), {}
    return kept[background, seed]


def _sample(table: pd.DataFrame, rows: int, seed: int) -> pd.DataFrame:
    chosen = np.random.default_rng(seed).permutation(len(table))[:rows]
    return table.iloc[np.sort(chosen)]


def _explained(
    model: Model, table: pd.DataFrame, drawn: Integers, compared: Background, budget: Budget, seed: int
) -> Explanation:
    background, memory = compared
    if not len(drawn) or not len(background):
        raise TableError("There are no rows to explain", remedy="Bring a table with at least one row.")
    rows = Rows(explained=_conformed(model, table.iloc[drawn]), background=background, kept=memory)
    output = outputs(model.scorer, rows.explained)
    found = _found(model, rows, output, budget, seed)
    count = len(found.values)
    order = np.argsort(drawn[:count], kind="stable")
    kept = drawn[order]
    return Explanation(
        task=model.task,
        outputs=_names(model),
        columns=model.columns,
        base=found.base,
        values=found.values[order],
        output=output[order],
        table=table.iloc[kept][list(model.columns)].reset_index(drop=True),
        rows=kept.astype(np.int64),
        population=len(table),
        methods=found.methods,
        seconds=time.monotonic() - budget.start,
        additivity_error=error_of(found.base, found.values, output[:count]),
        sampling_error=float(np.sqrt(found.variance)),
    )


def _conformed(model: Model, table: pd.DataFrame) -> pd.DataFrame:
    try:
        return conform(table, model.scorer.fields)
    except ScoringError as error:
        raise RowError(str(error), remedy=f"The model needs: {', '.join(map(repr, model.columns[:10]))}.") from None


def _names(model: Model) -> tuple[str, ...]:
    if model.task == "binary":
        return (str(model.scorer.spec["positive"]),)
    return model.labels or (model.goal.target,)


def _found(model: Model, rows: Rows, output: Floats, budget: Budget, seed: int) -> _Found:
    """By its members; as one function of the user's cells when they do not add up to what the model says."""
    stack = model.scorer.spec.get("stack")
    members = [index for index, (weight, _) in enumerate(model.scorer.members) if weight > 0]
    try:
        if not separable(model.scorer):
            raise DoesNotAddUp(model.title)
        ways = [Ways(*member_of(model.scorer, rows, index), seed) for index in members]
        found = _carried_out(ways, budget, len(output))
        if stack is not None:
            found = replace(found, base=found.base + stack["bias"][0])
        if adds_up(found.base, found.values, output[: len(found.values)]):
            return found
    except DoesNotAddUp:
        pass
    member = whole(model.scorer, rows)
    try:
        return _carried_out([Ways(member, lambda: member, seed)], budget, len(output))
    except DoesNotAddUp:
        raise UserError(
            "This model cannot be explained: the same row does not always get the same prediction",
            remedy="Choose another model of the leaderboard.",
        ) from None


def _carried_out(ways: Sequence[Ways], budget: Budget, rows: int) -> _Found:
    weights = [way.member.weight for way in ways]
    said = np.asarray(sum(weight * way.background for weight, way in zip(weights, ways, strict=True)))
    enough = 0.0 if budget.seconds is None else 0.8 * budget.left / (len(ways) * rows * len(said))
    pair_seconds = 0.0 if budget.seconds is None else sum(way.pair_seconds(enough) for way in ways)
    compared = _affordable(pair_seconds, rows, len(said), budget)
    backgrounds = _standing_for_all(said, compared)
    blocks = list(_blocks(ways, weights, backgrounds, (budget, rows)))
    values = np.concatenate([values for values, _ in blocks])
    return _Found(
        base=said[backgrounds].mean(axis=0),
        values=values,
        variance=float(np.average([spread for _, spread in blocks], weights=[len(values) for values, _ in blocks])),
        methods=(*_methods(ways), *_given_way(budget, (len(values), rows), (compared, len(said)))),
    )


def _blocks(
    ways: Sequence[Ways], weights: Sequence[float], backgrounds: Integers, task: tuple[Budget, int]
) -> Iterator[tuple[Floats, float]]:
    """Contributions of the whole model, block by block, each with its mean squared standard error, until time is up."""
    budget, rows = task
    start, size, spent = 0, BLOCK, 0.0
    while start < rows:
        if start and budget.left < spent and not budget.every:
            return
        began = time.monotonic()
        found = [way.run(np.arange(start, min(rows, start + size)), backgrounds) for way in ways]
        values = np.asarray(sum(weight * one.values for weight, one in zip(weights, found, strict=True)))
        spread = [w * w * one.variance for w, one in zip(weights, found, strict=True) if one.variance is not None]
        yield values, float(np.mean(sum(spread)))
        spent = max(spent, time.monotonic() - began)
        start += size
        if spent < 1.0 and size < MOST:
            size, spent = 2 * size, 2 * spent


def _standing_for_all(said: Floats, count: int) -> Integers:
    """So many background rows, evenly spaced in the order of what the model says, (m, k), about all of them."""
    order = np.argsort(said[:, said.std(axis=0).argmax()], kind="stable")
    return np.sort(order[((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)])


def _affordable(pair_seconds: float, rows: int, available: int, budget: Budget) -> int:
    """How many background rows to compare each row with."""
    options = [(share, 1.0 if budget.every else part) for share, part in OPTIONS]
    for share, part in options:
        compared = max(1, round(share * available))
        if pair_seconds * compared * max(1, rows * part) <= 0.8 * budget.left:
            return compared
    return compared


def _methods(ways: Sequence[Ways]) -> tuple[str, ...]:
    if len(ways) == 1:
        return (ways[0].words,)
    return tuple(f"{way.words}; weight {percent(way.member.weight)}" for way in ways)


def _given_way(budget: Budget, rows: tuple[int, int], backgrounds: tuple[int, int]) -> tuple[str, ...]:
    parts = []
    if backgrounds[0] < backgrounds[1]:
        parts.append(f"each row was compared with {backgrounds[0]} instead of {backgrounds[1]} background rows")
    if rows[0] < rows[1]:
        parts.append(f"{rows[0]} instead of {rows[1]} rows were explained")
    return (f"To keep within {budget.seconds:g} s, {' and '.join(parts)}.",) if parts else ()
