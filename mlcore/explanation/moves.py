"""What may be changed about a row: by column the values to try, taken from rows that were seen, within the limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlcore.errors import ColumnError, UserError
from mlcore.evaluation.predictions import Floats
from mlcore.explanation.likeness import Seen
from mlcore.learning.scoring import cells_of

Direction = Literal["either", "up", "down"]
VALUES = 20
WORDS = 25
DAY = 86_400.0
EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a person says about changing a column: not at all, one way only, by whole steps, within bounds.

    `step`, `low` and `high` count in the column's unit; for times the step is in days and the bounds are seconds since
    1970. None: no steps, and the bounds of the seen rows.
    """

    column: str
    fixed: bool = False
    direction: Direction = "either"
    step: float | None = None
    low: float | None = None
    high: float | None = None


class Moves:
    """For one row the values that each column may take. `UserError` when a limit cannot be meant."""

    def __init__(self, seen: Seen, row: Mapping[str, Any], limits: Sequence[Limit] = ()) -> None:
        self.row = row
        by_name = {limit.column: limit for limit in limits}
        known = tuple(str(field["name"]) for field in seen.model.scorer.wanted)
        for limit in limits:
            _check(limit, known)
        fields = [field for field in seen.model.scorer.inputs if field["name"] in seen.columns]
        self.columns = {
            str(field["name"]): _Column(seen, row, field, by_name.get(field["name"], Limit(column=field["name"])))
            for field in fields
            if not by_name.get(field["name"], Limit(column="")).fixed
        }

    def values(self, name: str) -> list[Any]:
        """Values to try in a column, without the present one, the nearest to it first."""
        return self.columns[name].values if name in self.columns else []

    def allowed(self, name: str, value: Any) -> Any:
        """The value as the limits have it (on a step, whole), or None when the column may not take it."""
        return self.columns[name].allowed(value) if name in self.columns else None

    def between(self, name: str, value: Any, parts: int) -> list[Any]:
        """Values on the way from the present one to this, the nearest to the present one first; none for words."""
        return self.columns[name].between(value, parts)


