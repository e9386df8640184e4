"""Say what a column is, and store it so."""

from __future__ import annotations

from mlcore.data.repairs.repair import Ask, Params, Repair, names_of, quoted, same
from mlcore.data.schema import Schema
from mlcore.errors import UserError

KINDS = (
    ("numeric", "Number"),
    ("integer", "Whole number"),
    ("categorical", "Category"),
    ("ordinal", "Ordered category"),
    ("boolean", "Yes or no"),
    ("datetime", "Date or time"),
    ("text", "Free text"),
    ("identifier", "Identifier"),
)


def _say(params: Params) -> str:
    title = dict(KINDS).get(params["kind"], str(params["kind"])).lower()
    mark = " with a decimal comma" if params["kind"] == "numeric" and params["decimal"] == "," else ""
    return f"Read {quoted(names_of(params['columns']))} as {title}{mark}."


def _fit(params: Params, schema: Schema) -> None:
    for name in names_of(params["columns"]):
        storage = schema[name].storage
        if storage == "datetime" and params["kind"] in ("numeric", "integer", "boolean"):
            raise UserError(
                f"The column {name!r} holds dates", where="Change kind", remedy="Extract the year or another part."
            )
        if storage in ("float", "integer") and params["kind"] == "datetime":
            raise UserError(
                f"The column {name!r} holds numbers",
                where="Change kind",
                remedy="Use “Read as dates”, and say what the numbers count.",
            )


CHANGE_KIND = Repair(
    key="change_kind",
    title="Change kind",
    help="Numbers written as text become numbers, codes become categories. What cannot be read becomes missing, and "
    "is counted.",
    icon="category",
    asks=(
        Ask(key="columns", title="Columns", kind="columns"),
        Ask(key="kind", title="Kind", kind="choice", choices=KINDS, default="numeric"),
        Ask(
            key="decimal",
            title="Decimal mark",
            kind="choice",
            choices=((".", "1,234.5"), (",", "1.234,5")),
            default=".",
            when=("kind", ("numeric", "integer")),
        ),
    ),
    say=_say,
    change=same,
    fit=_fit,
)
