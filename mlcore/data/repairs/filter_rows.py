"""Keep some rows, or leave some out."""

from __future__ import annotations

from mlcore.data.expressions import checked_condition
from mlcore.data.repairs.repair import Ask, Change, Params, Repair
from mlcore.data.schema import Schema


def _say(params: Params) -> str:
    return f"{'Keep' if params['keep'] == 'keep' else 'Leave out'} rows where {params['expression']}."


def _fit(params: Params, schema: Schema) -> None:
    checked_condition(params["expression"], schema)


FILTER_ROWS = Repair(
    key="filter_rows",
    title="Filter rows",
    help="Rows to score are never left out: one that the filter would leave out is scored and flagged “filtered”.",
    icon="filter_alt",
    asks=(
        Ask(
            key="keep",
            title="Rows that fit are",
            kind="choice",
            choices=(("keep", "Kept"), ("remove", "Left out")),
            default="keep",
        ),
        Ask(key="expression", title="Where", kind="expression", help='For example: [age] >= 18 and country = "DE"'),
    ),
    say=_say,
    change=lambda _params, _names: Change(),
    rows=True,
    fit=_fit,
)
