"""For which tables a kind of model is offered, in words."""

from __future__ import annotations

from collections.abc import Iterator

from mlcore.learning.models.kind import ALL_TASKS, NO_LIMIT_OF_COLUMNS, NO_LIMIT_OF_ROWS, ModelKind


def limits(kind: ModelKind) -> Iterator[str]:
    """One phrase for each limit that the kind has; none when it is for any table."""
    if set(kind.tasks) != set(ALL_TASKS):
        yield " and ".join(kind.tasks) + " tasks"
    if kind.min_rows and kind.max_rows < NO_LIMIT_OF_ROWS:
        yield f"{kind.min_rows:,} to {kind.max_rows:,} rows"
    elif kind.min_rows:
        yield f"from {kind.min_rows:,} rows on"
    elif kind.max_rows < NO_LIMIT_OF_ROWS:
        yield f"up to {kind.max_rows:,} rows"
    if kind.max_columns < NO_LIMIT_OF_COLUMNS:
        yield f"up to {kind.max_columns:,} columns"
    if kind.widest:
        yield f"of more columns the {kind.widest:,} that tell most by themselves"
    if kind.least_label:
        yield f"{kind.least_label} rows of every label"
