"""Naive Bayes: each column votes for itself, as if the others did not matter.

Its votes are too sure of themselves, since columns repeat each other (Zadrozny and Elkan, "Obtaining calibrated
probability estimates from decision trees and naive Bayesian classifiers", ICML 2001); what it says is therefore brought
back to shares by Platt's sigmoid, learned on rows that were left out inside the training part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Bell curves for each column and label, widened by `spread` times the largest variance."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.naive_bayes import GaussianNB

    del task, seed, threads
    return CalibratedClassifierCV(GaussianNB(var_smoothing=params["spread"]), method="sigmoid", cv=3, ensemble=False)


BAYES = ModelKind(
    key="bayes",
    title="Naive Bayes",
    family="bayes",
    about="Asks for every column how usual its value is among the rows of each label, and multiplies the answers.",
    intake="scaled",
    simplicity=3,
    build=build,
    tasks=("binary", "multiclass"),
    min_rows=40,
    max_rows=1_000_000,
    max_columns=2_000,
    least_label=10,
    params=(Param(key="spread", title="Widening", kind="number", default=0.01, low=1e-9, high=10.0),),
    search=(Range(key="spread", low=1e-4, high=1.0, log=True),),
    portfolio=(Config(turn=16),),
)
