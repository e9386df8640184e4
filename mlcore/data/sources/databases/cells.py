"""Values as database drivers give them, to columns of the few types a table is stored from.

The types are Null, Boolean, Int64, Float64, String, Datetime without zone, Datetime in UTC, and Binary (left out in
the end).
"""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

NAIVE = pl.Datetime("us")
ZONED = pl.Datetime("us", "UTC")
_WHOLE = 2**63
TEXT = pl.String()
_PLAIN = (bool, int, float, str, datetime.datetime)


def frame_of(rows: Sequence[Sequence[Any]], width: int) -> pl.DataFrame:
    """The rows as columns "0", "1", …, each of the narrowest type that holds all its values."""
    columns = zip(*rows, strict=True) if rows else [()] * width
    return pl.DataFrame([column_of(values).alias(str(place)) for place, values in enumerate(columns)])


def column_of(values: Sequence[Any]) -> pl.Series:
    """One column; classes that do not go together become text."""
    classes = {type(value) for value in values}
    classes.discard(type(None))
    if not classes:
        return pl.Series(values, dtype=pl.Null)
    if decimal.Decimal in classes:
        values = [_number(value) for value in values]
        classes = {type(value) for value in values if value is not None}
    kinds = {_kind_of(one) for one in classes}
    kind = kinds.pop() if len(kinds) == 1 else _together(kinds)
    if kind == pl.Int64 and any(isinstance(value, int) and abs(value) >= _WHOLE for value in values):
        kind = pl.String()
    elif kind == NAIVE and any(getattr(value, "tzinfo", None) is not None for value in values):
        kind = ZONED
    elif len(classes) == 1 and classes <= set(_PLAIN):
        return pl.Series(values, dtype=kind)
    return pl.Series([None if value is None else _MAKE[kind](value) for value in values], dtype=kind)


def wider(one: pl.DataType, other: pl.DataType) -> pl.DataType:
    """The narrowest type that holds the values of both."""
    if one == other or other == pl.Null:
        return one
    return other if one == pl.Null else _together({one, other})


def widened(name: str, kind: pl.DataType, target: pl.DataType) -> pl.Expr:
    """The column, which is of type `kind`, as `target`."""
    column = pl.col(name)
    if kind == target:
        return column
    if kind == NAIVE and target == ZONED:
        return column.dt.replace_time_zone("UTC")
    if kind == pl.Binary:
        return pl.lit(None, dtype=target)
    if kind == pl.Boolean and target == pl.String:
        return pl.when(column).then(pl.lit("True")).when(~column).then(pl.lit("False"))
    return column.cast(target)


def _together(kinds: set[pl.DataType]) -> pl.DataType:
    kinds = kinds - {pl.Binary()}  # bytes among other values are missing; only a column of nothing else is left out
    if len(kinds) == 1:
        return next(iter(kinds))
    if kinds <= {pl.Boolean(), pl.Int64()}:
        return pl.Int64()
    if kinds <= {pl.Boolean(), pl.Int64(), pl.Float64()}:
        return pl.Float64()
    return ZONED if kinds == {NAIVE, ZONED} else pl.String()


def _number(value: Any) -> Any:
    """A decimal as whole number when it was declared without a fraction, else as float."""
    if not isinstance(value, decimal.Decimal):
        return value
    whole = value.is_finite() and value.as_tuple().exponent == 0
    return int(value) if whole else float(value)


def _kind_of(one: type) -> pl.DataType:
    for group, kind in _KINDS:
        if issubclass(one, group):
            return kind
    return pl.String()


def _bytes(value: Any) -> bytes | None:
    return bytes(value) if isinstance(value, (bytes, bytearray, memoryview)) else None


def _moment(value: Any) -> datetime.datetime:
    if not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    return value if value.tzinfo is None else value.astimezone(datetime.UTC).replace(tzinfo=None)


def _utc(value: Any) -> datetime.datetime:
    return _moment(value).replace(tzinfo=datetime.UTC)


def _number_or_none(value: Any) -> float | None:
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return None if isinstance(value, (bytes, bytearray, memoryview)) else float(value)


def _text(value: Any) -> str | None:
    if isinstance(value, (bytes, bytearray, memoryview)):
        return None
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    return str(value).encode("utf-8", "replace").decode()


_KINDS: tuple[tuple[Any, pl.DataType], ...] = (
    (bool, pl.Boolean()),
    (int, pl.Int64()),
    ((float, datetime.timedelta), pl.Float64()),
    ((bytes, bytearray, memoryview), pl.Binary()),
    (datetime.date, NAIVE),  # a datetime is one, too
)

_MAKE: dict[pl.DataType, Callable[[Any], Any]] = {
    pl.Boolean(): bool,
    pl.Int64(): lambda value: None if _bytes(value) is not None else int(value),
    pl.Float64(): _number_or_none,
    pl.Binary(): _bytes,
    NAIVE: _moment,
    ZONED: _utc,
    pl.String(): _text,
}
