"""The rows that a run's models are compared with: raw rows they could learn from, never the locked ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mlcore.data.picked import picked
from mlcore.errors import TableError
from mlcore.explanation.likeness import COMPARED, Seen
from mlcore.learning.folder import RunFolder
from mlcore.learning.model import Model


def seen_of(model: Model, folder: Path) -> Seen:
    """At most `COMPARED` rows of the raw table of the run in this folder; `TableError` when it was removed.

    With a recipe the places of raw and of prepared rows differ: then the rows are drawn from the whole raw table.
    """
    run = RunFolder(folder)
    path = run.raw_path or run.table_path
    if not path.is_file():
        raise TableError("The table of this run was removed", remedy="Import it again to compare rows with it.")
    places = run.positions[~run.split.holdout] if run.raw_path is None else np.arange(_rows(path))
    drawn = np.random.default_rng(0).permutation(len(places))[:COMPARED]
    chosen = np.sort(places[drawn]).astype(np.int64)
    return Seen(model, picked(path, chosen, [field["name"] for field in model.scorer.wanted]), positions=chosen)


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)
