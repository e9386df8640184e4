"""How unlike anything seen a row is: its distance to the nearest rows that were seen, beside theirs to each other.

The distance of two rows is that of Gower (1971): a column of words counts 0 or 1, a number or a time its difference in
units of the middle nine tenths of the seen values, and all columns count alike. Free text is left out. A row is unlike
anything seen when it lies farther from its nearest rows than 99 of 100 seen rows do from theirs, or when two columns of
it hold what they never held together: a point apart from all others in the plane of two numbers that go together, or
two common words that never met.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact, percent
from mlcore.data.schema import Column, Schema
from mlcore.errors import RowError, TableError
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.model import Model
from mlcore.learning.scoring import ScoringError, cells_of, flags

NEAREST = 5
COMPARED = 2000
"""So many seen rows are enough to compare with."""

HELD_OUT = 400
"""Of so many the distance to the nearest others says what is usual."""

LIMIT = 0.99
FARTHEST = 3.0
PAIRS = 40
MOST_NUMBERS = 500  # of more, evenly spaced ones are looked at in pairs
TOGETHER = 0.5  # rank correlation from which two numbers go together
APART = 1.5  # times the farthest that a seen row lies from its nearest, in the plane of two numbers
LISTED = 1000  # a schema lists no more categories
MET = 10.0  # rows that would have both words by chance

Strangeness = Literal["unseen", "range", "missing", "unreadable"]


@dataclass(frozen=True, kw_only=True)
class Strange:
    """A column whose cell was never seen: a new word, out of range, empty, or not to be read."""

    column: str
    code: Strangeness
    said: str


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How a row lies among `n` seen ones.

    `distance` is its mean distance to the nearest of them (0: the same in every column), `usual` the median of theirs,
    `limit` what one in a hundred exceeds, `share` the share of them that lie at least as far off. `strange` are cells
    that were never seen, `pairs` columns whose cells were never seen together.
    """

    distance: float
    usual: float
    limit: float
    share: float
    n: int
    strange: tuple[Strange, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def unlike(self) -> bool:
        """Whether the combination is unlike anything seen."""
        return self.distance > self.limit or bool(self.pairs)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is unusual about the row, the most telling first; one sentence when nothing is."""
        said = [one.said for one in self.strange]
        said += [f"No row seen in training has {a} and {b} like this together." for a, b in self.pairs]
        if self.distance > self.limit:
            rarer = "None" if self.share == 0 else f"Only {percent(max(self.share, 0.001), 1)}"
            said.append(
                f"This combination is unlike anything seen: {rarer} of {self.n:,} training rows lie as far from "
                "their nearest others. Take the answer with care."
            )
        return tuple(said) or (f"Rows like this were seen: {percent(self.share)} of training rows lie as far apart.",)


class Seen:
    """Rows that were seen, as raw rows of the model, and the distances between them; made once, asked often.

    `positions` says where they lie in the table they come from. At most `COMPARED` of them are taken.
    """

    def __init__(self, model: Model, table: pd.DataFrame, *, positions: Integers | None = None, seed: int = 0) -> None:
        self.model = model
        self._fields = [field for field in model.scorer.inputs if field["kind"] != "text"]
        if len(table) < 2 or not self._fields:
            raise TableError("There are too few rows to compare with", remedy="Bring the table the model learned from.")
        chosen = np.sort(np.random.default_rng(seed).permutation(len(table))[:COMPARED])
        self.table = table.iloc[chosen].reset_index(drop=True)
        self.rows = [int(at) for at in (chosen if positions is None else positions[chosen])]
        self._seed = seed
        self._words: list[dict[Any, int]] = [{} for _ in self._fields]
        for field, words in zip(self._fields, self._words, strict=True):
            cells = cells_of(self.table[field["name"]], field)
            if cells.dtype == object:
                words.update({word: code for code, word in enumerate(pd.unique(cells)) if word is not None})
        self._cells = self._read(self.table)
        self._scales = [_scale(cells) if _is_number(cells) else 1.0 for cells in self._cells]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that distances count."""
        return tuple(str(field["name"]) for field in self._fields)

    def likeness(self, rows: pd.DataFrame) -> list[Likeness]:
        """Of each of these raw rows; `RowError` when a column is missing."""
        cells = self._read(rows)
        far, strange, pairs = self.far(rows), self._strange(rows), self._strangers(cells)
        known = np.sort(self._usual)
        share = 1.0 - np.searchsorted(known, far - 1e-12, side="left") / len(known)
        return [
            Likeness(
                distance=float(far[at]),
                usual=float(np.median(known)),
                limit=self.limit,
                share=float(share[at]),
                n=len(self.table),
                strange=strange[at],
                pairs=pairs[at],
            )
            for at in range(len(rows))
        ]

    def far(self, rows: pd.DataFrame) -> Floats:
        """The mean distance of each raw row to its nearest seen ones, (n,)."""
        return _nearest(self.apart(rows), min(NEAREST, len(self.table)))

    def apart(self, rows: pd.DataFrame) -> Floats:
        """The distance of each raw row to each seen one, (n, m)."""
        return self._apart(self._read(rows), self._cells)

    def between(self, row: pd.DataFrame, others: pd.DataFrame) -> Floats:
        """The distance of one raw row to each of the others, (n,)."""
        return np.asarray(self._apart(self._read(row), self._read(others))[0], dtype=np.float64)

    @cached_property
    def limit(self) -> float:
        """The distance that one seen row in a hundred exceeds."""
        return float(np.quantile(self._usual, LIMIT))

    @cached_property
    def _held(self) -> Integers:
        return np.random.default_rng(self._seed + 1).permutation(len(self.table))[:HELD_OUT].astype(np.int64)

    @cached_property
    def _usual(self) -> Floats:
        """The distances of seen rows to their nearest others."""
        gaps = self._apart([cells[self._held] for cells in self._cells], self._cells)
        gaps[np.arange(len(self._held)), self._held] = np.inf
        return _nearest(gaps, min(NEAREST, len(self.table) - 1))

    def typical(self) -> int:
        """The place in `table` of the row that lies nearest to all others (their medoid)."""
        return int(self._held[self._apart([cells[self._held] for cells in self._cells], self._cells).sum(1).argmin()])

    def _read(self, rows: pd.DataFrame) -> list[Any]:
        absent = [field["name"] for field in self._fields if field["name"] not in rows.columns]
        if absent:
            names = ", ".join(repr(name) for name in absent[:10])
            raise RowError(f"The row lacks the column{'s'[: len(absent) > 1]} {names}", remedy="Give it a value.")
        return [
            _coded(cells_of(rows[field["name"]], field), words)
            for field, words in zip(self._fields, self._words, strict=True)
        ]

    def _apart(self, ones: Sequence[Any], others: Sequence[Any]) -> Floats:
        total = np.zeros((len(ones[0]), len(others[0])))
        for one, other, scale in zip(ones, others, self._scales, strict=True):
            total += _gap(one, other, scale)
        return np.asarray(total / len(self._fields), dtype=np.float64)

    def _strange(self, rows: pd.DataFrame) -> list[tuple[Strange, ...]]:
        names, schema = set(self.columns), self.model.raw
        try:
            codes: list[str] = (
                flags(rows, self.model.scorer.fields) if self.model.scorer.recipe is None else [""] * len(rows)
            )
        except ScoringError as error:
            raise RowError(str(error), remedy="Give it a value.") from None
        by_field = [self._by_words(rows.iloc[at], schema) for at in range(len(rows))]
        return [
            tuple({**_by_flags(line.split(";"), rows.iloc[at], names, schema), **by_field[at]}.values())
            for at, line in enumerate(codes)
        ]

    def _by_words(self, row: pd.Series, schema: Schema) -> dict[str, Strange]:
        """Where a recipe stands between the raw row and the model's fields: by what the raw table held."""
        found: dict[str, Strange] = {}
        for field in self._fields if self.model.scorer.recipe is not None else ():
            name = str(field["name"])
            code = _raw_code(cells_of(pd.Series([row[name]]), field)[0], schema[name], str(field["kind"]))
            if code is not None:
                found[name] = _strange(schema[name], code, row[name])
        return found

    def _strangers(self, cells: Sequence[Any]) -> list[tuple[tuple[str, str], ...]]:
        """The pairs of columns of each row whose cells were never seen together."""
        found: list[list[tuple[str, str]]] = [[] for _ in range(len(cells[0]))]
        k = min(NEAREST, len(self.table) - 1)
        for (a, b), limit in self._planes.items():
            gaps = _gap(cells[a], self._cells[a], self._scales[a]) + _gap(cells[b], self._cells[b], self._scales[b])
            for place in np.flatnonzero(_nearest(gaps, k) > limit):
                found[int(place)].append((self.columns[a], self.columns[b]))
        for a, b in combinations(self._wordy, 2):
            for at in range(len(found)):
                if self._never_met(a, cells[a][at], b, cells[b][at]):
                    found[at].append((self.columns[a], self.columns[b]))
        return [tuple(pairs) for pairs in found]

    @cached_property
    def _wordy(self) -> list[int]:
        return [at for at, cells in enumerate(self._cells) if not _is_number(cells)][:PAIRS]

    def _never_met(self, a: int, one: Any, b: int, other: Any) -> bool:
        if one < 0 or other < 0:
            return False
        has_one, has_other = self._cells[a] == one, self._cells[b] == other
        return not (has_one & has_other).any() and has_one.sum() * has_other.sum() / len(has_one) >= MET

    @cached_property
    def _planes(self) -> dict[tuple[int, int], float]:
        """Pairs of numbers that go together, and how far from all others a row may lie in their plane."""
        numbers = [at for at, cells in enumerate(self._cells) if _is_number(cells)]
        numbers = numbers[:: -(-len(numbers) // MOST_NUMBERS) or 1]
        if len(numbers) < 2:
            return {}
        ranks = pd.DataFrame({at: self._cells[at] for at in numbers}).rank().corr().abs().to_numpy()
        every = combinations(range(len(numbers)), 2)
        pairs = [(float(ranks[a, b]), numbers[a], numbers[b]) for a, b in every if ranks[a, b] >= TOGETHER]
        found = {}
        for _, a, b in sorted(pairs, reverse=True)[:PAIRS]:
            gaps = np.zeros((len(self._held), len(self.table)))
            for at in (a, b):
                gaps += _gap(self._cells[at][self._held], self._cells[at], self._scales[at])
            gaps[np.arange(len(self._held)), self._held] = np.inf
            found[a, b] = APART * float(_nearest(gaps, min(NEAREST, len(self.table) - 1)).max())
        return found


def _raw_code(cell: Any, column: Column, kind: str) -> Strangeness | None:
    if kind == "number" and column.low is not None and column.high is not None:
        return "range" if cell < column.low or cell > column.high else None  # nan is neither
    listed = kind == "category" and cell is not None and 0 < len(column.categories) < LISTED
    return "unseen" if listed and cell not in column.categories else None


def _by_flags(codes: Sequence[str], row: pd.Series, names: set[str], schema: Schema) -> dict[str, Strange]:
    """By column what flags of scoring say about a row."""
    found: dict[str, Strange] = {}
    shown = {name.replace(";", ","): name for name in names}
    for code, _, told in (flag.partition(":") for flag in codes if flag):
        name = shown.get(told)
        if name is not None and code in get_args(Strangeness):
            found[name] = _strange(schema[name], code, row[name])  # type: ignore[arg-type]
    return found


def _strange(column: Column, code: Strangeness, value: Any) -> Strange:
    name = column.shown
    said: Mapping[str, str] = {
        "unseen": f"{name}: “{value}” was never seen in training.",
        "range": f"{name}: {value} lies outside what was seen in training{_range(column)}.",
        "missing": f"{name}: empty, which never happened in training.",
        "unreadable": f"{name}: “{value}” cannot be read, so it counts as empty.",
    }
    return Strange(column=column.name, code=code, said=said[code])


def _range(column: Column) -> str:
    if column.low is None or column.high is None or column.storage == "datetime":
        return ""
    return f" ({compact(column.low, 6)} to {compact(column.high, 6)})"


def _is_number(cells: Any) -> bool:
    return bool(cells.dtype.kind == "f")


def _coded(cells: Any, words: Mapping[Any, int]) -> Any:
    """Words as whole numbers, -1 for an empty cell and less for a word that was not seen; numbers as they are."""
    if cells.dtype != object:
        return np.asarray(cells, dtype=np.float64)
    unseen = {word: -2 - at for at, word in enumerate(pd.unique(cells)) if word not in words}
    return np.array([-1 if word is None else words.get(word, unseen.get(word)) for word in cells], dtype=np.int64)


def _scale(cells: Floats) -> float:
    known = cells[~np.isnan(cells)]
    if not len(known):
        return 1.0
    low, high = np.quantile(known, [0.05, 0.95])
    return float(high - low) or float(np.ptp(known)) or 1.0


def _gap(one: Any, other: Any, scale: float) -> Floats:
    """The distance in one column, (n, m): 0 where both are empty, 1 where one is."""
    if not _is_number(one):
        return np.asarray(one[:, None] != other[None, :], dtype=np.float64)
    gap = np.minimum(np.abs(one[:, None] - other[None, :]) / scale, FARTHEST)
    left, right = np.isnan(one)[:, None], np.isnan(other)[None, :]
    return np.asarray(np.where(left | right, left != right, gap), dtype=np.float64)


def _nearest(gaps: Floats, k: int) -> Floats:
    """The mean of the k smallest of each row."""
    return np.asarray(np.partition(gaps, k - 1, axis=1)[:, :k].mean(axis=1), dtype=np.float64)
