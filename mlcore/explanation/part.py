"""A member of a model as an explainer sees it: encoded rows, where each encoded column comes from, and an estimator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers

Matrix = Any
"""Encoded rows, (n, e): a numpy array, or a scipy sparse matrix from the encoders of linear models."""


class NotMine(Exception):  # noqa: N818  # not a failure: the next explainer is asked
    """This explainer cannot explain the part; the reason in words."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """What is needed to explain one member.

    `estimator` takes encoded rows; None when there is only the function. `origins` is (e,): the index of the user's
    column, of `columns` in all, that each encoded column comes from. `outputs` gives the k explained outputs of encoded
    rows, (n, k). `classes` is the number of labels (0: regression) and `chosen` the codes of the k explained ones.
    `power` is what the estimator's probabilities are raised to, and `bias`, one a label, is added to their logarithms
    then (none: nothing is); `outputs` does both already. `kept` is what explainers
    have made of it, by their keys: it serves the next rows too.
    """

    title: str
    estimator: Any
    outputs: Callable[[Matrix], Floats]
    origins: Integers
    columns: int
    classes: int
    chosen: tuple[int, ...]
    power: float = 1.0
    bias: tuple[float, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def codes(self) -> Integers:
        """The label codes that the estimator's own outputs stand for, in its order."""
        return np.asarray(self.estimator.classes_, dtype=np.int64)

    def moved(self, margins: Floats) -> Floats:
        """What the estimator adds up before its link, (…, outputs), as the power and the bias make it."""
        if not self.bias:
            return np.asarray(margins * self.power)
        both = margins.shape[-1] > 1
        return np.asarray(margins * self.power + (np.asarray(self.bias) if both else self.bias[1] - self.bias[0]))

    def placed(self, own: Floats) -> Floats:
        """From the estimator's own outputs (the last axis) to the explained ones; a label it never saw gets 0."""
        if not self.classes:
            return own
        if own.shape[-1] == 1:  # two labels, the probability of the second
            own = np.concatenate((-own, own), axis=-1)
        full = np.zeros((*own.shape[:-1], self.classes))
        full[..., self.codes] = own
        return full[..., list(self.chosen)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """`values` is (n, d, k), and `variance` the square of the standard error of each; None when they are exact."""

    values: Floats
    variance: Floats | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Method:
    """A way to explain a part. `words` says how; `run` takes encoded rows and background rows, dense or sparse."""

    words: str
    run: Callable[[Matrix, Matrix], Contributions]
