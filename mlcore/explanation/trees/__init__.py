"""How to read the trees of each library: by the name of the estimator's class, so that no library is imported."""

from __future__ import annotations

import weakref
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


_KEPT: dict[int, tuple[weakref.ref[Any], Trees]] = {}
"""What was read, as long as the estimator lives: a process that answers questions reads the trees of a model once."""


def read(estimator: Any) -> Trees:
    """The estimator's trees as flat arrays; `NotReadable` when it has none or they say more than the arrays can."""
    number = id(estimator)
    kept = _KEPT.get(number)
    if kept is not None and kept[0]() is estimator:
        return kept[1]
    trees = _read(estimator)
    _KEPT[number] = weakref.ref(estimator, lambda _: _KEPT.pop(number, None)), trees
    return trees


def _read(estimator: Any) -> Trees:
    name = type(estimator).__name__
    for names, reader in LIBRARIES:
        if name in names:
            return reader(estimator)
    raise NotReadable("it is not made of trees")
