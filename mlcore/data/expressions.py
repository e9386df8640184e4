"""Formulas beside a schema: whether they fit it, and what they read; faults are errors a person can mend."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from mlcore.data import formula
from mlcore.data.schema import Schema, Storage
from mlcore.errors import ColumnError, UserError

_TYPES: dict[Storage, str] = {"float": "float64", "integer": "Int64", "text": "str", "datetime": "datetime64[us]"}


def checked(text: str, schema: Schema) -> None:
    """Raise a `UserError` with the place of the fault when the formula does not fit a table of this schema."""
    tree = parsed(text)
    for name in formula.columns(tree):
        if name not in schema:
            raise ColumnError(name, schema.names, where="formula")
    try:
        formula.computed(tree, no_rows(schema))
    except formula.FormulaError as error:
        raise _said(error) from error


def checked_condition(text: str, schema: Schema) -> None:
    """The same for a formula that must be true or false."""
    checked(text, schema)
    try:
        formula.holds(parsed(text), no_rows(schema))
    except formula.FormulaError as error:
        raise _said(error) from error


def parsed(text: str) -> formula.Part:
    """The formula as a tree."""
    try:
        return formula.parsed(text)
    except formula.FormulaError as error:
        raise _said(error) from error


def columns_of(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """The columns among `names` that the formula reads; none when it cannot be understood."""
    try:
        return tuple(name for name in formula.columns(formula.parsed(text)) if name in names)
    except formula.FormulaError:
        return ()


def no_rows(schema: Schema) -> pd.DataFrame:
    """A table of this schema without any row."""
    return pd.DataFrame({column.name: pd.Series([], dtype=_TYPES[column.storage]) for column in schema})


def _said(error: formula.FormulaError) -> UserError:
    return UserError(error.what, where=f"formula, character {error.at}", remedy="Correct the formula.")
