"""Take a part of each cell: the month of a date, the domain of an address."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, check_new_name
from mlcore.data.schema import Schema
from mlcore.errors import UserError

OF_DATES = (
    ("year", "Year"),
    ("quarter", "Quarter"),
    ("month", "Month"),
    ("day", "Day of the month"),
    ("weekday", "Day of the week (Monday is 1)"),
    ("hour", "Hour"),
    ("date", "Date without the time"),
)
OF_TEXTS = (
    ("number", "First number in the text"),
    ("first_word", "First word"),
    ("last_word", "Last word"),
    ("before", "What stands before a mark"),
    ("after", "What stands after a mark"),
    ("length", "Number of characters"),
)


def name_of(params: Params) -> str:
    """What the new column is called."""
    return str(params["name"] or f"{params['column']}_{params['what']}")


def _say(params: Params) -> str:
    title = dict(OF_DATES + OF_TEXTS).get(params["what"], str(params["what"])).lower()
    if params["what"] in ("before", "after"):
        title = f"text {params['what']} “{params['mark']}”"
    return f"Take of “{params['column']}” the {title}, as “{name_of(params)}”."


def _change(params: Params, names: Sequence[str]) -> Change:
    return Change(made={name_of(params): (params["column"],)}) if params["column"] in names else Change()


def _fit(params: Params, schema: Schema) -> None:
    check_new_name(name_of(params), schema)
    storage, dated = schema[params["column"]].storage, params["what"] in dict(OF_DATES)
    if dated != (storage == "datetime") or storage in ("float", "integer"):
        wanted = "dates" if dated else "text"
        raise UserError(
            f"The column {params['column']!r} holds no {wanted}", where="Extract", remedy=f"Read it as {wanted} first."
        )


EXTRACT = Repair(
    key="extract",
    title="Extract a part",
    help="The year of a date, the number in “12 kg”, the domain of an address: as a new column.",
    icon="content_cut",
    asks=(
        Ask(key="column", title="Column", kind="column", storages=("text", "datetime")),
        Ask(key="what", title="Take", kind="choice", choices=OF_DATES + OF_TEXTS, default="year"),
        Ask(key="mark", title="Mark", kind="text", default="@", when=("what", ("before", "after"))),
        Ask(key="name", title="Name of the new column", kind="text", needed=False, help="Found by itself when empty."),
    ),
    say=_say,
    change=_change,
    fit=_fit,
)
