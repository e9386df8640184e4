"""The smallest plausible changes to a row after which the model would say what is wanted; none where none is found.

Searched in two ways, and both are pruned: a beam over changes of one column after another, with values that were seen
(sparse, after Wachter, Mittelstadt and Russell 2017); and the cells of the nearest seen rows that already get the
wanted answer (nearest unlike neighbours: Guidotti et al. 2019; Poyiadzi et al. 2020). Changes that are not needed are
taken back, numbers are moved back as far as the answer allows, and of what is left the cheapest are taken that change
other columns (diversity: Mothilal, Sharma and Tan 2020). Each is scored again, alone, by the model as it is used, with
its policy. The same row and seen rows find the same as long as the time suffices.

They say what would be predicted, never what would happen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from mlcore.errors import RowError
from mlcore.explanation.answers import Change, Counterfactual, Found, Wanted, check, judge
from mlcore.explanation.likeness import Likeness, Seen
from mlcore.explanation.moves import Limit, Moves, plain
from mlcore.learning.model import Model
from mlcore.learning.scoring import ScoringError, typed

BEAM = 10
BEST_VALUES = 2
BEST_COLUMNS = 24
NEIGHBOURS = 6
BATCH = 600
A_COLUMN = 0.2
"""What it costs to change one column more, in units of the middle nine tenths of a number."""

Changes = tuple[tuple[str, Any], ...]


def counterfactuals(
    model: Model,
    row: Mapping[str, Any],
    wanted: Wanted,
    seen: Seen,
    *,
    limits: Sequence[Limit] = (),
    count: int = 4,
    most: int = 4,
    seconds: float = 5.0,
) -> Found:
    """Up to `count` ways, changing at most `most` columns each in the beam, to what is wanted of this raw row.

    `seen` are rows to take values from and to compare with. `UserError` when what is wanted or a limit cannot be meant,
    `RowError` when the row lacks a column.
    """
    check(wanted, model)
    search = _Search(model, row, wanted, seen, limits, time.monotonic() + seconds)
    began = time.monotonic()
    if search.judged([()])[0].met:
        return Found(wanted=wanted, already=True, tried=1, seconds=time.monotonic() - began)
    search.beam(most, count)
    search.neighbours()
    answers, odd = search.answers(count)
    return Found(
        wanted=wanted,
        answers=answers,
        tried=search.tried,
        columns=search.free,
        most=most,
        implausible=odd,
        late=search.late,
        seconds=time.monotonic() - began,
    )


@dataclass(frozen=True, kw_only=True)
class _Try:
    changes: Changes
    gap: float
    met: bool


class _Search:
    def __init__(
        self, model: Model, row: Mapping[str, Any], wanted: Wanted, seen: Seen, limits: Sequence[Limit], deadline: float
    ) -> None:
        absent = [name for name in model.needed if name not in row]
        if absent:
            names = ", ".join(repr(name) for name in absent[:10])
            raise RowError(f"The row lacks the column{'s'[: len(absent) > 1]} {names}", remedy="Give it a value.")
        self._model, self._wanted, self._seen, self._deadline = model, wanted, seen, deadline
        self._row = {name: plain(row[name]) for name in model.needed}
        self._moves = Moves(seen, self._row, limits)
        self._values = {name: self._moves.values(name) for name in self._moves.columns}
        self._met: dict[Changes, _Try] = {}
        self._known: dict[Changes, _Try] = {}
        self.late = False

    @property
    def tried(self) -> int:
        """How many rows were scored."""
        return len(self._known)

    @property
    def free(self) -> int:
        """How many columns may take another value."""
        return sum(bool(values) for values in self._values.values())

    def judged(self, asked: Iterable[Changes]) -> list[_Try]:
        """What the model says about the row with each of these changes; without those there was no time for."""
        every = [tuple(sorted(changes, key=lambda change: change[0])) for changes in asked]
        new = [changes for changes in dict.fromkeys(every) if changes not in self._known]
        for start in range(0, len(new), BATCH):
            if self._known and time.monotonic() > self._deadline:
                self.late = True
                break
            part = new[start : start + BATCH]
            for changes, made in zip(part, self._scored(self.table(part)), strict=True):
                self._known[changes] = made = replace(made, changes=changes)
                if made.met and changes:
                    self._met[changes] = made
        return [self._known[changes] for changes in every if changes in self._known]

    def _scored(self, table: pd.DataFrame) -> list[_Try]:
        """By what decides alone; the flags that a whole answer has take half as long again."""
        scorer = self._model.scorer
        try:
            decided = scorer.decided(scorer.values(typed(scorer.prepared(table), scorer.fields)), table)
        except ScoringError as error:
            raise RowError(str(error), remedy="Choose another row.") from None
        gaps, met = judge(self._model, self._wanted, pd.DataFrame(decided))
        return [_Try(changes=(), gap=float(gaps[at]), met=bool(met[at])) for at in range(len(table))]

    def table(self, asked: Sequence[Changes]) -> pd.DataFrame:
        """The raw rows with these changes."""
        changed = [dict(changes) for changes in asked]
        return pd.DataFrame(
            {name: [one.get(name, value) for one in changed] for name, value in self._row.items()},
            columns=list(self._row),
        )

    def beam(self, most: int, count: int) -> None:
        """Change one column, then another beside it, as long as too few ways are found."""
        singles = self.judged([((name, value),) for name, values in self._values.items() for value in values])
        best = self._best(singles)
        states = self._states(singles)
        for _ in range(1, min(most, self.free)):
            if len({frozenset(dict(changes)) for changes in self._met}) >= 3 * count or self.late:
                return
            grown = [
                (*state.changes, change)
                for state in states
                for change in best
                if change[0] not in dict(state.changes) and not state.met
            ]
            states = self._states(self.judged(grown))

    def _best(self, singles: Sequence[_Try]) -> list[tuple[str, Any]]:
        """The values of each column that come nearest to what is wanted, the best columns first."""
        by_column: dict[str, list[_Try]] = {}
        for one in singles:
            by_column.setdefault(one.changes[0][0], []).append(one)
        ranked = [sorted(tries, key=lambda one: one.gap)[:BEST_VALUES] for tries in by_column.values()]
        ranked.sort(key=lambda tries: tries[0].gap)
        return [one.changes[0] for tries in ranked[:BEST_COLUMNS] for one in tries]

    def _states(self, tries: Sequence[_Try]) -> list[_Try]:
        """Where to go on: what comes nearest, and what comes near at the least cost; each set of columns once."""
        open_ones = [one for one in tries if not one.met]
        costs = self.costs([one.changes for one in open_ones])
        start = self._known[()].gap
        gain = [(start - one.gap) / (cost + 1e-9) for one, cost in zip(open_ones, costs, strict=True)]
        by_gap = sorted(range(len(open_ones)), key=lambda at: open_ones[at].gap)
        by_gain = sorted(range(len(open_ones)), key=lambda at: -gain[at])
        found: dict[frozenset[str], _Try] = {}
        for near, cheap in zip(by_gap, by_gain, strict=True):
            for at in (near, cheap):
                found.setdefault(frozenset(dict(open_ones[at].changes)), open_ones[at])
            if len(found) >= BEAM:
                break
        return list(found.values())

    def neighbours(self) -> None:
        """Take over the cells of the nearest seen rows that get the wanted answer, as far as the limits allow."""
        if self.late or not self.free:
            return
        rows = self._seen.table
        reach = self._seen.apart(self.table([()]))[0]
        nearest = np.argsort(reach, kind="stable")[:BATCH]
        only_policy = {name: value for name, value in self._row.items() if name not in rows.columns}
        met = [bool(one.met) for one in self._scored(rows.iloc[nearest].assign(**only_policy))]
        asked = []
        for at in [int(nearest[place]) for place in np.flatnonzero(met)[:NEIGHBOURS]]:
            cells = {name: self._moves.allowed(name, rows[name].iloc[at]) for name in self._values}
            asked.append(tuple((name, value) for name, value in cells.items() if value is not None))
        self.judged([changes for changes in asked if changes])

    def costs(self, asked: Sequence[Changes]) -> list[float]:
        """What each set of changes costs."""
        if not asked:
            return []
        gaps = self._seen.between(self.table([()]), self.table(asked)) * len(self._seen.columns)
        return [float(gap) + A_COLUMN * len(changes) for gap, changes in zip(gaps, asked, strict=True)]

    def answers(self, count: int) -> tuple[tuple[Counterfactual, ...], int]:
        """The cheapest plausible ways, each through other columns; and how many would do but are unlike anything."""
        ordered = list(self._met)
        costs = self.costs(ordered)
        ordered = [ordered[at] for at in np.argsort(costs, kind="stable")]
        finished: dict[Changes, None] = {}
        columns: set[frozenset[str]] = set()
        for changes in ordered:
            if len(columns) >= 3 * count:
                break
            if frozenset(dict(changes)) in columns:
                continue
            small = self._shrunk(self._pruned(changes))
            finished[small] = None
            columns |= {frozenset(dict(changes)), frozenset(dict(small))}
        every = list(finished)
        likeness = self._seen.likeness(self.table([(), *every]))
        plausible = [_as_plausible(one, likeness[0]) for one in likeness[1:]]
        kept = self._diverse([one for one, fits in zip(every, plausible, strict=True) if fits], count)
        by_changes = dict(zip(every, likeness[1:], strict=True))
        made = [self._made(changes, by_changes[changes]) for changes in kept]
        return tuple(one for one in made if one is not None), plausible.count(False)

    def _pruned(self, changes: Changes) -> Changes:
        """Without the changes that are not needed: as many at a time as the answer allows."""
        while len(changes) > 1:
            fewer = [tuple(change for change in changes if change != left) for left in changes]
            free = [left for left, one in zip(changes, self._each(fewer), strict=True) if one]
            if not free:
                break
            costs = dict(zip(free, self.costs([(one,) for one in free]), strict=True))
            free.sort(key=lambda change: -costs[change])
            cut = [tuple(one for one in changes if one not in free[:size]) for size in range(1, len(free) + 1)]
            still = [one for one, met in zip(cut, self._each(cut), strict=True) if met and one]
            if not still:
                break
            changes = still[-1]
        return changes

    def _shrunk(self, changes: Changes) -> Changes:
        """With each number moved back towards where it was, as far as the answer allows."""
        for _ in range(2):
            for name, value in changes:
                closer = self._moves.between(name, value, 8)
                asked = [tuple((n, near if n == name else v) for n, v in changes) for near in closer]
                still = [one for one, met in zip(asked, self._each(asked), strict=True) if met]
                changes = still[0] if still else changes
        return changes

    def _each(self, asked: Sequence[Changes]) -> list[bool]:
        """Whether each is known to get the wanted answer; False where there was no time."""
        self.judged([changes for changes in asked if changes])
        keys = [tuple(sorted(changes, key=lambda change: change[0])) for changes in asked]
        return [key in self._known and self._known[key].met for key in keys]

    def _diverse(self, every: Sequence[Changes], count: int) -> list[Changes]:
        """The cheapest, then the cheapest that does not just change more than one already taken."""
        costs = self.costs(every)
        taken: list[Changes] = []
        for at in np.argsort(costs, kind="stable"):
            columns = set(dict(every[at]))
            if len(taken) < count and not any(set(dict(one)) <= columns for one in taken):
                taken.append(every[at])
        return taken

    def _made(self, changes: Changes, likeness: Likeness) -> Counterfactual | None:
        """The answer after the model was asked once more about this row alone; None if it says otherwise then."""
        frame = self._model.scorer.frame(self.table([changes]))
        if not judge(self._model, self._wanted, frame)[1].all():
            return None
        return Counterfactual(
            changes=tuple(Change(column=name, before=self._row[name], after=value) for name, value in changes),
            row={**self._row, **dict(changes)},
            said={str(name): plain(value) for name, value in frame.iloc[0].items()},
            cost=self.costs([changes])[0],
            likeness=likeness,
        )


def _as_plausible(one: Likeness, before: Likeness) -> bool:
    """Like rows that were seen; at least no less so than the row it was made from."""
    new = {strange.column for strange in one.strange} - {strange.column for strange in before.strange}
    odd = set(one.pairs) - set(before.pairs)
    return not new and not odd and (one.distance <= one.limit or one.distance <= before.distance)
