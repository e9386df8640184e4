"""What each column is, guessed from name and values with a reason and a confidence, for a person to confirm."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from mlcore.data.amounts import percent
from mlcore.data.distinct import distinct as different
from mlcore.data.schema import Column, Kind, Schema, Storage

MOST_CATEGORIES = 1000
_FIRST_ROWS = 1000
_FIRST_VALUES = 20_000
_MANY = 50
_BYTES_AT_ONCE = 32 * 1024 * 1024
"""Memory for the values of the columns of one part, if it can be kept: one column is the least."""

_MOST_BYTES = 192 * 1024 * 1024
"""A column up to which two parts are looked at in the same moment."""

_PAIRS = (
    ("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("on", "off"), ("1", "0"), ("ja", "nein"),
    ("oui", "non"), ("si", "no"), ("sí", "no"), ("sim", "não"), ("present", "absent"), ("pass", "fail"),
)  # fmt: skip
_SCALES = (
    ("very low", "low", "medium", "high", "very high"),
    ("low", "moderate", "high", "very high"),
    ("small", "medium", "large", "extra large"),
    ("xs", "s", "m", "l", "xl", "xxl"),
    ("poor", "fair", "average", "good", "very good", "excellent"),
    ("bad", "poor", "fair", "good", "excellent"),
    ("po", "fa", "ta", "gd", "ex"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("bronze", "silver", "gold", "platinum"),
    ("low", "normal", "high"),
    ("beginner", "intermediate", "advanced", "expert"),
    ("first", "second", "third"),
)
_IDENTIFIER = re.compile(
    r"(^|[_\W])(id|ids|uid|uuid|guid|key|index|idx|number|no|nr|ref|reference|account|sku)$|^(unnamed|row)\b|Id$|ID$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(^|[_\W])(zip|zipcode|postcode|postal|plz|phone|telephone|fips|code|area_?code)($|[_\W])", re.IGNORECASE
)
_CALENDAR = re.compile(
    r"(^|[_\W])(years?|yr|yyyy|jahr|année|annee|año|ano|anno|jaar|rok)($|[_\W])|Year$", re.IGNORECASE
)
_YEARS = (1000, 2200)
_UNIQUE = 0.95
"""Share of different values from which a column can be an identifier."""


@dataclass(frozen=True, kw_only=True)
class _Facts:
    """What the values of one column are like; `present` counts those that are not missing."""

    name: str
    storage: Storage
    rows: int
    present: int
    distinct: int
    low: float | None
    high: float | None
    example: str
    top: tuple[str, ...]
    length: float = 0.0
    words: float = 0.0
    running: bool = False

    @property
    def unique(self) -> float:
        return self.distinct / self.present if self.present else 0.0


@dataclass(frozen=True, kw_only=True)
class _Guess:
    kind: Kind
    reason: str
    confidence: float


def guess_schema(table: Path | pl.DataFrame) -> Schema:
    """The schema of a canonical table, looked at in full, a few columns at a time."""
    if isinstance(table, pl.DataFrame):
        return Schema(columns=tuple(_column(table[name]) for name in table.columns))
    frame = pl.scan_parquet(table, glob=False)
    names, rows = frame.collect_schema().names(), int(frame.select(pl.len()).collect().item())
    start = frame.head(_FIRST_ROWS).collect()
    size = start.estimated_size() / max(1, start.height) * rows
    width = max(1, int(len(names) * _BYTES_AT_ONCE / max(size, 1)))
    parts = [names[start : start + width] for start in range(0, len(names), width)]
    with ThreadPoolExecutor(2 if size < len(names) * _MOST_BYTES else 1) as pool:
        found = pool.map(lambda part: _columns(frame.select(part).collect()), parts)
        return Schema(columns=tuple(column for columns in found for column in columns))


def chosen_kind(schema: Schema, name: str, kind: Kind, table: Path) -> Schema:
    """The schema after a person said what `name` is, with the categories that kind needs."""
    column = _column(pl.read_parquet(table, columns=[schema[name].name])[name], kind)
    return schema.with_column(replace(column, day_first=schema[name].day_first))


def storage_of(column: pl.Series) -> Storage:
    """How a canonical column is stored."""
    if column.dtype.is_float():
        return "float"
    if column.dtype.is_integer():
        return "integer"
    return "datetime" if isinstance(column.dtype, pl.Datetime) else "text"


def _columns(table: pl.DataFrame) -> list[Column]:
    known = _of_fractions(table)
    return [_described(table[name], known[name]) if name in known else _column(table[name]) for name in table.columns]


def _of_fractions(table: pl.DataFrame) -> dict[str, _Facts]:
    """The facts of columns of fractions, where there are many of them: one by one takes five times as long."""
    names = [name for name, kind in table.schema.items() if kind == pl.Float64]
    if len(names) < _MANY or not table.height:
        return {}
    cells = np.ascontiguousarray(table.select(names).to_numpy().T)
    filled = ~np.isnan(cells)
    present, first = filled.sum(axis=1), filled.argmax(axis=1)
    gaps = np.array(table.select(names).null_count().row(0))
    ordered = np.sort(cells, axis=1)  # what is missing comes last
    levels = 1 + ((ordered[:, 1:] != ordered[:, :-1]) & ~np.isnan(ordered[:, 1:])).sum(axis=1)
    return {
        names[row]: _Facts(
            name=names[row],
            storage="float",
            rows=table.height,
            present=int(present[row]),
            distinct=int(levels[row]),
            low=float(ordered[row, 0]),
            high=float(ordered[row, present[row] - 1]),
            example=str(float(cells[row, first[row]]))[:80],
            top=(),
        )
        for row in range(len(names))
        if present[row] and present[row] + gaps[row] == table.height
    }


def _column(values: pl.Series, chosen: Kind | None = None) -> Column:
    return _described(values, _facts(values), chosen)


def _described(values: pl.Series, facts: _Facts, chosen: Kind | None = None) -> Column:
    guess = _Guess(kind=chosen, reason="chosen by you", confidence=1.0) if chosen else _guess(facts)
    listed = guess.kind in ("boolean", "categorical", "ordinal")
    return Column(
        name=facts.name,
        kind=guess.kind,
        storage=facts.storage,
        reason=guess.reason,
        confidence=guess.confidence,
        missing=1 - facts.present / facts.rows if facts.rows else 0.0,
        distinct=facts.distinct,
        categories=(facts.top or _frequent(values.drop_nulls())) if listed else (),
        low=facts.low,
        high=facts.high,
        example=facts.example,
    )


def _facts(values: pl.Series) -> _Facts:
    storage, present = storage_of(values), values.drop_nulls()
    text = storage == "text"
    first = present.head(_FIRST_VALUES).cast(pl.String) if text else None
    few = first is not None and first.n_unique() <= MOST_CATEGORIES
    running = storage == "integer" and len(present) == len(values) and _is_running(present)
    distinct, top = _levels(present) if few else (len(values) if running else _distinct(present), ())
    return _Facts(
        name=values.name,
        storage=storage,
        rows=len(values),
        present=len(present),
        distinct=distinct,
        low=None if text or not len(present) else _number(present.min()),
        high=None if text or not len(present) else _number(present.max()),
        example=str(present[0])[:80] if len(present) else "",
        top=top,
        length=_mean(first.str.len_chars()) if first is not None else 0.0,
        words=_mean(first.str.count_matches(r"\S+")) if first is not None else 0.0,
        running=running,
    )


def _levels(present: pl.Series) -> tuple[int, tuple[str, ...]]:
    """How many different values there are, and the most frequent of them as text, most frequent first."""
    counts = present.rename("value").to_frame().lazy().group_by("value").len("count").collect(engine="streaming")
    top = counts.top_k(MOST_CATEGORIES, by=["count", "value"], reverse=[False, True])
    found = top.sort(["count", "value"], descending=[True, False])["value"].cast(pl.String)
    return counts.height, tuple(found)


def _distinct(present: pl.Series) -> int:
    """How many different values there are. Texts are told apart by 64 bits: of ten million, all, but once in 400,000.

    Ticking off or sorting numbers takes a fifth of the time that counting them by value does.
    """
    return different(_comparable(present).to_numpy())


def _frequent(present: pl.Series) -> tuple[str, ...]:
    """The most frequent values as `_levels` has them; only those frequent enough are compared as what they are."""
    values = _comparable(present)
    ordered = np.sort(values.to_numpy())
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    counts = np.diff(starts, append=len(ordered))
    if len(counts) <= MOST_CATEGORIES:
        return _levels(present)[1]
    least = np.partition(counts, -MOST_CATEGORIES)[-MOST_CATEGORIES]
    often = pl.Series(ordered[starts[counts >= least]])
    return _levels(present.filter(values.is_in(often.implode())))[1]


def _comparable(present: pl.Series) -> pl.Series:
    return present.hash() if present.dtype == pl.String else present.to_physical()


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return float(value)
    moment = pl.Series([value]).cast(pl.Datetime("us"))
    return float(moment.dt.epoch("us")[0]) / 1e6


def _mean(values: pl.Series) -> float:
    mean = values.mean()
    return float(mean) if isinstance(mean, (int, float)) else 0.0


def _is_running(present: pl.Series) -> bool:
    if len(present) < 2 or abs(int(present[-1]) - int(present[0])) != len(present) - 1:
        return False
    steps = present.diff().drop_nulls()
    return bool((steps == steps[0]).all()) and abs(int(steps[0])) == 1


def _guess(facts: _Facts) -> _Guess:
    if facts.present == 0:
        return _Guess(kind="constant", reason="every value is missing", confidence=1.0)
    if facts.distinct == 1:
        return _Guess(kind="constant", reason=f"the only value is {facts.example!r}", confidence=1.0)
    if facts.storage == "datetime":
        return _Guess(kind="datetime", reason="every value is a date", confidence=1.0)
    if facts.storage == "float":
        return _Guess(kind="numeric", reason="numbers with a decimal mark", confidence=0.98)
    return _guess_integer(facts) if facts.storage == "integer" else _guess_text(facts)


def _guess_integer(facts: _Facts) -> _Guess:
    named = _IDENTIFIER.search(facts.name) is not None
    if facts.distinct == 2 and (facts.low, facts.high) == (0, 1):
        return _Guess(kind="boolean", reason="only 0 and 1", confidence=0.98)
    if facts.running and facts.rows >= 20 and not _is_years(facts):
        return _Guess(kind="identifier", reason="counts the rows: each number follows the one before", confidence=0.95)
    if named and facts.unique >= _UNIQUE and facts.present >= 20:
        return _Guess(kind="identifier", reason="named as an identifier, nearly every value differs", confidence=0.9)
    if _CODE.search(facts.name) and facts.distinct <= max(MOST_CATEGORIES, facts.present * 0.5):
        return _Guess(kind="categorical", reason="named as a code: its numbers do not measure anything", confidence=0.8)
    sure = 0.75 if facts.distinct <= 5 or (facts.unique >= _UNIQUE and facts.present >= 100) else 0.95
    return _Guess(kind="integer", reason="whole numbers", confidence=sure)


def _is_years(facts: _Facts) -> bool:
    """Whether the numbers count years, one a row: they describe the row, as its time."""
    within = facts.low is not None and facts.high is not None and _YEARS[0] <= facts.low <= facts.high <= _YEARS[1]
    return within and _CALENDAR.search(facts.name) is not None


def _guess_text(facts: _Facts) -> _Guess:
    words = {word.strip().lower() for word in facts.top[:40]}
    if facts.distinct == 2 and any(words == set(pair) for pair in _PAIRS):
        return _Guess(kind="boolean", reason="only " + " and ".join(facts.top), confidence=0.97)
    if 3 <= len(words) == facts.distinct and any(words <= set(scale) for scale in _SCALES):
        return _Guess(kind="ordinal", reason="the values are steps of a scale", confidence=0.8)
    if facts.unique >= _UNIQUE and facts.present >= 20:
        return _guess_unique(facts)
    if facts.words >= 5 and facts.distinct > 50 and facts.unique > 0.3:
        return _Guess(kind="text", reason=f"{facts.words:.0f} words on average, seldom the same", confidence=0.85)
    if _IDENTIFIER.search(facts.name) and facts.unique > 0.8 and facts.present >= 20:
        return _Guess(kind="identifier", reason="named as an identifier, and most values differ", confidence=0.75)
    sure = 0.97 if facts.distinct <= 50 else 0.85 if facts.unique < 0.5 else 0.6
    return _Guess(kind="categorical", reason=f"{facts.distinct:,} different values", confidence=sure)


def _guess_unique(facts: _Facts) -> _Guess:
    if facts.words >= 3 or facts.length > 40:
        return _Guess(kind="text", reason="sentences, nearly every one different", confidence=0.85)
    named = _IDENTIFIER.search(facts.name) is not None
    reason = f"{percent(facts.unique)} of the values are different"
    return _Guess(kind="identifier", reason=reason, confidence=0.95 if named else 0.8)
