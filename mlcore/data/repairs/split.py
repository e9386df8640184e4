"""Cut the text of a column into several columns."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, check_new_name
from mlcore.data.schema import Schema


def parts(params: Params) -> tuple[str, ...]:
    """The names of the columns that come of it."""
    return tuple(f"{params['column']}_{number}" for number in range(1, int(params["parts"]) + 1))


def _say(params: Params) -> str:
    mark = "spaces" if params["separator"] == " " else f"“{params['separator']}”"
    return f"Cut “{params['column']}” at {mark} into {int(params['parts'])} columns."


def _change(params: Params, names: Sequence[str]) -> Change:
    if params["column"] not in names:
        return Change()
    gone = () if params["keep"] else (params["column"],)
    return Change(made=dict.fromkeys(parts(params), (params["column"],)), gone=gone)


def _fit(params: Params, schema: Schema) -> None:
    for name in parts(params):
        check_new_name(name, schema)


SPLIT = Repair(
    key="split",
    title="Split a column",
    help="“Berlin, DE” becomes two columns. The last one takes whatever is left.",
    icon="call_split",
    asks=(
        Ask(key="column", title="Column", kind="column", storages=("text",)),
        Ask(key="separator", title="Cut at", kind="text", default=","),
        Ask(key="parts", title="Columns", kind="number", default=2, low=2, high=20),
        Ask(key="keep", title="Keep the column itself", kind="switch", default=False),
    ),
    say=_say,
    change=_change,
    fit=_fit,
)
