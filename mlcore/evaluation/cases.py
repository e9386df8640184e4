"""The rows that decisions are found on: what a model said about rows it had not seen, beside what they hold.

A sample stands for all where there are very many; see `evaluation.draws`. The locked rows are never among them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.draws import Units, units_of
from mlcore.evaluation.predictions import Floats, Integers, Measured, Predictions, Task

ROWS = "rows.parquet"
_ABOUT, _ARRAYS = "cases.json", "cases.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """Out-of-fold predictions of m rows of `n`, with the fold (m,) each was left out in.

    `ids` names the units that belong together, sorted; `stands_for` is how many each stands for (None: one). `cells`
    are the raw rows behind them, once each, in the order of their positions `places`; a file is read column by column.
    """

    predictions: Predictions
    fold: Integers
    n: int
    ids: Integers
    stands_for: Floats | None = None
    cells: pd.DataFrame | Path | None = None
    places: Integers | None = None

    def __len__(self) -> int:
        return len(self.predictions)

    @cached_property
    def units(self) -> Units:
        """What is drawn together."""
        return units_of(self.predictions, self.ids, self.stands_for)

    @cached_property
    def weights(self) -> Floats:
        """How much each prediction counts, (m,)."""
        return np.asarray(self.units.once[0, self.units.of_row], dtype=np.float64)

    def column(self, name: str) -> pd.Series:
        """The cells of a raw column, one for each prediction; KeyError when there is none of this name."""
        if self.cells is None or self.places is None:
            raise KeyError(name)
        whole = self.cells if isinstance(self.cells, pd.DataFrame) else pd.read_parquet(self.cells, columns=[name])
        at = np.searchsorted(self.places, self.predictions.rows)
        return whole[name].iloc[at].reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class _About:
    task: Task
    n: int
    labels: tuple[str, ...]
    positive: str | None
    measured: Measured
    costs: Costs | None = None


def store(cases: Cases, folder: Path) -> None:
    """Write the cases into a folder that is there; `read` reads them."""
    said = cases.predictions
    about = _About(
        task=said.task, n=cases.n, labels=said.labels, positive=said.positive, measured=said.measured, costs=said.costs
    )
    arrays: dict[str, Any] = {"values": said.values, "rows": said.rows, "truth": said.truth, "fold": cases.fold}
    arrays |= {"ids": cases.ids, "groups": said.groups, "stands_for": cases.stands_for, "places": cases.places}
    records.write(folder / _ABOUT, about)
    with files.whole(folder / _ARRAYS) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **{name: array for name, array in arrays.items() if array is not None})
    if isinstance(cases.cells, pd.DataFrame):
        with files.whole(folder / ROWS) as temporary:
            cases.cells.to_parquet(temporary, index=False)


def read(folder: Path) -> Cases:
    """The cases that `store` wrote."""
    about = records.read(_About, folder / _ABOUT)
    with np.load(folder / _ARRAYS) as stored:
        arrays = {name: stored[name] for name in stored.files}
    said = Predictions(
        task=about.task,
        values=arrays["values"],
        rows=arrays["rows"],
        labels=about.labels,
        positive=about.positive,
        truth=arrays["truth"],
        groups=arrays.get("groups"),
        measured=about.measured,
        costs=about.costs,
    )
    path = folder / ROWS
    return Cases(
        predictions=said,
        fold=arrays["fold"],
        n=about.n,
        ids=arrays["ids"],
        stands_for=arrays.get("stands_for"),
        cells=path if path.is_file() else None,
        places=arrays.get("places"),
    )
