"""Bring a table, train and compare models, see why they predict what they predict, hand over a proven one.

The verbs of the command line as functions, each returning a record:

>>> import mlcore
>>> run = mlcore.train("customers.csv", "churn", seconds=60, out="churn-model")  # doctest: +SKIP
>>> mlcore.predict("churn-model", "new.csv")  # doctest: +SKIP

Importing this package loads nothing heavy; a verb imports what it needs when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlcore.api import bundle, compact, estimate, evaluate, explain, load, predict, profile, score, train, verify

__version__ = "0.1.0"

__all__ = [
    "bundle", "compact", "estimate", "evaluate", "explain", "load", "predict", "profile", "score", "train", "verify",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("mlcore.api"), name)
    raise AttributeError(f"module 'mlcore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
