"""Who is judged on which rows: a locked hold-out and the folds of the rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.plan import Validation
from mlcore.learning.split.dealing import deal, part
from mlcore.learning.split.in_time import LARGEST_VALIDATION, forward
from mlcore.learning.split.rows import Rows, Split
from mlcore.learning.split.usual import validation

__all__ = ["MOST_JUDGED", "Rows", "Split", "inner", "split", "strata_of", "validation"]

MOST_JUDGED = 200_000  # rows in a round; more would say the same, and leave less time for models
BINS = 10  # a numeric target is stratified by its deciles


def split(rows: Rows, plan: Validation, seed: int) -> Split:
    """The hold-out and folds that the plan asks for, of very many rows a sample tested; equal for an equal seed."""
    made = _parted(rows, plan, seed)
    judged = made.judged
    share = MOST_JUDGED / max(1, int(judged.sum()))
    if share >= 1:
        return made
    alone = replace(rows, blocks=np.arange(len(rows), dtype=np.int64))  # what is not tested need not stay together
    generator, kept = np.random.default_rng([seed, 1]), np.zeros(len(rows), dtype=bool)
    for fold in np.unique(made.folds[0][judged]):
        kept[part(alone, np.flatnonzero(judged & (made.folds[0] == fold)), share, generator)] = True
    return replace(made, scored=made.scored & (made.holdout | kept))


def _parted(rows: Rows, plan: Validation, seed: int) -> Split:
    generator = np.random.default_rng(seed)
    if rows.given is not None and rows.given.folds is not None:
        everywhere = np.ones(len(rows), dtype=bool)
        return Split(holdout=rows.given.holdout, folds=rows.given.folds[None, :], forward=False, scored=everywhere)
    if rows.moments is not None:
        return forward(rows, rows.moments, plan, generator)
    everyone = np.arange(len(rows), dtype=np.int64)
    holdout = np.zeros(len(rows), dtype=bool)
    if rows.given is not None:
        holdout = rows.given.holdout
    elif plan.holdout:
        holdout[part(rows, everyone, plan.holdout / len(rows), generator)] = True
    rest = np.flatnonzero(~holdout)
    folds = np.full((plan.repeats, len(rows)), -1, dtype=np.int64)
    for repeat in range(plan.repeats):
        if plan.method == "one split":
            share = min(0.2, LARGEST_VALIDATION / len(rest))
            folds[repeat, part(rows, rest, share, generator)] = 0
        else:
            folds[repeat, rest] = deal(rows, rest, np.full(plan.folds, 1 / plan.folds), generator)
    return Split(holdout=holdout, folds=folds, forward=False, scored=np.ones(len(rows), dtype=bool))


def inner(rows: Rows, train: Integers, share: float, seed: int) -> tuple[Integers, Integers]:
    """Training positions parted into rows to fit and rows to stop by: the newest, or a stratified draw of blocks."""
    if rows.moments is not None:
        order = train[np.argsort(rows.moments[train], kind="stable")]
        cut = max(1, int(len(order) * (1 - share)))
        older, newest = order[:cut], order[cut:]
        if rows.gap and len(newest):
            before = older[rows.moments[older] <= rows.moments[newest[0]] - rows.gap]
            older = before if len(before) >= len(older) / 2 else older
        return np.sort(older), np.sort(newest)
    aside = part(rows, train, share, np.random.default_rng(seed))
    return np.setdiff1d(train, aside, assume_unique=True), aside


def strata_of(truth: Floats | Integers, task: Task) -> Integers:
    """The label codes, or the decile of each number."""
    if task != "regression":
        return np.asarray(truth, dtype=np.int64)
    edges = np.unique(np.quantile(truth, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, truth, side="right").astype(np.int64)