class _Column:
    def __init__(self, seen: Seen, row: Mapping[str, Any], field: Mapping[str, Any], limit: Limit) -> None:
        self._field, self._limit = field, limit
        self._raw = seen.table[field["name"]]
        self._cells = cells_of(self._raw, field)
        self._words = self._cells.dtype == object
        self._now = cells_of(pd.Series([row.get(str(field["name"]))]), field)[0]
        if self._words and (limit.direction != "either" or {limit.step, limit.low, limit.high} != {None}):
            raise UserError(
                f"Column {limit.column!r} holds words, which have no direction, step or bounds",
                remedy="Say whether it may change at all.",
            )
        if not self._words:
            self._measure()
        self.values = self._of_words() if self._words else self._of_numbers()

    def _measure(self) -> None:
        known = np.sort(np.unique(self._cells[~np.isnan(self._cells)]))
        self._known = known
        self._time = self._field["kind"] == "time"
        step = self._limit.step
        self._step = None if step is None else step * DAY if self._time else step
        self._low = self._limit.low if self._limit.low is not None else float(known[0]) if len(known) else np.nan
        self._high = self._limit.high if self._limit.high is not None else float(known[-1]) if len(known) else np.nan
        if self._time:
            self._unit = DAY if bool((known % DAY == 0).all()) else 1.0
        else:
            self._unit = 10.0 ** -_decimals(known)

    def _of_words(self) -> list[Any]:
        counts = pd.Series(self._cells).value_counts()
        first = pd.Series(np.arange(len(self._cells))).groupby(pd.Series(self._cells)).first()
        return [plain(self._raw.iloc[first[word]]) for word in counts.index[:WORDS] if word != self._now]

    def _of_numbers(self) -> list[Any]:
        if not len(self._known):
            return []
        if self._step is not None and not np.isnan(self._now):
            below = np.floor((self._now - self._low) / self._step)
            above = np.floor((self._high - self._now) / self._step)
            wide = max(1, int(np.ceil((below + above) / (2 * VALUES))))
            every = self._now + self._step * np.arange(-below, above + 1, wide)
        else:
            every = np.quantile(self._known, np.linspace(0, 1, VALUES + 1), method="nearest")
        return self._shown(np.unique(np.append(every, [self._low, self._high])))

    def between(self, value: Any, parts: int) -> list[Any]:
        if self._words or np.isnan(self._now):
            return []
        there = float(cells_of(pd.Series([value]), self._field)[0])
        return self._shown(np.linspace(self._now, there, parts + 1)[1:-1])

    def allowed(self, value: Any) -> Any:
        cell = cells_of(pd.Series([value]), self._field)[0]
        if self._words:
            return None if cell is None or cell == self._now else plain(value)
        shown = self._shown(np.array([cell])) if not np.isnan(cell) else []
        return shown[0] if shown else None

    def _shown(self, cells: Floats) -> list[Any]:
        """The cells on their step and in their bounds, without the present one, as values of the raw table."""
        cells = self._settled(cells)
        kept = cells[(cells >= self._low - 1e-12) & (cells <= self._high + 1e-12) & (cells != self._now)]
        if not np.isnan(self._now) and self._limit.direction != "either":
            kept = kept[kept > self._now] if self._limit.direction == "up" else kept[kept < self._now]
        if not np.isnan(self._now):
            kept = kept[np.argsort(np.abs(kept - self._now), kind="stable")]
        return list(dict.fromkeys(self._value(float(cell)) for cell in kept))

    def _settled(self, cells: Floats) -> Floats:
        if self._step is not None and not np.isnan(self._now):
            return np.asarray(self._now + np.round((cells - self._now) / self._step) * self._step)
        whole = np.round(cells / self._unit) * self._unit
        nearest = self._known[np.abs(self._known[None, :] - cells[:, None]).argmin(axis=1)]
        return np.where(np.isclose(whole, nearest, rtol=1e-12, atol=0), nearest, whole)

    def _value(self, cell: float) -> Any:
        if self._time:
            return str(EPOCH + pd.Timedelta(seconds=cell)).removesuffix(" 00:00:00")
        number = float(f"{cell:.12g}")
        return int(number) if self._unit == 1.0 and number.is_integer() else number


def plain(value: Any) -> Any:
    """A cell as JSON has it: None for empty, times as text, numbers as Python's own."""
    if value is None or (not isinstance(value, (list, dict)) and pd.isna(value)):
        return None
    if isinstance(value, (pd.Timestamp, np.datetime64)):
        return str(pd.Timestamp(value)).removesuffix(" 00:00:00")
    return value.item() if hasattr(value, "item") else value


def _check(limit: Limit, known: Sequence[str]) -> None:
    if limit.column not in known:
        raise ColumnError(limit.column, known)
    if limit.direction not in ("either", "up", "down"):
        raise UserError(f"A column cannot change {limit.direction!r}", remedy="Say either, up or down.")
    numbers = [value for value in (limit.step, limit.low, limit.high) if value is not None]
    if any(not np.isfinite(value) for value in numbers) or (limit.step is not None and limit.step <= 0):
        raise UserError(
            f"The step or bounds of {limit.column!r} cannot be meant", remedy="Give numbers; a step above 0."
        )
    if limit.low is not None and limit.high is not None and limit.low > limit.high:
        raise UserError(f"The bounds of {limit.column!r} are the wrong way round", remedy="Give the lower one first.")


def _decimals(known: Floats) -> int:
    """With how many digits after the point the numbers are written, at most six."""
    for digits in range(6):
        if np.allclose(known, np.round(known, digits), rtol=0, atol=10.0 ** -(digits + 6)):
            return digits
    return 6
