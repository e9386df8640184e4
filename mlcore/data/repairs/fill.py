"""Put something where nothing is."""

from __future__ import annotations

from mlcore.data import replay
from mlcore.data.repairs.repair import Ask, Params, Repair, names_of, quoted, same
from mlcore.data.schema import Schema
from mlcore.errors import UserError

HOW = (
    ("median", "The median"),
    ("mean", "The mean"),
    ("most_frequent", "The most frequent value"),
    ("value", "A value I give"),
)


def _say(params: Params) -> str:
    columns = quoted(names_of(params["columns"]))
    if params["how"] == "value":
        return f"Fill empty cells of {columns} with “{params['value']}”."
    said = {"median": "the median", "mean": "the mean", "most_frequent": "the most frequent value"}[params["how"]]
    return f"Fill empty cells of {columns} with {said}, learned from the training rows."


def _fit(params: Params, schema: Schema) -> None:
    for name in names_of(params["columns"]):
        storage = schema[name].storage
        if params["how"] in ("median", "mean") and storage not in ("float", "integer"):
            raise UserError(
                f"The column {name!r} holds no numbers, so it has no {params['how']}",
                where="Fill",
                remedy="Fill it with the most frequent value, or with a value you give.",
            )
        if params["how"] == "most_frequent" and storage == "datetime":
            raise UserError(
                f"The column {name!r} holds dates", where="Fill", remedy="Fill it with a date that you give."
            )
        if params["how"] == "value" and not replay.fits(params["value"], storage):
            raise UserError(
                f"{params['value']!r} cannot stand in the column {name!r}",
                where="Fill",
                remedy="Give a number for a column of numbers, and a date such as 2025-12-31 for dates.",
            )


FILL = Repair(
    key="fill",
    title="Fill missing values",
    help="A median, mean or most frequent value is learned from the training rows of each fold, so that no score is "
    "flattered; the table itself shows the cells as they are.",
    icon="format_color_fill",
    asks=(
        Ask(key="columns", title="Columns", kind="columns"),
        Ask(key="how", title="With", kind="choice", choices=HOW, default="median"),
        Ask(key="value", title="Value", kind="text", when=("how", ("value",))),
    ),
    say=_say,
    change=same,
    learn=lambda params: params["how"] != "value",
    fit=_fit,
)
