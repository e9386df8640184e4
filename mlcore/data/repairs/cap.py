"""Bring far-out numbers back to a bound, or take them for missing."""

from __future__ import annotations

from mlcore.data.repairs.repair import Ask, Params, Repair, names_of, quoted, same
from mlcore.data.schema import Schema
from mlcore.errors import UserError


def _say(params: Params) -> str:
    columns = quoted(names_of(params["columns"]))
    if params["by"] == "share":
        where = f"the outermost {params['share']:.3g} % on each side, learned from the training rows"
    else:
        low, high = params["low"], params["high"]
        parts = [f"below {low:g}"] if low is not None else []
        where = " or ".join([*parts, f"above {high:g}"] if high is not None else parts)
    what = "Take for missing" if params["outside"] == "missing" else "Bring to the bound"
    return f"{what}, in {columns}, values {where}." if params["by"] == "bounds" else f"{what}, in {columns}, {where}."


def _fit(params: Params, _: Schema) -> None:
    low, high = params["low"], params["high"]
    if params["by"] != "bounds":
        return
    if low is None and high is None:
        raise UserError("There is no bound", where="Cap", remedy="Give a lowest value, a highest value, or both.")
    if low is not None and high is not None and low >= high:
        raise UserError(f"The lowest value {low:g} is not below the highest {high:g}", where="Cap", remedy="Swap them.")


CAP = Repair(
    key="cap",
    title="Cap outliers",
    help="Numbers beyond bounds become the bound, or missing. Bounds that are a share of the rows are learned from the "
    "training rows of each fold.",
    icon="align_vertical_center",
    asks=(
        Ask(key="columns", title="Columns", kind="columns", storages=("float", "integer")),
        Ask(
            key="by",
            title="Bounds",
            kind="choice",
            choices=(("bounds", "Values I give"), ("share", "A share of the rows")),
            default="bounds",
        ),
        Ask(key="low", title="Lowest value", kind="number", needed=False, when=("by", ("bounds",))),
        Ask(key="high", title="Highest value", kind="number", needed=False, when=("by", ("bounds",))),
        Ask(
            key="share",
            title="Share on each side (%)",
            kind="number",
            default=1.0,
            low=0.01,
            high=25.0,
            when=("by", ("share",)),
        ),
        Ask(
            key="outside",
            title="Values outside become",
            kind="choice",
            choices=(("bound", "The bound"), ("missing", "Missing")),
            default="bound",
        ),
    ),
    say=_say,
    change=same,
    learn=lambda params: params["by"] == "share",
    fit=_fit,
)
