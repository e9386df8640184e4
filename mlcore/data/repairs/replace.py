"""Write other values in the place of some; most often: a code that stands for "unknown" becomes missing."""

from __future__ import annotations

from mlcore.data import replay
from mlcore.data.repairs.repair import Ask, Params, Repair, names_of, pairs_of, quoted, same
from mlcore.data.schema import Schema
from mlcore.errors import UserError


def _say(params: Params) -> str:
    shown = [f"“{_plain(old)}” by {_new(new)}" for old, new in pairs_of(params["pairs"])[:3]]
    more = len(params["pairs"] or ()) - len(shown)
    part = "" if params["whole"] else " wherever it stands in a cell"
    rest = f" and {more:,} more" if more > 0 else ""
    return f"Replace {', '.join(shown)}{rest}{part} in {quoted(names_of(params['columns']))}."


def _new(value: object) -> str:
    return "nothing (missing)" if value is None or value == "" else f"“{_plain(value)}”"


def _plain(value: object) -> object:
    """A whole number without ".0"."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _fit(params: Params, schema: Schema) -> None:
    for old, new in pairs_of(params["pairs"]):
        if old is None or old == "":
            raise UserError("An empty cell cannot be replaced", where="Replace", remedy="Use “Fill missing values”.")
        for name in names_of(params["columns"]):
            storage = schema[name].storage
            wrong = next((value for value in (old, new) if not replay.fits(value, storage)), None)
            if wrong is not None:
                raise UserError(
                    f"{wrong!r} cannot stand in the column {name!r}",
                    where="Replace",
                    remedy="Give numbers for a column of numbers, dates such as 2025-12-31 for dates, or change the "
                    "column's kind to category first.",
                )
            if not params["whole"] and storage != "text":
                raise UserError(
                    f"The column {name!r} holds no text", where="Replace", remedy="Replace whole cells instead."
                )


REPLACE = Repair(
    key="replace",
    title="Replace values",
    help="Other spellings of one value become one; a code for “unknown” becomes missing (leave the new value empty).",
    icon="find_replace",
    asks=(
        Ask(key="columns", title="Columns", kind="columns"),
        Ask(key="pairs", title="Old and new values", kind="pairs", help="An empty new value means: missing."),
        Ask(key="whole", title="Only whole cells", kind="switch", default=True),
        Ask(key="case", title="Capitals matter", kind="switch", default=True),
    ),
    say=_say,
    change=same,
    fit=_fit,
)
