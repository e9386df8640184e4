"""A new column from an expression."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.expressions import columns_of
from mlcore.data.repairs.repair import Ask, Change, Params, Repair, check_new_name
from mlcore.data.schema import Schema


def _change(params: Params, names: Sequence[str]) -> Change:
    return Change(made={str(params["name"]): columns_of(params["expression"], names)})


def _fit(params: Params, schema: Schema) -> None:
    check_new_name(str(params["name"]), schema, may_replace=True)


DERIVE = Repair(
    key="derive",
    title="Derive a column",
    help="A formula over other columns. Columns in square brackets, text in quotes; a division by zero is missing.",
    icon="function",
    asks=(
        Ask(key="name", title="Name", kind="text", help="The name of a column that is there: it is replaced."),
        Ask(key="expression", title="Formula", kind="expression", help="For example: [price] / [area]"),
    ),
    say=lambda params: f"Make “{params['name']}” = {params['expression']}.",
    change=_change,
    fit=_fit,
)
