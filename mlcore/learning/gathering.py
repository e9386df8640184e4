"""Gather the cases that decisions about a model of a run are found on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from mlcore.data.picked import picked
from mlcore.data.row_numbers import raw_rows
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.draws import sample_of
from mlcore.evaluation.intervals import MOST_UNITS
from mlcore.evaluation.predictions import Integers
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold


def gathered(folder: Path, key: str) -> Cases:
    """What the trial said about rows it had not been trained on, a sample of very many, with their raw rows."""
    run = RunFolder(folder)
    said = OutOfFold.read(run, key)
    sample = sample_of(replace(said.predictions(run), low=None, high=None), MOST_UNITS)
    places = np.unique(sample.predictions.rows)
    return Cases(
        predictions=sample.predictions,
        fold=said.fold if sample.taken is None else said.fold[sample.taken],
        n=sample.n,
        ids=sample.ids,
        stands_for=sample.stands_for,
        cells=_rows(run, places),
        places=places,
    )


def _rows(run: RunFolder, places: Integers) -> pd.DataFrame:
    """The raw rows of these rows of the run's table, in their order; empty for one that a recipe appended."""
    plan = run.plan
    names = [name for name in (plan.inputs or plan.schema).names if name != plan.goal.target]
    if run.raw_path is None:
        return picked(run.table_path, places, names)
    raw = np.asarray(raw_rows(run.table_path, int(places.max()) + 1))[places]
    known, back = np.unique(raw[raw >= 0], return_inverse=True)
    found = picked(run.raw_path, known, names).iloc[back]
    return found.set_axis(np.flatnonzero(raw >= 0)).reindex(np.arange(len(places)))
