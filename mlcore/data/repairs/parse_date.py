"""Read text or numbers as dates."""

from __future__ import annotations

from mlcore.data.repairs.repair import Ask, Params, Repair, names_of, quoted, same
from mlcore.data.schema import Schema
from mlcore.errors import UserError

FORMS = (
    ("year_first", "2025-12-31"),
    ("day_first", "31/12/2025"),
    ("month_first", "12/31/2025"),
    ("seconds", "Seconds since 1970"),
    ("milliseconds", "Milliseconds since 1970"),
    ("excel", "Days as a spreadsheet counts them"),
    ("digits", "20251231"),
)
NUMBERS = ("seconds", "milliseconds", "excel")


def _say(params: Params) -> str:
    form = dict(FORMS).get(params["form"], str(params["form"]))
    return f"Read {quoted(names_of(params['columns']))} as dates, written like {form}."


def _fit(params: Params, schema: Schema) -> None:
    for name in names_of(params["columns"]):
        storage = schema[name].storage
        if storage in ("float", "integer") and params["form"] not in (*NUMBERS, "digits"):
            raise UserError(
                f"The column {name!r} holds numbers",
                where="Read as dates",
                remedy="Say what they count: seconds, milliseconds, or days of a spreadsheet.",
            )


PARSE_DATE = Repair(
    key="parse_date",
    title="Read as dates",
    help="Text or numbers become dates, with the order you say. What cannot be read becomes missing, and is counted.",
    icon="event",
    asks=(
        Ask(key="columns", title="Columns", kind="columns"),
        Ask(key="form", title="Written like", kind="choice", choices=FORMS, default="year_first"),
    ),
    say=_say,
    change=same,
    fit=_fit,
)
