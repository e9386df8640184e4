"""Put the rows of another table below."""

from __future__ import annotations

from mlcore.data.repairs.repair import Ask, Change, Repair

APPEND = Repair(
    key="append",
    title="Append a table",
    help="The rows of another table follow below, column by column of the same name. Columns it lacks are empty "
    "there; columns only it has are left out.",
    icon="vertical_align_bottom",
    asks=(Ask(key="dataset", title="Table", kind="dataset"),),
    say=lambda _params: "Append the rows of another table.",
    change=lambda _params, _names: Change(),
    rows=True,
)
