"""The best weighted average of several models' predictions, found greedily.

Caruana et al., "Ensemble selection from libraries of models", ICML 2004: start from one, add again and again the model
that helps the average most, keep the best average seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers, Predictions


@dataclass(frozen=True, kw_only=True, eq=False)
class Average:
    """How often each of k models is in an average, (k,), and what that average says."""

    counts: Integers
    said: Predictions

    @property
    def shares(self) -> Floats:
        """The weight of each model; they sum to 1."""
        return np.asarray(self.counts / self.counts.sum(), dtype=np.float64)


def greedy(
    parts: Sequence[Predictions],
    worth: Callable[[Predictions], float],
    *,
    steps: int,
    going: Callable[[], bool] = lambda: True,
) -> Average:
    """The best average met on the way from the first model to an average of `steps`; `worth` is larger when better.

    All `parts` are of the same rows. It ends early when it is no longer `going`.
    """
    counts = np.zeros(len(parts), dtype=np.int64)
    counts[0], total = 1, parts[0].values.copy()
    best, most = Average(counts=counts.copy(), said=parts[0]), worth(parts[0])
    for step in range(2, steps + 1):
        if not going():
            break
        worths = [worth(moved(parts[0], (total + part.values) / step)) for part in parts]
        added = int(np.argmax(worths))
        counts[added] += 1
        total = total + parts[added].values
        if worths[added] > most:
            best = Average(counts=counts.copy(), said=moved(parts[0], total / step))
            most = worths[added]
    return best


def moved(said: Predictions, values: Floats) -> Predictions:
    """The same rows with other values, each interval as far from its value as it was."""
    if said.low is None or said.high is None:
        return replace(said, values=values)
    shift = values - said.values
    return replace(said, values=values, low=said.low + shift, high=said.high + shift)
