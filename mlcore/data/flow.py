"""Parts of a table flowing through the steps of a recipe, with a count of what each step does to them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data import outline, replay
from mlcore.data.recipe import Step
from mlcore.errors import TableError

Part = tuple[pd.DataFrame, Any]
"""Some rows, and where they are in the raw table (-1: appended)."""

EXAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a step did. `before` and `after` count rows.

    `changed` counts cells of columns that were there and now hold something else (of a step that learns: cells that
    the model will see changed, where that can be known), `lost` those that held something and are missing now
    because they could not be read. `matched` and `unmatched` count rows of a join, with examples of their keys;
    `repeated` rows of the other dataset whose key came before. `learned`: done inside each fold, not to this table.
    """

    step: str
    repair: str
    before: int = 0
    after: int = 0
    changed: int = 0
    lost: int = 0
    matched: int = 0
    unmatched: int = 0
    repeated: int = 0
    matched_keys: tuple[str, ...] = ()
    unmatched_keys: tuple[str, ...] = ()
    learned: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Taken:
    """What a join takes from another dataset: a `frame` for a lookup, and how many rows repeated a key."""

    frame: pd.DataFrame
    repeated: int


@dataclass
class _Tally:
    before: int = 0
    after: int = 0
    changed: int = 0
    lost: int = 0
    matched: int = 0
    keys: dict[bool, dict[str, None]] = field(default_factory=lambda: {True: {}, False: {}})


