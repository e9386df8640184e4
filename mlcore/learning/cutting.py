"""Cut dense columns into parts, one column of 0 and 1 for each."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats


def cutter(X: Floats, parts: int, seed: int) -> Any:
    """Columns of two values are cut between them, those of more into equal shares of the rows; constants are left out.

    Without a column that varies the first one stays, whole.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import KBinsDiscretizer

    distinct = np.array([len(np.unique(column)) for column in X.T])
    shares = KBinsDiscretizer(
        n_bins=parts,
        encode="onehot-dense",
        strategy="quantile",
        quantile_method="averaged_inverted_cdf",
        subsample=200_000,
        random_state=seed,
    )
    halves = KBinsDiscretizer(n_bins=2, encode="onehot-dense", strategy="uniform", subsample=None)
    steps = [("shares", shares, distinct > 2), ("halves", halves, distinct == 2)]
    chosen = [(name, step, np.flatnonzero(mask).tolist()) for name, step, mask in steps if mask.any()]
    return ColumnTransformer(chosen or [("whole", "passthrough", [0])])


def applied(unfitted: Any, X: Floats) -> Floats:
    """Fit the cutter and cut; fewer parts than asked for are fine."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Bins whose width are too small")
        return np.asarray(unfitted.fit_transform(X), dtype=np.float64)


def blocks_of(cutter: Any) -> list[tuple[int, Floats]]:
    """For each column that goes in: its place, and the edges of its parts."""
    steps = [(step, places) for name, step, places in cutter.transformers_ if name in ("shares", "halves")]
    found = [pair for step, places in steps for pair in zip(places, step.bin_edges_, strict=True)]
    return found or [(0, np.array([-np.inf, np.inf]))]
