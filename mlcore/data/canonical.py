"""From columns of any type to the four storages of a table: float64, int64, text and UTC timestamps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl
import polars.selectors as cs

from mlcore.data.amounts import amount
from mlcore.data.choices import Choices
from mlcore.data.delimited import columns as text_columns
from mlcore.data.delimited import dates
from mlcore.data.delimited.numbers import EXACT
from mlcore.data.names import clean_names
from mlcore.errors import TableError


@dataclass(frozen=True, kw_only=True)
class Canonical:
    """The expressions that make the stored columns, already named, and sentences about what they change.

    `day_first` and `month_first` name the stored columns whose dates were written so.
    """

    expressions: tuple[pl.Expr, ...]
    notes: tuple[str, ...] = ()
    day_first: tuple[str, ...] = ()
    month_first: tuple[str, ...] = ()


def canonical(frame: pl.LazyFrame, labels: Sequence[str] | None = None, choices: Choices | None = None) -> Canonical:
    """How the columns of `frame`, named by `labels` (None: by themselves), are stored.

    Lists, structs and binary columns are left out, and named in a note.

    Declared types are trusted: text stays text, except dates written as text, which become dates.
    """
    schema = frame.collect_schema()
    nested = [name for name, kind in schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)]
    usable = [name for name in schema.names() if name not in nested]
    if not usable:
        raise TableError("The file has no columns a model could use", remedy="Bring columns of numbers, text or dates.")
    own = dict(zip(schema.names(), labels or schema.names(), strict=True))
    names, notes = clean_names(own[name] for name in usable)
    found = list(notes)
    if nested:
        shown = ", ".join(repr(own[name]) for name in nested)
        objects = any(isinstance(schema[name], pl.Struct) for name in nested)
        more = " Flatten nested columns to have the fields of objects as columns." if objects else ""
        found.append(f"Left out, as a cell must be a single value: {shown}.{more}")
    large, infinite = _too_large(frame, schema), _infinite(frame, schema)
    wanted = choices or Choices()
    texts = [n for n, stored in zip(usable, names, strict=True) if schema[n] == pl.String and stored not in wanted.text]
    dated = _dates(frame, texts, wanted.day_first)
    expressions: list[pl.Expr] = []
    orders: dict[str, bool | None] = {}
    for name, stored in zip(usable, names, strict=True):
        expression, note = _stored(name, schema[name], large.get(name, 0), infinite.get(name, 0))
        if name in dated and (form := dated[name].dates) is not None:
            expression, note = dates.parsed(name, form), dated[name].why or "dates written as text were read as dates."
            orders[stored] = form.day_first
        expressions.append(expression.alias(stored))
        if note:
            found.append(f"Column {stored!r}: {note}")
    return Canonical(
        expressions=tuple(expressions),
        notes=tuple(found),
        day_first=tuple(name for name, order in orders.items() if order is True),
        month_first=tuple(name for name, order in orders.items() if order is False),
    )


def _stored(name: str, kind: pl.DataType, too_large: int, infinite: int) -> tuple[pl.Expr, str]:
    column = pl.col(name)
    if kind.is_integer() or (isinstance(kind, pl.Decimal) and not kind.scale):
        if too_large:
            return column.cast(pl.String), "its numbers are too long to be stored exactly, so it was kept as text."
        return column.cast(pl.Int64), ""
    if kind.is_float() or kind.is_decimal():
        value = column.cast(pl.Float64)
        note = f"{amount(infinite, 'infinite value')} read as missing." if infinite else ""
        return pl.when(value.is_finite()).then(value), note
    return _other(column, kind)


def _other(column: pl.Expr, kind: pl.DataType) -> tuple[pl.Expr, str]:
    if kind == pl.Boolean:
        return pl.when(column).then(pl.lit("True")).when(~column).then(pl.lit("False")), ""
    if kind == pl.Date:
        return column.cast(pl.Datetime("us")), ""
    if isinstance(kind, pl.Datetime):
        if kind.time_zone is None:
            return column.cast(pl.Datetime("us")), ""
        moved = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
        return moved, f"times moved from {kind.time_zone} to UTC." if kind.time_zone != "UTC" else ""
    if kind == pl.Duration:
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6, "durations are stored in seconds."
    text = column.cast(pl.String)
    return pl.when(text.str.strip_chars().str.len_bytes() > 0).then(text), ""


def _too_large(frame: pl.LazyFrame, schema: pl.Schema) -> dict[str, int]:
    wide = (pl.Int64, pl.UInt64, pl.Int128, pl.UInt128)
    names = [name for name, kind in schema.items() if kind in wide or (isinstance(kind, pl.Decimal) and not kind.scale)]
    return _each(frame, names, lambda column: ((column > EXACT) | (column < -EXACT)).sum())


def _infinite(frame: pl.LazyFrame, schema: pl.Schema) -> dict[str, int]:
    names = [name for name, kind in schema.items() if kind.is_float()]
    return _each(frame, names, lambda column: column.is_infinite().sum())


def _each(frame: pl.LazyFrame, names: list[str], what: Callable[[pl.Expr], pl.Expr]) -> dict[str, int]:
    if not names:
        return {}
    row = frame.select(what(pl.col(name)).alias(name) for name in names).collect(engine="streaming").row(0, named=True)
    return {name: value or 0 for name, value in row.items()}


def _dates(frame: pl.LazyFrame, names: list[str], day_first: bool | None) -> dict[str, dates.Found]:
    """The text columns in which every cell is a date."""
    sample = text_columns.sample(frame.select(cs.by_name(names)), names) if names else {}
    likely = {name: values for name, values in sample.items() if text_columns.likeness(values) == "date"}
    found = dates.decide(frame, likely, day_first)
    return {name: form for name, form in found.items() if form.dates is not None}