class Flow:
    """Steps that parts of a table run through. `watched`: the step whose first rows are kept in `before` and `gone`."""

    def __init__(
        self,
        steps: Sequence[Step],
        lookups: Mapping[str, Taken],
        appended: Mapping[str, Iterator[pd.DataFrame]],
        folder: Path,
        *,
        watched: str = "",
    ) -> None:
        self._steps = steps
        self._taken = lookups
        self._lookups = {key: replay.Lookup(taken.frame) for key, taken in lookups.items()}
        self._appended = appended
        self._folder = folder
        self._watched = watched
        self._tallies = {step.id: _Tally() for step in steps}
        self.before: pd.DataFrame | None = None
        self.gone: tuple[bool, ...] = ()

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What each step has done so far."""
        return tuple(self._account(step) for step in self._steps)

    def run(self, parts: Iterator[Part]) -> Iterator[Part]:
        """The parts after every step."""
        for step in self._steps:
            parts = self._through(step, parts)
        return parts

    def _through(self, step: Step, parts: Iterator[Part]) -> Iterator[Part]:
        if step.repair == "deduplicate":
            return self._distinct(step, parts)
        if step.repair == "append":
            return self._below(step, parts)
        return self._one_by_one(step, parts)

    def _one_by_one(self, step: Step, parts: Iterator[Part]) -> Iterator[Part]:
        ready = outline.plain(step)
        for frame, rows in parts:
            try:
                after = replay.done(frame, ready, self._lookups)
                gone = replay.left_out(after, ready, self._lookups)
            except replay.ReplayError as error:
                raise TableError(
                    f"A step cannot be done: {error}", where=f"step {step.id}", remedy="Change it."
                ) from error
            self._count(step, frame, after, gone)
            yield (after[~gone].reset_index(drop=True), rows[~gone]) if gone.any() else (after, rows)

    def _distinct(self, step: Step, parts: Iterator[Part]) -> Iterator[Part]:
        """Two passes: which rows repeat is known only when all were seen, so they wait in a file."""
        ready = outline.plain(step)
        with tempfile.TemporaryDirectory(prefix=".waiting-", dir=_made(self._folder)) as name:
            hashed: list[Any] = [np.empty(0, dtype=np.uint64)]
            waiting = []
            for number, (frame, rows) in enumerate(parts):
                path = Path(name) / f"{number}.parquet"
                frame.to_parquet(path, index=False)
                hashed.append(replay.hashes(frame, ready["params"]["columns"]))
                waiting.append((path, rows, {str(key): replay.storage_of(frame[key]) for key in frame.columns}))
            gone = replay.repeated(np.concatenate(hashed), last=ready["params"]["keep"] == "last")
            start = 0
            for path, rows, storages in waiting:
                frame = replay.typed(pd.read_parquet(path), storages)
                out = gone[start : start + len(rows)]
                start += len(rows)
                self._count(step, frame, frame, out)
                yield frame[~out].reset_index(drop=True), rows[~out]

    def _below(self, step: Step, parts: Iterator[Part]) -> Iterator[Part]:
        tally = self._tallies[step.id]
        for frame, rows in parts:
            self._count(step, frame, frame, np.zeros(len(frame), dtype=bool))
            yield frame, rows
        for frame in self._appended[step.id]:
            tally.after += len(frame)
            yield frame, np.full(len(frame), -1)

    def _count(self, step: Step, before: pd.DataFrame, after: pd.DataFrame, gone: Any) -> None:
        if step.id == self._watched and (self.before is None or not len(self.before)):
            self.before, self.gone = before.head(1_000), tuple(gone[:1_000])
        tally = self._tallies[step.id]
        tally.before += len(before)
        tally.after += len(before) - int(gone.sum())
        if step.repair == "join":
            self._match(step, after, tally)
        for name in step.params.get("columns") or ():
            if name in before.columns and name in after.columns and step.repair not in ("deduplicate", "combine"):
                changed, lost = _compared(before[name], after[name], fills=step.repair == "fill" and _learns(step))
                tally.changed += changed
                tally.lost += lost if step.repair in ("change_kind", "parse_date") else 0

    def _match(self, step: Step, after: pd.DataFrame, tally: _Tally) -> None:
        keys = [after[ours] for ours, _ in step.params["keys"]]
        found = self._lookups[step.id].places(keys) >= 0
        tally.matched += int(found.sum())
        for matched in (True, False):
            room = EXAMPLES - len(tally.keys[matched])
            words = replay.joined_keys([key[found == matched].head(200) for key in keys]) if room > 0 else ()
            for word in dict.fromkeys(words):
                if len(tally.keys[matched]) < EXAMPLES:
                    tally.keys[matched][word.replace(replay.BETWEEN, " · ") or "(empty)"] = None

    def _account(self, step: Step) -> Account:
        tally = self._tallies[step.id]
        joins = step.repair == "join"
        return Account(
            step=step.id,
            repair=step.repair,
            before=tally.before,
            after=tally.after,
            changed=tally.changed,
            lost=tally.lost,
            matched=tally.matched,
            unmatched=tally.before - tally.matched if joins else 0,
            repeated=self._taken[step.id].repeated if joins else 0,
            matched_keys=tuple(tally.keys[True]),
            unmatched_keys=tuple(tally.keys[False]),
            learned=_learns(step),
        )


def _learns(step: Step) -> bool:
    return replay.learns(outline.plain(step))


def _compared(before: pd.Series, after: pd.Series, *, fills: bool) -> tuple[int, int]:
    """Cells that hold something else now, and cells that held something and hold nothing now."""
    empty = before.isna().to_numpy()
    if fills:
        return int(empty.sum()), 0
    gone = after.isna().to_numpy()
    if replay.storage_of(before) == replay.storage_of(after) and before.dtype == after.dtype:
        differs = ~(before == after).fillna(False).to_numpy(dtype=bool)
        changed = differs & ~(empty & gone)
    elif {replay.storage_of(before), replay.storage_of(after)} <= {"float", "integer"}:
        one, two = before.to_numpy(np.float64, na_value=np.nan), after.to_numpy(np.float64, na_value=np.nan)
        changed = (one != two) & ~(empty & gone)
    else:
        changed = ~empty
    return int(changed.sum()), int((gone & ~empty).sum())


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
