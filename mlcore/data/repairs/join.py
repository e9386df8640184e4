"""Look up columns of another table."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, check_new_name, names_of, pairs_of, quoted
from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, UserError


def taken(params: Params) -> dict[str, str]:
    """The columns of the other table that are taken, with the names they get."""
    return {name: f"{params['prefix'] or ''}{name}" for name in names_of(params["take"])}


def _say(params: Params) -> str:
    keys = " and ".join(f"“{ours}” is its “{theirs}”" for ours, theirs in pairs_of(params["keys"]))
    rest = ", leaving out rows without a match" if params["unmatched"] == "drop" else ""
    return f"Look up {quoted(names_of(params['take']))} in another table, where {keys}{rest}."


def _change(params: Params, _: Sequence[str]) -> Change:
    ours = tuple(str(key) for key, _ in pairs_of(params["keys"]))
    return Change(made=dict.fromkeys(taken(params).values(), ours))


def _fit(params: Params, schema: Schema) -> None:
    for ours, _ in pairs_of(params["keys"]):
        if ours not in schema:
            raise ColumnError(str(ours), schema.names, where="Join")
    for name in taken(params).values():
        check_new_name(name, schema)


def check_other(params: Params, other: Schema) -> None:
    """Raise a `UserError` when the other table does not have what is asked of it."""
    theirs = [str(theirs) for _, theirs in pairs_of(params["keys"])]
    for name in (*theirs, *names_of(params["take"])):
        if name not in other:
            raise ColumnError(name, other.names, where="Join, the other table")
    if set(names_of(params["take"])) & set(theirs):
        raise UserError("A key is among the columns to take", where="Join", remedy="Take other columns: it is equal.")


JOIN = Repair(
    key="join",
    title="Join a table",
    help="Each row looks up its match in another table by equal keys. Where several match, the first is taken, so no "
    "row ever multiplies. The looked-up columns travel with the model.",
    icon="join_inner",
    asks=(
        Ask(key="dataset", title="Table", kind="dataset"),
        Ask(key="keys", title="Keys", kind="pairs", help="A column here, and the equal one in the other table."),
        Ask(key="take", title="Take columns", kind="columns", of="dataset"),
        Ask(key="prefix", title="Write before their names", kind="text", needed=False, default=""),
        Ask(
            key="unmatched",
            title="Rows without a match are",
            kind="choice",
            choices=(("keep", "Kept, with empty cells"), ("drop", "Left out")),
            default="keep",
        ),
    ),
    say=_say,
    change=_change,
    rows=True,
    fit=_fit,
)
