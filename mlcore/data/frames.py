"""Pandas frames on their way to storage and back: columns that hold several types become text."""

from __future__ import annotations

from typing import Any

import pandas as pd
import polars as pl

from mlcore.data.picked import MANY


def from_pandas(frame: pd.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """The frame's columns in polars as c0, c1, …, their own names as text, and sentences about what was changed."""
    labels = tuple("" if pd.api.types.is_scalar(name) and pd.isna(name) else str(name) for name in frame.columns)
    notes: list[str] = []
    columns: list[pl.Series] = []
    for position, label in enumerate(labels):
        column, note = _column(frame.iloc[:, position])
        columns.append(column.alias(f"c{position}"))
        if note:
            notes.append(f"Column {label!r}: {note}")
    return pl.DataFrame(columns), labels, tuple(notes)


def as_pandas(frame: pl.DataFrame) -> pd.DataFrame:
    """A polars frame of canonical columns as pandas reads it from Parquet.

    Of very many columns those of one type of numbers are taken over in one piece: one by one takes far longer.
    """
    if frame.width <= MANY:
        return pd.DataFrame({name: _as_series(frame[name]) for name in frame.columns})
    gaps = [name for name, kind in frame.schema.items() if kind.is_integer() and frame[name].null_count()]
    frame = frame.with_columns(pl.col(gaps).cast(pl.Float64))
    alike: dict[pl.DataType, list[str]] = {}
    for name, kind in frame.schema.items():
        if kind.is_numeric():
            alike.setdefault(kind, []).append(name)
    solid = [
        pd.DataFrame(frame.select(names).to_numpy(writable=True), columns=names, copy=False) for names in alike.values()
    ]
    others = {name: _as_series(frame[name]) for name, kind in frame.schema.items() if not kind.is_numeric()}
    whole = pd.concat([*solid, pd.DataFrame(others)], axis=1) if others else pd.concat(solid, axis=1)
    return whole if list(whole.columns) == frame.columns else whole[frame.columns]


def _as_series(column: pl.Series) -> pd.Series:
    if column.dtype == pl.String:
        return pd.Series(column.to_list(), dtype="str")
    if column.dtype.is_integer() and column.null_count():
        return pd.Series(column.cast(pl.Float64).to_numpy())
    return pd.Series(column.to_numpy())


def _column(values: pd.Series[Any]) -> tuple[pl.Series, str]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    if values.dtype == object:
        return _objects(values)
    if pd.api.types.is_complex_dtype(values.dtype):
        return _texts(values), "complex numbers were kept as text."
    return pl.from_pandas(values.reset_index(drop=True), nan_to_null=True), ""


def _objects(values: pd.Series[Any]) -> tuple[pl.Series, str]:
    """A column of Python objects by what pandas finds in it: one type as itself, several as text."""
    found = pd.api.types.infer_dtype(values, skipna=True)
    if found in ("integer", "floating", "mixed-integer-float", "decimal"):
        return pl.Series(pd.to_numeric(values.astype("float64")).to_numpy(), nan_to_null=True), ""
    if found in ("datetime", "datetime64", "date"):
        moments = pd.to_datetime(values, utc=True).dt.tz_localize(None)
        return pl.from_pandas(moments.reset_index(drop=True)), ""
    if found in ("string", "boolean", "empty"):
        return _texts(values), ""
    return _texts(values), "cells of several types were kept as text."


def _texts(values: pd.Series[Any]) -> pl.Series:
    missing = values.isna().to_numpy()
    return pl.Series(
        [None if gone else str(value) for value, gone in zip(values.to_list(), missing, strict=True)], dtype=pl.String
    )
