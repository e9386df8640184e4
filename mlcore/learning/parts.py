"""The columns of a run's table beside what a trial said about its rows: for slices, fairness and stress."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlcore.data.picked import picked
from mlcore.data.schema import Column
from mlcore.errors import ColumnError, UserError
from mlcore.evaluation.cuts import Cut, cut
from mlcore.evaluation.predictions import Integers, Predictions
from mlcore.learning.folder import RunFolder

MOST_COLUMNS = 100
_LONG_TEXTS = 200


def sliceable(run: RunFolder) -> tuple[Column, ...]:
    """The columns of the table that rows can be parted by: all but the target, identifiers, constants and long texts.

    Columns that the model does not see are among them.
    """
    target = run.plan.goal.target
    return tuple(column for column in run.plan.schema if column.name != target and _parts(column))


def cuts_of(run: RunFolder, predictions: Predictions, names: Sequence[str], *, most: int = 8) -> list[Cut]:
    """These columns in parts, aligned with the predictions, (m,) each. `ColumnError` when one is not in the table."""
    schema = run.plan.schema
    for name in names:
        if name not in schema:
            raise ColumnError(name, schema.names)
    rows = np.unique(predictions.rows)
    table = _read(run, rows, names)
    places = np.searchsorted(rows, predictions.rows)
    made = [cut(table[name], schema[name], most=most) for name in names]
    return [Cut(column=one.column, labels=one.labels, codes=one.codes[places], own=one.own) for one in made]


def _read(run: RunFolder, rows: Integers, names: Sequence[str]) -> pd.DataFrame:
    if not run.table_path.is_file():
        raise UserError("The table of this run was removed", remedy="Import it again.")
    return picked(run.table_path, rows, list(dict.fromkeys(names)))


def _parts(column: Column) -> bool:
    if column.kind in ("identifier", "constant"):
        return False
    return column.kind != "text" or 1 < column.distinct <= _LONG_TEXTS
