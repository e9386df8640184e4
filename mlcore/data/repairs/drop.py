"""Leave columns out."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, names_of, quoted
from mlcore.data.schema import Schema
from mlcore.errors import UserError


def _change(params: Params, names: Sequence[str]) -> Change:
    return Change(gone=tuple(name for name in names_of(params["columns"]) if name in names))


def _fit(params: Params, schema: Schema) -> None:
    if set(schema.names) <= set(names_of(params["columns"])):
        raise UserError("No column would be left", where="Drop", remedy="Keep at least one.")


DROP = Repair(
    key="drop",
    title="Drop columns",
    help="The columns are left out of the table. They stay in the table as it came.",
    icon="delete",
    asks=(Ask(key="columns", title="Columns", kind="columns"),),
    say=lambda params: f"Leave out {quoted(names_of(params['columns']))}.",
    change=_change,
    fit=_fit,
)
