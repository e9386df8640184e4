"""Make one level of many that are rare."""

from __future__ import annotations

from mlcore.data.repairs.repair import Ask, Params, Repair, lines_of, names_of, quoted, same


def _say(params: Params) -> str:
    columns = quoted(names_of(params["columns"]))
    if params["by"] == "levels":
        return f"Call {quoted(lines_of(params['levels']))} “{params['other']}” in {columns}."
    return (
        f"Call levels of {columns} with less than {params['share']:.3g} % of the rows “{params['other']}”, "
        "learned from the training rows."
    )


MERGE_RARE = Repair(
    key="merge_rare",
    title="Merge rare levels",
    help="Levels with few rows become one. Which ones are rare is learned from the training rows of each fold, unless "
    "you name them.",
    icon="merge",
    asks=(
        Ask(key="columns", title="Columns", kind="columns", storages=("text",)),
        Ask(
            key="by",
            title="Which levels",
            kind="choice",
            choices=(("share", "Those with few rows"), ("levels", "Those I name")),
            default="share",
        ),
        Ask(
            key="share",
            title="Less than this share of the rows (%)",
            kind="number",
            default=1.0,
            low=0.001,
            high=50.0,
            when=("by", ("share",)),
        ),
        Ask(key="levels", title="Levels", kind="text", lines=True, help="One a line.", when=("by", ("levels",))),
        Ask(key="other", title="Called", kind="text", default="other"),
    ),
    say=_say,
    change=same,
    learn=lambda params: params["by"] == "share",
)
