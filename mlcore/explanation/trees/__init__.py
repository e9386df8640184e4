"""How to read the trees of each library: by the name of the estimator's class, so that no library is imported."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlcore.explanation.trees import catboost, histogram, lightgbm, scikit, xgboost
from mlcore.explanation.trees.arrays import NotReadable, Trees

LIBRARIES: tuple[tuple[tuple[str, ...], Callable[[Any], Trees]], ...] = (
    (scikit.NAMES, scikit.read),
    (histogram.NAMES, histogram.read),
    (lightgbm.NAMES, lightgbm.read),
    (xgboost.NAMES, xgboost.read),
    (catboost.NAMES, catboost.read),
)


def read(estimator: Any) -> Trees:
    """The estimator's trees as flat arrays; `NotReadable` when it has none or they say more than the arrays can."""
    name = type(estimator).__name__
    for names, reader in LIBRARIES:
        if name in names:
            return reader(estimator)
    raise NotReadable("it is not made of trees")
