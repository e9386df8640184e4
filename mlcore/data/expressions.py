"""Formulas beside a schema: whether they fit it, and what they read; faults are errors a person can mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from mlcore.data import formula
from mlcore.data.schema import Schema, Storage
from mlcore.errors import ColumnError, UserError

_TYPES: dict[Storage, str] = {"float": "float64", "integer": "Int64", "text": "str", "datetime": "datetime64[us]"}

FUNCTIONS_TOLD: Mapping[str, tuple[str, str]] = {
    "if": ("if([age] < 18, 'child', 'adult')", "one of two values"),
    "coalesce": ("coalesce([mobile], [phone])", "the first that is not missing"),
    "missing": ("missing([income])", "true where the cell is empty"),
    "one_of": ("one_of([country], 'DE', 'AT')", "true where it is one of these"),
    "min": ("min([a], [b])", "the smaller one"),
    "max": ("max([a], [b])", "the larger one"),
    "abs": ("abs([balance])", "without its sign"),
    "sqrt": ("sqrt([area])", "the square root"),
    "exp": ("exp([x])", "e to this power"),
    "log": ("log([income])", "the natural logarithm; missing up to 0"),
    "log10": ("log10([income])", "the logarithm to base 10"),
    "round": ("round([price], 2)", "rounded to so many digits"),
    "floor": ("floor([x])", "the whole number below"),
    "ceiling": ("ceiling([x])", "the whole number above"),
    "year": ("year([opened])", "the year of a date"),
    "month": ("month([opened])", "1 to 12"),
    "quarter": ("quarter([opened])", "1 to 4"),
    "day": ("day([opened])", "the day of the month"),
    "weekday": ("weekday([opened])", "1 is Monday"),
    "hour": ("hour([opened])", "0 to 23"),
    "days_between": ("days_between([opened], [closed])", "days from the first to the second"),
    "lower": ("lower([city])", "in small letters"),
    "upper": ("upper([city])", "in capitals"),
    "trim": ("trim([city])", "without spaces around it"),
    "length": ("length([comment])", "how many characters"),
    "left": ("left([zip], 2)", "the first characters"),
    "right": ("right([zip], 2)", "the last characters"),
    "contains": ("contains([comment], 'refund')", "true where the text is in it"),
    "starts": ("starts([code], 'A')", "true where it begins so"),
    "ends": ("ends([code], 'Z')", "true where it ends so"),
    "replace": ("replace([city], 'St.', 'Saint')", "with one text in the place of another"),
    "number": ("number([amount])", "text read as a number"),
    "text": ("text([year])", "written as text"),
    "date": ("date([day])", "text read as a date"),
}
"""For each function of the language an example and what it gives."""


def checked(text: str, schema: Schema) -> None:
    """Raise a `UserError` with the place of the fault when the formula does not fit a table of this schema."""
    tree = parsed(text)
    for name in formula.columns(tree):
        if name not in schema:
            raise ColumnError(name, schema.names, where="formula")
    try:
        formula.computed(tree, no_rows(_read_by(tree, schema)))
    except formula.FormulaError as error:
        raise _said(error) from error


def checked_condition(text: str, schema: Schema) -> None:
    """The same for a formula that must be true or false."""
    checked(text, schema)
    tree = parsed(text)
    try:
        formula.holds(tree, no_rows(_read_by(tree, schema)))
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
    nothing = {storage: pd.Series([], dtype=kind).array for storage, kind in _TYPES.items()}
    return pd.DataFrame({column.name: nothing[column.storage] for column in schema}, index=pd.RangeIndex(0), copy=False)


def _read_by(tree: formula.Part, schema: Schema) -> Schema:
    names = set(formula.columns(tree))
    return Schema(columns=tuple(column for column in schema if column.name in names))


def _said(error: formula.FormulaError) -> UserError:
    return UserError(error.what, where=f"formula, character {error.at}", remedy="Correct the formula.")
