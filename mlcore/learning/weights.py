"""How much each row counts while a model learns: by a column of the table, by its label, by its age.

All three are one thing to a model: a weight for each row, on average 1. Scores count every row once all the same, so
that models with and without weights can be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, Literal

import numpy as np
import pandas as pd

from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import scoring

ClassWeight = Mapping[str, float] | Literal["balanced"]
"""What rows of a label count; "balanced": each label as much as any other, however few its rows are."""

IGNORED = "It cannot weigh rows, so every row counted the same while it learned."


@dataclass(frozen=True, kw_only=True, eq=False)
class Weighing:
    """`rows`: (n,), None when all count alike. `classes`: by label code. `half_life`: a row that much older than the
    newest counts half, in the unit of the rows' moments."""

    rows: Floats | None = None
    classes: Floats | Literal["balanced"] | None = None
    half_life: float | None = None

    def take(self, places: Integers) -> Weighing:
        """For these rows only."""
        return replace(self, rows=None if self.rows is None else self.rows[places])

    def of(self, chosen: Integers, truth: Floats | Integers, moments: Floats | None) -> Floats | None:
        """The weights of the chosen rows among themselves, with mean 1; None when they count alike."""
        parts = []
        if self.rows is not None:
            parts.append(self.rows[chosen])
        if self.classes is not None:
            parts.append(_by_label(truth[chosen].astype(np.int64), self.classes))
        if self.half_life is not None and moments is not None:
            parts.append(_by_age(moments[chosen], self.half_life))
        if not parts:
            return None
        product = np.prod(parts, axis=0)
        mean = product.mean()
        return np.asarray(product / mean if mean > 0 else product, dtype=np.float64)


def weights_of(values: pd.Series, name: str) -> Floats:
    """A column of weights, (n,); `GoalError` when it holds what cannot be one."""
    where = f"column {name!r}"
    weights, unreadable = scoring.numbers(values)
    if unreadable.any() or np.isinf(weights).any():
        cell = str(values[unreadable].iloc[0]) if unreadable.any() else "inf"
        raise GoalError(f"The weights hold values that are no finite numbers: {cell!r}", where=where, remedy=_NUMBERS)
    if np.isnan(weights).any():
        gone = int(np.isnan(weights).sum())
        raise GoalError(f"{gone:,} of {len(weights):,} rows have no weight", where=where, remedy=_FILL)
    if (weights < 0).any():
        raise GoalError(
            f"{int((weights < 0).sum()):,} rows have a weight below 0, the lowest is {weights.min():g}",
            where=where,
            remedy="A row counts 0 or more. Correct these cells, leave the rows out, or train without weights.",
        )
    if not (weights > 0).any():
        raise GoalError(
            "Every weight is 0, so no row would count",
            where=where,
            remedy="Give some rows a weight above 0, choose another column, or train without weights.",
        )
    return weights


_NUMBERS = "Repair these cells, choose a column of numbers, or train without weights."
_FILL = "Fill them (1 is as much as usual, 0 leaves the row out), choose another column, or train without weights."


def class_weights(asked: ClassWeight, labels: Sequence[str]) -> Floats | Literal["balanced"]:
    """By label code, 1 for labels that are not named; `GoalError` for an unknown label or a weight that is none."""
    if isinstance(asked, str):
        return "balanced"
    for label, weight in asked.items():
        if label not in labels:
            known = ", ".join(map(repr, labels[:8]))
            raise GoalError(f"There is no label {label!r} to weigh", remedy=f"The labels are: {known}.")
        if not 0 < weight < np.inf:
            raise GoalError(
                f"The label {label!r} cannot count {weight:g}",
                remedy="Give a number above 0, where 1 is as much as usual. To leave a label out, remove its rows.",
            )
    return np.array([float(asked.get(label, 1.0)) for label in labels])


def fit_params(model: Any, weights: Floats | None) -> dict[str, Any]:
    """How `model.fit` is to be told the weights; empty without weights, and for a model that cannot weigh rows."""
    name = None if weights is None else _parameter(model)
    return {} if name is None else {name: weights}


def _parameter(model: Any) -> str | None:
    """The argument of `fit` that takes weights: of the model itself, of its last step, or of the model it wraps."""
    if isinstance(getattr(model, "steps", None), list):
        last, step = model.steps[-1]
        inner = _parameter(step)
        return None if inner is None else f"{last}__{inner}"
    names = signature(model.fit).parameters
    if "sample_weight" in names:
        return "sample_weight"
    wrapped = getattr(model, "regressor", None) or getattr(model, "estimator", None)
    return _parameter(wrapped) if wrapped is not None and "fit_params" in names else None


def _by_label(codes: Integers, classes: Floats | Literal["balanced"]) -> Floats:
    if not isinstance(classes, str):
        return classes[codes]
    counts = np.bincount(codes)
    return np.asarray(len(codes) / np.maximum(counts, 1)[codes], dtype=np.float64)


def _by_age(moments: Floats, half_life: float) -> Floats:
    """Rows without a moment count as the oldest."""
    known = moments[np.isfinite(moments)]
    if not len(known):
        return np.ones(len(moments))
    age = known.max() - np.maximum(moments, known.min())
    return np.asarray(np.exp2(-np.minimum(age / half_life, 50.0)), dtype=np.float64)
