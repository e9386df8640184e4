"""What a model said about rows, beside the truth when it is known. Knows no model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlcore.data.schema import Task as Task
from mlcore.evaluation.costs import Costs

Measured = Literal["cross-validation", "validation", "hold-out", "new data"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictions:
    """Predictions for n rows.

    Classification: `values` is (n, k), the probability of each of the k `labels` (rows sum to 1); `truth` is (n,), the
    index of the true label. `positive` is the label that counts as "yes" in a binary task.
    Regression: `values` and `truth` are (n,), in the target's unit; `low` and `high` bound the prediction interval.
    `rows` is (n,), the position of each row in its table. `groups` is (n,), equal for rows that belong together.
    `costs` are those that were agreed for a binary task; None when there are none.
    """

    task: Task
    values: Floats
    rows: Integers
    labels: tuple[str, ...] = ()
    positive: str | None = None
    truth: Floats | Integers | None = None
    low: Floats | None = None
    high: Floats | None = None
    groups: Integers | None = None
    measured: Measured = "new data"
    costs: Costs | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def positive_index(self) -> int:
        """The column of `values` that holds the probability of `positive`."""
        return self.labels.index(self.positive) if self.positive is not None else len(self.labels) - 1

    @property
    def score(self) -> Floats:
        """The probability of the positive label, (n,); binary tasks only."""
        return np.asarray(self.values[:, self.positive_index], dtype=np.float64)

    def averaged(self) -> Predictions:
        """Each row once, in the order of the table, with the mean of what was said of it in several rounds."""
        rows, first, place = np.unique(self.rows, return_index=True, return_inverse=True)
        once = replace(self.take(first.astype(np.int64)), low=None, high=None)
        if len(rows) == len(self):
            return once
        counts = np.bincount(place).astype(np.float64)
        columns = self.values[:, None] if self.task == "regression" else self.values
        means = np.stack([np.bincount(place, weights=column) / counts for column in columns.T], axis=1)
        return replace(once, values=means[:, 0] if self.task == "regression" else means)

    def take(self, chosen: Integers) -> Predictions:
        """The predictions at these positions (repeats allowed), in this order."""

        def of(array: NDArray[np.generic] | None) -> NDArray[np.generic] | None:
            return None if array is None else array[chosen]

        return replace(
            self,
            values=self.values[chosen],
            rows=self.rows[chosen],
            truth=of(self.truth),  # type: ignore[arg-type]
            low=of(self.low),  # type: ignore[arg-type]
            high=of(self.high),  # type: ignore[arg-type]
            groups=of(self.groups),  # type: ignore[arg-type]
        )
