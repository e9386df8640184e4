"""Models of a run laid side by side, and the rows on which they differ as they stand in the table."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mlcore import files, records
from mlcore.data.picked import picked
from mlcore.evaluation.beside import Beside, beside
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import out_of_fold

FILE, ROWS = "beside.json", "rows.parquet"
MOST_COLUMNS = 60
"""Columns of the table that are kept beside the rows; the target comes first."""


def place_of(folder: Path, keys: Sequence[str]) -> Path:
    """Where the comparison of these models, in this order, lies in a run's folder."""
    name = hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16]
    return folder / "beside" / name


def write_beside(folder: Path, keys: Sequence[str]) -> Beside:
    """Compare these models on rows they were not trained on, and keep what came of it in the run's folder."""
    run = RunFolder(folder)
    said = {key: out_of_fold(folder, key) for key in keys}
    made = beside(said, threshold=run.plan.goal.threshold, seed=run.plan.seed)
    place = place_of(folder, keys)
    place.mkdir(parents=True, exist_ok=True)
    rows = np.array([one.row for one in made.apart], dtype=np.int64)
    columns = [run.plan.goal.target, *(column.name for column in run.plan.schema.features)][:MOST_COLUMNS]
    found = picked(run.table_path, np.sort(rows), list(dict.fromkeys(columns)))
    with files.whole(place / ROWS) as temporary:
        found.iloc[np.argsort(np.argsort(rows))].to_parquet(temporary, index=False)
    records.write(place / FILE, made)
    return made
