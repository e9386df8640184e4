"""What a model needs: how much worse it is when the values of a column are shuffled between rows.

Permutation importance (Breiman 2001; Fisher, Rudin and Dominici 2019). Columns that go together are shuffled together:
one alone would be replaced by the other, and both would seem useless.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlcore.errors import RowError
from mlcore.evaluation.predictions import Floats
from mlcore.explanation.values import as_numbers
from mlcore.learning.model import Model

TOGETHER = 0.7  # rank correlation, or Cramér's V, from which columns are shuffled together
FEWEST = 30  # rows with a known truth
MOST_ROWS, LEAST_ROWS = 1_000, 60
MOST_NUMBERS, MOST_WORDS = 1_000, 60  # columns that are compared with each other; further ones are shuffled alone
LATE = 2.0  # times the budget after which no further group is begun
REPEATS = 4
Z = 1.96
LEAST = 1e-12


@dataclass(frozen=True, kw_only=True)
class Needed:
    """The loss is the log loss of labels, or the root mean square error of numbers, in the target's unit.

    `loss` is its increase when `columns` are shuffled together, from `before`; `low` and `high` its 95 % interval over
    `rows` rows.
    """

    columns: tuple[str, ...]
    loss: float
    low: float
    high: float
    before: float
    rows: int


def needed(
    model: Model, table: pd.DataFrame, *, budget: float, each: float, order: Sequence[str] = (), seed: int = 0
) -> tuple[Needed, ...]:
    """The groups of columns, the most needed first; empty without a target or with fewer than 30 known ones.

    As many rows as `budget` seconds allow at `each` seconds a row, 60 to 1,000. Where that takes far longer, only the
    groups of the columns that come first in `order`.
    """
    began = time.monotonic()
    groups = _in_order(together(table[list(model.columns)]), order)
    known = _known(model, table)
    if known is None or len(known[0]) < FEWEST:
        return ()
    rows, truth = known
    count = int(np.clip(budget / max(each, 1e-9) / (REPEATS * len(groups) + 1), LEAST_ROWS, MOST_ROWS))
    random = np.random.default_rng(seed)
    chosen = np.sort(random.permutation(len(rows))[:count])
    rows, truth = rows.iloc[chosen].reset_index(drop=True), truth[chosen]
    before = _losses(model, rows, truth)
    found: list[Needed] = []
    for group in groups:
        if found and time.monotonic() - began > LATE * budget:
            break
        after = [_losses(model, _shuffled(rows, group, random), truth) for _ in range(REPEATS)]
        found.append(_needed(model, group, before, np.mean(after, axis=0)))
    return tuple(sorted(found, key=lambda one: -one.loss))


def _in_order(groups: tuple[tuple[str, ...], ...], order: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    places = {name: place for place, name in enumerate(order)}
    return tuple(sorted(groups, key=lambda group: min(places.get(name, len(places)) for name in group)))


def together(rows: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """The columns in groups: two that go together are in one, and so are those each goes with."""
    names = [str(name) for name in rows.columns]
    group = dict(zip(names, range(len(names)), strict=True))
    numbers = {name: values for name in names if (values := as_numbers(rows[name])) is not None}
    if len(numbers) > 1:
        some = dict(list(numbers.items())[:MOST_NUMBERS])
        close = pd.DataFrame(some).rank().corr(min_periods=20).abs()
        for one in some:
            for other in close.columns[(close[one] >= TOGETHER).to_numpy()]:
                _join(group, one, str(other))
    words = [name for name in names if name not in numbers][:MOST_WORDS]
    for place, one in enumerate(words):
        for other in words[:place]:
            if group[one] != group[other] and _cramer(rows[one], rows[other]) >= TOGETHER:
                _join(group, one, other)
    members: dict[int, list[str]] = {}
    for name in names:
        members.setdefault(group[name], []).append(name)
    return tuple(tuple(one) for one in members.values())


def _join(group: dict[str, int], one: str, other: str) -> None:
    old, new = group[other], group[one]
    for name in group:
        if group[name] == old:
            group[name] = new


def _cramer(one: pd.Series, other: pd.Series) -> float:
    """Cramér's V, corrected for bias (Bergsma 2013)."""
    a, b = pd.factorize(one)[0], pd.factorize(other)[0]
    both = (a >= 0) & (b >= 0)
    n = int(both.sum())
    if n < 20:
        return 0.0
    counts = pd.crosstab(a[both], b[both]).to_numpy(dtype=np.float64)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / n
    r, c = counts.shape
    square = max(0.0, float(((counts - expected) ** 2 / expected).sum()) / n - (r - 1) * (c - 1) / (n - 1))
    least = min(r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)) - 1
    return float(np.sqrt(square / least)) if least > 0 else 0.0


def _known(model: Model, table: pd.DataFrame) -> tuple[pd.DataFrame, Floats] | None:
    if model.goal.target not in table.columns:
        return None
    try:
        rows, truth = model.known_truth(table)
    except RowError:
        return None
    return table.iloc[rows][list(model.columns)], np.asarray(truth)


def _losses(model: Model, rows: pd.DataFrame, truth: Floats) -> Floats:
    said = model.scorer.values(rows)
    if model.labels:
        return np.asarray(-np.log(np.clip(said[np.arange(len(said)), truth.astype(np.int64)], LEAST, None)))
    return np.asarray((said - truth) ** 2)


def _shuffled(rows: pd.DataFrame, group: tuple[str, ...], random: np.random.Generator) -> pd.DataFrame:
    order = random.permutation(len(rows))
    taken = rows[list(group)].iloc[order].reset_index(drop=True)
    return rows.assign(**{name: taken[name] for name in group})


def _needed(model: Model, group: tuple[str, ...], before: Floats, after: Floats) -> Needed:
    change = after - before
    reach = Z * change.std(ddof=1) / np.sqrt(len(change))
    start, middle = float(before.mean()), float(change.mean())

    def worse(by: float) -> float:
        return by if model.labels else float(np.sqrt(max(0.0, start + by)) - np.sqrt(start))

    return Needed(
        columns=group,
        loss=worse(middle),
        low=worse(middle - reach),
        high=worse(middle + reach),
        before=start if model.labels else float(np.sqrt(start)),
        rows=len(change),
    )
