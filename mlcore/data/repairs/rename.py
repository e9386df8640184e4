"""Call columns something else."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, check_new_name, pairs_of
from mlcore.data.schema import Schema
from mlcore.errors import ColumnError, UserError


def _say(params: Params) -> str:
    said = [f"“{old}” now “{new}”" for old, new in pairs_of(params["pairs"])[:3]]
    more = len(params["pairs"] or ()) - len(said)
    return f"Call {', '.join(said)}{f' and rename {more:,} more' if more > 0 else ''}."


def _change(params: Params, names: Sequence[str]) -> Change:
    pairs = [(old, new) for old, new in pairs_of(params["pairs"]) if old in names]
    made = {new: (old,) for old, new in pairs}
    return Change(made=made, gone=tuple(old for old, _ in pairs if old not in made))


def _fit(params: Params, schema: Schema) -> None:
    pairs = pairs_of(params["pairs"])
    leaving = {old for old, _ in pairs}
    staying = Schema(columns=tuple(column for column in schema if column.name not in leaving))
    for old, new in pairs:
        if old not in schema:
            raise ColumnError(str(old), schema.names, where="Rename")
        check_new_name(str(new), staying)
    for position, what in ((0, "renamed"), (1, "given as a name")):
        said = [pair[position] for pair in pairs]
        if len(set(said)) != len(said):
            twice = next(name for name in said if said.count(name) > 1)
            raise UserError(f"{twice!r} is {what} twice", where="Rename", remedy="Name it once.")


RENAME = Repair(
    key="rename",
    title="Rename",
    help="Columns get other names. Rows to score still come with the old ones.",
    icon="edit",
    asks=(Ask(key="pairs", title="Old and new names", kind="pairs", help="A column of the table, and its new name."),),
    say=_say,
    change=_change,
    fit=_fit,
)
