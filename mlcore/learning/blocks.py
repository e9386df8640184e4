"""Very many rows encoded block by block, as float32: at no time is there more than the rows and their encoded form.

What an encoder does to a row does not depend on the other rows, once it is fitted. Where the rows that it learned from
are encoded otherwise (cross-fitted rates of the target, the gist of a text), that is done for all rows at once: a few
columns. For models of trees only: they look at float32 anyway, or at cuts between numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.folder import spelled, wide

MOST_CELLS = 8_000_000
"""Up to so many cells rows are encoded at once."""

INTAKES = ("gaps", "filled")
BLOCK = 65_536
LOOKED_AT = 100_000  # rows from which medians are taken


@dataclass(frozen=True, eq=False)
class Picked:
    """Some rows of a table of internal columns, of which there need not be a copy."""

    table: pd.DataFrame
    places: Integers

    @property
    def cells(self) -> int:
        """How many there are."""
        return len(self.places) * self.table.shape[1]

    def part(
        self, start: int | None = None, stop: int | None = None, step: int | None = None, light: Sequence[str] = ()
    ) -> pd.DataFrame:
        """Those of a slice of them, with numbers as a model is given them; the columns `light` as they are kept."""
        found = self.table.iloc[self.places[start:stop:step]]
        return pd.concat([wide(found.drop(columns=light)), found[light]], axis=1) if light else wide(found)

    def of(self, fields: Collection[str]) -> Picked:
        """The same with the columns of these fields only."""
        kept = set(fields)
        return Picked(self.table[[name for name in self.table if str(name).partition("_")[0] in kept]], self.places)

    def columns(self, names: str | Sequence[str]) -> Any:
        """All of them, in one column or in some."""
        return self.table[names].iloc[self.places]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Step:
    """A fitted step of an encoder; `said` is what it makes of the rows it learned from, if that is made already."""

    name: str
    step: Any
    places: Any
    said: NDArray[np.float32] | None = None

    def of(self, rows: pd.DataFrame) -> Any:
        cells = rows[self.places]
        return cells.to_numpy() if isinstance(self.step, str) else self.step.transform(cells)


def in_blocks(unfitted: Any, rows: Picked, y: Floats | Integers) -> tuple[Any, NDArray[np.float32]]:
    """The encoder fitted on these rows (internal columns), and the rows encoded, (n, columns)."""
    steps = [_fitted(name, step, places, rows, y) for name, step, places in unfitted.transformers]
    few = rows.part(0, 2)
    ends = np.cumsum([0, *(step.of(few).shape[1] for step in steps)])
    X = np.empty((len(rows.places), int(ends[-1])), dtype=np.float32)
    for start in range(0, len(X), BLOCK):
        block, part = X[start : start + BLOCK], rows.part(start, start + BLOCK)
        for step, left, right in zip(steps, ends, ends[1:], strict=False):
            block[:, left:right] = step.of(part) if step.said is None else step.said[start : start + BLOCK]
    return _joined(unfitted, steps, few), X


def _fitted(name: str, step: Any, places: Any, rows: Picked, y: Floats | Integers) -> _Step:
    from sklearn.preprocessing import TargetEncoder

    from mlcore.learning.filling import Filler
    from mlcore.learning.gist import Gist
    from mlcore.learning.levels import Coded

    if isinstance(step, str):
        return _Step(name=name, step=step, places=places)
    if isinstance(step.step if isinstance(step, Coded) else step, TargetEncoder | Gist):
        cells = rows.columns(places)
        said = step.fit_transform(spelled(cells) if isinstance(cells, pd.DataFrame) else cells.astype(object), y)
        return _Step(name=name, step=step, places=places, said=np.asarray(said, dtype=np.float32))
    if isinstance(step, Filler):
        step.fit(rows.part(step=-(-len(rows.places) // LOOKED_AT))[places])
    else:
        step.fit(rows.columns(places), y)
    return _Step(name=name, step=step, places=places)


def _joined(unfitted: Any, steps: Sequence[_Step], few: pd.DataFrame) -> Any:
    """The encoder with its steps as they were fitted."""
    from sklearn.compose import ColumnTransformer
    from sklearn.frozen import FrozenEstimator

    held = [
        (one.name, one.step if isinstance(one.step, str) else FrozenEstimator(one.step), one.places) for one in steps
    ]
    made = ColumnTransformer(held, sparse_threshold=unfitted.sparse_threshold)
    made.fit(few)
    made.transformers = [(one.name, one.step, one.places) for one in steps]
    made.transformers_ = [(name, getattr(step, "estimator", step), places) for name, step, places in made.transformers_]
    return made
