"""Who is judged on which rows: a locked hold-out and the folds of the rest. Needs numpy only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlcore.evaluation.predictions import Floats, Integers, Task
from mlcore.learning.given import Given
from mlcore.learning.plan import Method, Validation

Mask = NDArray[np.bool_]
BINS = 10  # a numeric target is stratified by its deciles
LARGEST_VALIDATION = 50_000
PARTS = 4  # groups that last are parted into so many, one of which is tested in a block of time
CAREFUL = 2_000  # so many of the largest blocks are dealt one by one


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """What a split looks at, for each of n rows.

    `strata` are class codes or target bins. `blocks` are equal for rows that must stay on one side (equal rows, or one
    group). `moments` order the rows (seconds); None without a time column. `gap` is how long before the first row
    tested the rows learned from must end. `given` is what a column of the table says about the split.
    """

    strata: Integers
    blocks: Integers
    moments: Floats | None = None
    gap: float = 0.0
    given: Given | None = None

    def __len__(self) -> int:
        return len(self.strata)

    def take(self, places: Integers) -> Rows:
        """Only these rows."""
        moments = None if self.moments is None else self.moments[places]
        return Rows(strata=self.strata[places], blocks=self.blocks[places], moments=moments, gap=self.gap)

    @property
    def clock(self) -> Clock | None:
        """What keeps a gap; None where there is none to keep."""
        if self.moments is None or not self.gap:
            return None
        return Clock(moments=self.moments, gap=self.gap)


@dataclass(frozen=True, kw_only=True, eq=False)
class Clock:
    """Keeps a gap between moments."""

    moments: Floats
    gap: float

    def ready(self, test: Mask) -> Mask:
        """Rows at least the gap before the first of the rows `test`."""
        early: Mask = self.moments <= self.moments[test].min() - self.gap
        return early


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Where each of n rows goes.

    `holdout` marks the locked rows. `folds` is (repeats, n): the fold that tests the row; -1 is never tested, only
    trained on, and means nothing for a locked row. `forward`: a fold is trained on lower folds only, never on later
    ones. `scored` is False for rows of a forward split that are older than the rows they would be predicted from.
    `clock` keeps the gap between rows learned from and rows tested. Rows whose group in `groups` is tested are not
    learned from; None where no group can be on both sides.
    """

    holdout: Mask
    folds: Integers
    forward: bool
    scored: Mask
    clock: Clock | None = None
    groups: Integers | None = None

    def pairs(self) -> Iterator[tuple[Integers, Integers]]:
        """(rows to train on, rows to test on) as positions, fold by fold, repeat after repeat."""
        for folds in self.folds:
            for fold in range(int(folds[~self.holdout].max()) + 1):
                test = (folds == fold) & ~self.holdout & self.scored
                train = ((folds < fold) if self.forward else (folds != fold)) & ~self.holdout
                if self.clock is not None and test.any():
                    train &= self.clock.ready(test)
                if self.groups is not None:
                    train &= ~np.isin(self.groups, self.groups[test])
                if test.any() and train.any():
                    yield np.flatnonzero(train), np.flatnonzero(test)

    @property
    def training(self) -> Integers:
        """The rows the final model is fitted on: all that are not locked away, nor in the gap before those."""
        free = ~self.holdout
        if self.clock is not None and self.holdout.any():
            free &= self.clock.ready(self.holdout & self.scored)
        return np.flatnonzero(free)


