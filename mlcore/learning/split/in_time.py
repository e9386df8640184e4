"""Blocks of time: every model is judged on rows later than those it learned from."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.plan import Validation
from mlcore.learning.split.rows import Mask, Rows, Split

LARGEST_VALIDATION = 50_000
PARTS = 4  # groups that last are parted into so many, one of which is tested in a block of time


def forward(rows: Rows, moments: Floats, plan: Validation, generator: np.random.Generator) -> Split:
    """Blocks of time, oldest first: the newest is locked, each fold is tested on a block and trained on all before.

    A group lies where its newest row lies; its rows older than the block's beginning are not scored there.
    Rows of one moment stay together. Where groups last so long that little would be tested, groups are parted, too.
    """
    own = _ends(rows.blocks, moments)
    holdout = _newest(own, plan.holdout) if rows.given is None else rows.given.holdout
    made = _blocks_of_time(rows, own, moments, holdout, plan)
    wanted = plan.holdout + (len(rows) - plan.holdout) * plan.folds / (plan.folds + 1)
    tested = made.scored & (made.holdout | (made.folds[0] >= 0))
    if rows.given is not None or len(np.unique(rows.blocks)) == len(rows) or tested.sum() >= wanted / 2:
        return made
    return _across(rows, moments, plan, generator)


def _blocks_of_time(rows: Rows, own: Floats, moments: Floats, holdout: Mask, plan: Validation) -> Split:
    folds, beginning = _dated(own, holdout, plan)
    if holdout.any():
        beginning[holdout] = own[holdout].min() if rows.given is None else -np.inf
    numbered = _compact(folds, holdout)[None, :]
    return Split(holdout=holdout, folds=numbered, forward=True, scored=moments >= beginning, clock=rows.clock)


def _dated(own: Floats, holdout: Mask, plan: Validation) -> tuple[Integers, Floats]:
    """Each row's block of time, -1 for the oldest, which is never tested; and where that block begins."""
    ordered = np.sort(own[~holdout])
    start = len(ordered)
    tested = min(round(0.2 * start), LARGEST_VALIDATION)
    first = round(start / (plan.folds + 1)) if plan.folds > 1 else start - tested
    places = np.linspace(max(1, first), start, plan.folds + 1)[:-1].round().astype(int)
    edges = ordered[np.minimum(places, start - 1)]
    folds = np.searchsorted(edges, own, side="right").astype(np.int64) - 1
    return folds, np.where(folds >= 0, edges[np.maximum(folds, 0)], -np.inf)


def _across(rows: Rows, moments: Floats, plan: Validation, generator: np.random.Generator) -> Split:
    """For groups that last: a part of them is tested in each block of time, the others are learned from before it.

    Locked away are all newest rows, of which a part of the groups is judged, and the older rows of these groups.
    """
    hand = generator.integers(0, PARTS, int(rows.blocks.max()) + 1)[rows.blocks]
    newest = _newest(moments, plan.holdout)
    judged = newest & (hand == PARTS - 1)
    holdout = newest | np.isin(rows.blocks, rows.blocks[judged])
    folds, _ = _dated(moments, holdout, plan)
    numbered = _compact(folds, holdout)
    turn = numbered % (PARTS - 1 if plan.holdout else PARTS)
    scored = np.where(holdout, judged, (numbered < 0) | (hand == turn))
    return Split(
        holdout=holdout, folds=numbered[None, :], forward=True, scored=scored, clock=rows.clock, groups=rows.blocks
    )


def _ends(blocks: Integers, moments: Floats) -> Floats:
    """The moment of the newest row of each row's block."""
    latest = np.full(int(blocks.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(latest, blocks, moments)
    return latest[blocks]


def _newest(own: Floats, wanted: int) -> Mask:
    """The newest `wanted` rows, or somewhat fewer when more than twice as many share one moment."""
    if not wanted:
        return np.zeros(len(own), dtype=bool)
    edge = np.sort(own)[len(own) - wanted]
    newest: Mask = own >= edge
    later: Mask = own > edge
    return newest if newest.sum() <= 2 * wanted else later


def _compact(folds: Integers, holdout: Mask) -> Integers:
    """Folds numbered without gaps when many rows share a moment; the oldest block that is there is never tested."""
    used = np.unique(folds[~holdout])
    numbered: Integers = np.searchsorted(used, np.minimum(folds, used[-1])).astype(np.int64) - 1
    return numbered
