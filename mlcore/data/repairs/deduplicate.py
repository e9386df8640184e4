"""Leave out rows that are there already."""

from __future__ import annotations

from mlcore.data.repairs.repair import Ask, Change, Params, Repair, names_of, quoted


def _say(params: Params) -> str:
    columns = names_of(params["columns"])
    which = f"with equal {quoted(columns)}" if columns else "that are equal in every column"
    return f"Of rows {which} keep the {'first' if params['keep'] == 'first' else 'last'}."


DEDUPLICATE = Repair(
    key="deduplicate",
    title="Remove duplicates",
    help="Of rows that are equal, or equal in the columns you choose, one is kept. Rows to score are never left out.",
    icon="difference",
    asks=(
        Ask(key="columns", title="Equal in", kind="columns", needed=False, help="None: in every column.", default=()),
        Ask(
            key="keep",
            title="Keep",
            kind="choice",
            choices=(("first", "The first"), ("last", "The last")),
            default="first",
        ),
    ),
    say=_say,
    change=lambda _params, _names: Change(),
    rows=True,
)
