"""Write several columns into one text."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, check_new_name, names_of, quoted
from mlcore.data.schema import Schema
from mlcore.errors import UserError


def _change(params: Params, names: Sequence[str]) -> Change:
    columns = names_of(params["columns"])
    gone = () if params["keep"] else tuple(name for name in columns if name in names and name != params["name"])
    return Change(made={params["name"]: columns}, gone=gone)


def _fit(params: Params, schema: Schema) -> None:
    columns = names_of(params["columns"])
    if len(columns) < 2:
        raise UserError("One column cannot be combined", where="Combine", remedy="Choose at least two.")
    check_new_name(str(params["name"]), schema)


COMBINE = Repair(
    key="combine",
    title="Combine columns",
    help="Texts of several columns stand one after the other in a new column; empty cells are left out.",
    icon="call_merge",
    asks=(
        Ask(key="columns", title="Columns", kind="columns"),
        Ask(key="separator", title="Between them", kind="text", default=" ", needed=False),
        Ask(key="name", title="Name of the new column", kind="text"),
        Ask(key="keep", title="Keep the columns themselves", kind="switch", default=True),
    ),
    say=lambda params: f"Write {quoted(names_of(params['columns']))} into one column “{params['name']}”.",
    change=_change,
    fit=_fit,
)
