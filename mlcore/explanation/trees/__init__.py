"""How to read the trees of each library: by the name of the estimator's class, so that no library is imported."""

from __future__ import annotations

from typing import Any

from mlcore.explanation.trees import catboost, histogram, lightgbm, scikit, xgboost
from mlcore.explanation.trees.arrays import NotReadable, Trees

LIBRARIES = (scikit, histogram, lightgbm, xgboost, catboost)


def read(estimator: Any) -> Trees:
    """The estimator's trees as flat arrays; `NotReadable` when it has none or they say more than the arrays can."""
    name = type(estimator).__name__
    for library in LIBRARIES:
        if name in library.NAMES:
            return library.read(estimator)
    raise NotReadable("it is not made of trees")
