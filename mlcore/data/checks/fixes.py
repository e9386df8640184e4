"""What one click can do about a finding, in the words of the repairs catalogue, of the goal and of column kinds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlcore.data.amounts import amount
from mlcore.data.schema import Column, Kind
from mlcore.findings import Fix

_AT_ONCE = 40
"""Values that one call of a formula takes."""


def _these(names: Sequence[str]) -> str:
    return f"'{names[0]}'" if len(names) == 1 else f"these {amount(len(names), 'column')}"


def drop(names: Sequence[str], title: str = "") -> Fix:
    """Take columns out of the table."""
    return repair(title or f"Remove {_these(names)}", "drop", columns=list(names))


def leave_out(names: Sequence[str], title: str = "") -> Fix:
    """Keep columns in the table, but not in the model."""
    return _goal(title or f"Leave {_these(names)} out of the model", "exclude", names)


def keep_together(name: str) -> Fix:
    """Rows with equal values of this column stay on one side of every split."""
    return _goal(f"Keep rows of one '{name}' together", "group", [name])


def order_by(name: str) -> Fix:
    """Models are judged on later rows than they learned from."""
    return _goal(f"Order the rows by '{name}'", "time", [name])


def take_as(name: str, kind: Kind, title: str) -> Fix:
    """Say what a column is."""
    return Fix(title=title, acts_on="kind", params={"column": name, "kind": kind})


def repair(title: str, step: str, /, **params: Any) -> Fix:
    """Add a step to the table's recipe."""
    return Fix(title=title, acts_on="recipe", step=step, params=params)


def make_missing(names: Sequence[str], values: Sequence[str | float], title: str = "Make them missing") -> Fix:
    """Replace these values by missing ones."""
    return repair(title, "replace", columns=list(names), pairs=[[value, None] for value in values])


def respell(name: str, spelling: Mapping[str, str], title: str) -> Fix:
    """Replace values by others."""
    return repair(title, "replace", columns=[name], pairs=[[old, new] for old, new in spelling.items()])


def cap(name: str, low: float | None, high: float | None, *, missing: bool) -> Fix:
    """Bring numbers beyond the bounds to the bound, or make them missing."""
    outside = "missing" if missing else "bound"
    title = "Make them missing" if missing else "Limit them to the others' range"
    return repair(title, "cap", columns=[name], by="bounds", low=low, high=high, outside=outside)


def remove_after(name: str, day: str) -> Fix:
    """Leave out rows with a later date."""
    return repair("Leave these rows out", "filter_rows", keep="remove", expression=f'{_cell(name)} >= date("{day}")')


def remove_named(column: Column, names: Sequence[str | int]) -> Fix:
    """Leave out the rows of these names, in the column that names rows."""
    listed = [str(name) if column.storage == "integer" else '"' + str(name).replace('"', '""') + '"' for name in names]
    parts = [
        f"one_of({_cell(column.name)}, {', '.join(listed[start : start + _AT_ONCE])})"
        for start in range(0, len(listed), _AT_ONCE)
    ]
    return repair("Leave these rows out", "filter_rows", keep="remove", expression=" or ".join(parts))


def _cell(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def _goal(title: str, step: str, names: Sequence[str]) -> Fix:
    return Fix(title=title, acts_on="goal", step=step, params={"columns": list(names)})