def validation(n: int, *, time: bool, groups: int | None, given: Given | None = None) -> Validation:
    """The defaults for n rows: how large the hold-out is, how many folds, how often. `groups` is their number.

    What is `given` by a column of the table goes before the defaults.
    """
    holdout, said = _holdout_rows(n, groups) if given is None else _given_rows(given)
    left = n - holdout
    method, folds, repeats = _folds(left)
    if given is not None and given.count:
        method, folds, repeats = "given split" if given.count == 1 else "given folds", given.count, 1
    elif time:
        method, repeats = "forward in time", 1
    elif groups is not None:
        method, folds, repeats = "group folds", max(2, min(folds, groups - (groups >= 30) * groups // 5)), 1
    return Validation(method=method, folds=folds, repeats=repeats, holdout=holdout, reason=_reason(said, method, left))


def split(rows: Rows, plan: Validation, seed: int) -> Split:
    """The hold-out and folds that the plan asks for; equal for an equal seed."""
    generator = np.random.default_rng(seed)
    if rows.given is not None and rows.given.folds is not None:
        everywhere = np.ones(len(rows), dtype=bool)
        return Split(holdout=rows.given.holdout, folds=rows.given.folds[None, :], forward=False, scored=everywhere)
    if rows.moments is not None:
        return _forward(rows, rows.moments, plan, generator)
    everyone = np.arange(len(rows), dtype=np.int64)
    holdout = np.zeros(len(rows), dtype=bool)
    if rows.given is not None:
        holdout = rows.given.holdout
    elif plan.holdout:
        holdout[_part(rows, everyone, plan.holdout / len(rows), generator)] = True
    rest = np.flatnonzero(~holdout)
    folds = np.full((plan.repeats, len(rows)), -1, dtype=np.int64)
    for repeat in range(plan.repeats):
        if plan.method == "one split":
            share = min(0.2, LARGEST_VALIDATION / len(rest))
            folds[repeat, _part(rows, rest, share, generator)] = 0
        else:
            folds[repeat, rest] = _deal(rows, rest, np.full(plan.folds, 1 / plan.folds), generator)
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
    aside = _part(rows, train, share, np.random.default_rng(seed))
    return np.setdiff1d(train, aside, assume_unique=True), aside


def strata_of(truth: Floats | Integers, task: Task) -> Integers:
    """The label codes, or the decile of each number."""
    if task != "regression":
        return np.asarray(truth, dtype=np.int64)
    edges = np.unique(np.quantile(truth, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, truth, side="right").astype(np.int64)


def _holdout_rows(n: int, groups: int | None) -> tuple[int, str]:
    if n < 300:
        return 0, f"{n:,} rows are too few to lock some away"
    if groups is not None and groups < 30:
        return 0, f"{groups} groups are too few to lock some away"
    if n <= 5_000:
        rows = round(0.2 * n)
    elif n <= 50_000:
        rows = max(1_000, round(0.15 * n))
    else:
        rows = min(round(0.1 * n), 20_000)
    return rows, f"{rows:,} rows are locked away for the final check"


def _given_rows(given: Given) -> tuple[int, str]:
    rows = int(given.holdout.sum())
    return rows, f"{rows:,} rows are locked away, as the table says" if rows else "the table names no rows to lock away"


def _folds(n: int) -> tuple[Method, int, int]:
    if n < 500:
        return "repeated folds", 5, 5
    if n < 2_000:
        return "repeated folds", 5, 3
    if n < 20_000:
        return "folds", 5, 1
    return ("folds", 3, 1) if n < 200_000 else ("one split", 1, 1)


def _reason(said: str, method: Method, left: int) -> str:
    why = {
        "repeated folds": f"with {left:,} rows one round of folds would depend on luck, so it is repeated",
        "folds": f"{left:,} rows allow every row to be predicted by a model that did not see it",
        "one split": f"{left:,} rows are enough to judge on one part",
        "forward in time": "the rows have a time, so every model is judged on rows later than those it learned from",
        "given split": "the table says which rows are judged on",
        "given folds": "the table says which rows are judged on in which round",
        "group folds": "rows of one group stay together, so a model never sees the group it is judged on",
    }
    return f"{said}; {why[method]}"


def _part(rows: Rows, chosen: Integers, share: float, generator: np.random.Generator) -> Integers:
    """About `share` of the chosen rows, whole blocks, by strata."""
    part: Integers = chosen[_deal(rows, chosen, np.array([share, 1 - share]), generator) == 0]
    return part


def _deal(rows: Rows, chosen: Integers, shares: Floats, generator: np.random.Generator) -> Integers:
    """Each chosen row's hand, 0 … len(shares) - 1: whole blocks, hands of the asked size, strata spread evenly."""
    _, block, sizes = np.unique(rows.blocks[chosen], return_inverse=True, return_counts=True)
    if sizes.max(initial=1) == 1:
        return _deal_singles(rows.strata[chosen], shares, generator)
    _, stratum = np.unique(rows.strata[chosen], return_inverse=True)
    counts = np.zeros((len(sizes), int(stratum.max()) + 1), dtype=np.int64)
    np.add.at(counts, (block, stratum), 1)
    shuffled = generator.permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    one_by_one = min(int((sizes > 1).sum()), CAREFUL)
    hands = np.empty(len(sizes), dtype=np.int64)
    held = _deal_blocks(counts, order[:one_by_one], shares, hands)
    rest = generator.permutation(order[one_by_one:])
    kinds = counts[rest].argmax(axis=1)
    for kind in np.unique(kinds):
        members = rest[kinds == kind]
        wanted = shares * counts[:, kind].sum() - held[:, kind]
        hands[members] = _fill(len(members), np.maximum(wanted, 0), generator)
    return hands[block]


def _deal_blocks(counts: Integers, order: Integers, shares: Floats, hands: Integers) -> Floats:
    """Give each block of several rows, largest first, to the hand that lacks its strata most; returns what is held."""
    totals = counts.sum(axis=0)
    target = np.outer(shares, totals).astype(np.float64)
    held = np.zeros_like(target)
    scale = np.maximum(totals, 1)
    size = np.maximum(shares * totals.sum(), 1)
    for block in order:
        need = ((target - held) / scale) @ counts[block] / counts[block].sum() / shares
        fullness = held.sum(axis=1) / size
        hand = int(np.argmax(need - 0.5 * fullness))
        hands[block] = hand
        held[hand] += counts[block]
    return held


def _deal_singles(strata: Integers, shares: Floats, generator: np.random.Generator) -> Integers:
    """Two hands of any share, or several even ones: every stratum in proportion, remainders run on to the next."""
    hands = np.empty(len(strata), dtype=np.int64)
    shuffled = generator.permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    start = generator.random()
    if len(shares) == 2:
        steps = np.floor(np.arange(len(order) + 1) * shares[0] + start)
        hands[order] = np.where(np.diff(steps) > 0, 0, 1)
    else:
        hands[order] = (np.arange(len(order)) + int(start * len(shares))) % len(shares)
    return hands


def _fill(n: int, wanted: Floats, generator: np.random.Generator) -> Integers:
    """n hands in proportion to what each still wants."""
    total = wanted.sum()
    shares = wanted / total if total > 0 else np.full(len(wanted), 1 / len(wanted))
    edges = np.floor(np.cumsum(shares) * n + generator.random())
    edges[-1] = n
    return np.searchsorted(np.minimum(edges, n), np.arange(n), side="right").astype(np.int64)


def _forward(rows: Rows, moments: Floats, plan: Validation, generator: np.random.Generator) -> Split:
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
