"""The best action for each of many rows: the least change within the limits after which the model says what is wanted.

A search for each row (see `counterfactuals`), the cheapest way of each. One set of limits holds for all rows. Like
every counterfactual it tells what would be predicted, never what would happen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd

from mlcore.errors import RowError, TableError
from mlcore.explanation.answers import Change, Found, Wanted, check
from mlcore.explanation.counterfactuals import counterfactuals
from mlcore.explanation.likeness import Seen
from mlcore.explanation.moves import Limit, plain
from mlcore.learning.model import Model
from mlcore.learning.scoring import ScoringError

MOST_ROWS = 200
WAYS = 2  # looked for at each row: the first that is found is not always the cheapest
LEAST_SECONDS = 0.5
_OTHERS = ("prediction", "flags", "low", "high")

State = Literal["already", "found", "none", "late"]


@dataclass(frozen=True, kw_only=True)
class Action:
    """What to change about one row: `at` is its place among the rows that were asked about, from 0.

    `already`: nothing has to change. `none`: no way was found within the limits; `late`: its time was up before all was
    tried. `before` and `after` are what the model says, as `predict` writes it without probabilities of other answers.
    `cost` is that of `Counterfactual`. `said` is a sentence on the search or on how like seen rows the changed one is.
    """

    at: int
    state: State
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    changes: tuple[Change, ...] = ()
    cost: float = 0.0
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Actions:
    """The best action for each row so far; `rows` were asked about, of `brought`. `progress` is 1 when all were tried.

    `numbers` are those by which people know the rows: in their table or in their file.
    """

    wanted: Wanted
    limits: tuple[Limit, ...]
    rows: int
    brought: int
    numbers: tuple[int, ...] = ()
    actions: tuple[Action, ...] = ()
    progress: float = 0.0
    seconds: float = 0.0


def best_actions(
    model: Model,
    table: pd.DataFrame,
    wanted: Wanted,
    seen: Seen,
    *,
    limits: Sequence[Limit] = (),
    seconds: float = 600.0,
    brought: int | None = None,
) -> Iterator[Actions]:
    """The best action for each of the raw rows of `table`, `MOST_ROWS` at most, in about `seconds`: after every row.

    `brought` is how many rows there were. `UserError` when what is wanted or a limit cannot be meant, or a column is
    missing; no row is left out.
    """
    check(wanted, model)
    if not len(table):
        raise TableError("There are no rows to look at", remedy="Choose at least one.")
    rows, start = table.head(MOST_ROWS), time.monotonic()
    said = _said(model, rows)
    made = Actions(wanted=wanted, limits=tuple(limits), rows=len(rows), brought=brought or len(table))
    for at in range(len(rows)):
        left = (seconds - (time.monotonic() - start)) / (len(rows) - at)
        row = {name: plain(rows[name].iloc[at]) for name in model.needed}
        found = counterfactuals(model, row, wanted, seen, limits=limits, count=WAYS, seconds=max(LEAST_SECONDS, left))
        done = (*made.actions, _action(at, said[at], found, wanted))
        made = replace(made, actions=done, progress=len(done) / len(rows), seconds=time.monotonic() - start)
        yield made


def _said(model: Model, rows: pd.DataFrame) -> list[dict[str, Any]]:
    absent = [name for name in model.needed if name not in rows.columns]
    if absent:
        names = ", ".join(repr(name) for name in absent[:10])
        raise RowError(f"The rows lack the column{'s'[: len(absent) > 1]} {names}", remedy="Add it, or choose others.")
    try:
        frame = model.scorer.frame(rows)
    except ScoringError as error:
        raise RowError(str(error), remedy="Choose other rows.") from None
    return [{str(name): plain(value) for name, value in line.items()} for line in frame.to_dict("records")]


def _action(at: int, before: Mapping[str, Any], found: Found, wanted: Wanted) -> Action:
    told = _short(before, wanted)
    if found.already:
        return Action(at=at, state="already", before=told, after=told)
    if not found.answers:
        return Action(at=at, state="late" if found.late else "none", before=told, after=told, said=found.sentence)
    best = min(found.answers, key=lambda one: one.cost)
    return Action(
        at=at,
        state="found",
        before=told,
        after=_short(best.said, wanted),
        changes=best.changes,
        cost=best.cost,
        said=best.likeness.sentences[0],
    )


def _short(said: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    """The answer with its probability, and that of what is wanted."""
    labels = dict.fromkeys((said["prediction"], wanted.label))
    kept = (*_OTHERS, *(f"probability_{label}" for label in labels))
    return {name: said[name] for name in kept if name in said}
