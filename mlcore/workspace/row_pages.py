"""Rows beside what a model said of them, a page at a time: filtered and sorted without holding the whole table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl
from polars import selectors

from mlcore.errors import ColumnError
from mlcore.workspace.erring import Rows

Kind = Literal["all", "wrong", "right", "false alarms", "misses", "too little", "too much", "outside"]
OWN = ("row", "truth", "said", "probability", "error", "low", "high")
"""What lies beside the columns of the table; `row` counts from 0."""

_MARK = "\x00row"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which rows, and in what order.

    `threshold` is the probability from which a yes-or-no model says yes. `column` is one of the table: `values` are the
    words wanted, `low` and `high` the ends (both inside; dates for a time), `empty` only rows without a value.
    `by` is one of `OWN` or a column of the table; errors of numbers are sorted by their size.
    """

    kind: Kind = "all"
    threshold: float = 0.5
    truth: str | None = None
    said: str | None = None
    column: str | None = None
    values: tuple[str, ...] = ()
    low: float | date | None = None
    high: float | date | None = None
    empty: bool = False
    by: str = "error"
    falling: bool = True


def kinds(rows: Rows) -> tuple[Kind, ...]:
    """The kinds of rows that can be asked for."""
    if rows.task == "binary":
        return ("all", "wrong", "false alarms", "misses", "right")
    return ("all", "wrong", "right") if rows.task == "multiclass" else ("all", "too little", "too much", "outside")


def found(rows: Rows, wish: Wish) -> pl.DataFrame:
    """All rows that are wished for, in their order, with `OWN` only. `ColumnError` when a column is not there."""
    needed = [name for name in (wish.column, wish.by) if name is not None and name not in OWN]
    for name in needed:
        if name not in rows.columns:
            raise ColumnError(name, rows.columns)
    lines = _answered(rows, pl.scan_parquet(rows.beside, glob=False), wish)
    if needed:
        named = {name: f"{_MARK}{place}" for place, name in enumerate(dict.fromkeys(needed))}
        table = pl.scan_parquet(rows.table, glob=False).select([_named(name).alias(as_) for name, as_ in named.items()])
        beside = table.with_row_index(_MARK).with_columns(pl.col(_MARK).cast(pl.Int64))
        lines = lines.join(beside, left_on="row", right_on=_MARK, how="left")
        if wish.column is not None:
            kind = lines.collect_schema()[named[wish.column]]
            lines = lines.filter(_inside(pl.col(named[wish.column]), kind, wish))
        by = pl.col(named[wish.by]) if wish.by in named else _order(rows, wish.by)
    else:
        by = _order(rows, wish.by)
    lines = lines.filter(_kind(rows, wish)).sort(by, descending=wish.falling, nulls_last=True, maintain_order=True)
    return lines.select([name for name in OWN if name in lines.collect_schema().names()]).collect()


def fitting(rows: Rows, wish: Wish) -> Sequence[int]:
    """The positions of all rows of the table whose column holds what is wished for; of all rows without a condition."""
    if wish.column is None:
        return range(rows.n)
    table = pl.scan_parquet(rows.table, glob=False).select(_named(wish.column).alias("x"))
    inside = _inside(pl.col("x"), table.collect_schema()["x"], wish)
    found = table.select(inside.fill_null(value=False).arg_true().alias("row")).collect()
    return found["row"].to_list()


def page(rows: Rows, lines: pl.DataFrame) -> pl.DataFrame:
    """These lines with the columns of the table beside them, in their order; the target is told by `truth`."""
    columns = [name for name in rows.columns if name != rows.target]
    marked = [_named(name).alias(f"{_MARK}{place}") for place, name in enumerate(columns)]
    whole = pl.scan_parquet(rows.table, glob=False).select(marked).with_row_index(_MARK)
    wanted = lines["row"].cast(pl.UInt32).implode()
    table = whole.filter(pl.col(_MARK).is_in(wanted)).collect().with_columns(pl.col(_MARK).cast(pl.Int64))
    joined = lines.join(table, left_on="row", right_on=_MARK, how="left", maintain_order="left")
    taken = set(lines.columns)
    names = {f"{_MARK}{place}": name if name not in taken else f"{name} (column)" for place, name in enumerate(columns)}
    return joined.rename(names)


def row(rows: Rows, place: int) -> dict[str, Any]:
    """One row of the table by its position, from 0."""
    return pl.scan_parquet(rows.table, glob=False).slice(place, 1).collect().to_dicts()[0]


def words(rows: Rows, column: str, most: int = 200) -> tuple[str, ...] | None:
    """The values of a column of words, the most frequent first; None for numbers and times, which have ends."""
    table = pl.scan_parquet(rows.table, glob=False).select(_named(column).alias("x"))
    kind = table.collect_schema()["x"]
    if kind.is_numeric() or kind.is_temporal():
        return None
    counted = table.select(pl.col("x").cast(pl.String)).drop_nulls().group_by("x").len()
    counted = counted.sort("len", "x", descending=[True, False]).head(most)
    return tuple(counted.collect()["x"].to_list())


def ends(rows: Rows, column: str) -> tuple[Any, Any]:
    """The least and the largest value of a column of numbers or times; None for both when it is empty."""
    table = pl.scan_parquet(rows.table, glob=False)
    least, most = (getattr(_named(column), end)() for end in ("min", "max"))
    low, high = table.select(least.alias("low"), most.alias("high")).collect().row(0)
    return low, high


def _named(column: str) -> pl.Expr:
    """A column by its very name: `pl.col` takes some names for patterns."""
    return selectors.by_name(column).as_expr()


def _answered(rows: Rows, lines: pl.LazyFrame, wish: Wish) -> pl.LazyFrame:
    """Words instead of categories; a yes-or-no answer as the threshold has it."""
    if rows.task == "regression":
        return lines
    lines = lines.with_columns(pl.col("truth").cast(pl.String), pl.col("said").cast(pl.String))
    if rows.task == "binary":
        other = next(label for label in rows.labels if label != rows.positive)
        yes = pl.col("probability") >= wish.threshold
        lines = lines.with_columns(said=pl.when(yes).then(pl.lit(rows.positive)).otherwise(pl.lit(other)))
    return lines


def _kind(rows: Rows, wish: Wish) -> pl.Expr:
    truth, said = pl.col("truth"), pl.col("said")
    every = pl.lit(value=True)
    if rows.task == "regression":
        made = {"too little": pl.col("error") > 0, "too much": pl.col("error") < 0}
        if wish.kind == "outside":
            return (truth < pl.col("low")) | (truth > pl.col("high"))
        return made.get(wish.kind, every)
    positive = pl.lit(rows.positive)
    made = {
        "wrong": truth != said,
        "right": truth == said,
        "false alarms": (said == positive) & (truth != positive),
        "misses": (truth == positive) & (said != positive),
    }
    chosen = made.get(wish.kind, every)
    chosen = chosen if wish.truth is None else chosen & (truth == wish.truth)
    return chosen if wish.said is None else chosen & (said == wish.said)


def _inside(column: pl.Expr, kind: pl.DataType, wish: Wish) -> pl.Expr:
    if wish.empty:
        return column.is_null()
    if wish.values:
        return column.cast(pl.String).is_in(list(wish.values))
    chosen = pl.lit(value=True)
    held = column.dt.date() if kind == pl.Datetime else column
    if wish.low is not None:
        chosen = chosen & (held >= wish.low)
    return chosen if wish.high is None else chosen & (held <= wish.high)


def _order(rows: Rows, by: str) -> pl.Expr:
    return pl.col("error").abs() if by == "error" and rows.task == "regression" else pl.col(by)
