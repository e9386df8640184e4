"""Naive Bayes: each column votes for itself, as if the others did not matter.

Its votes are too sure of themselves, since columns repeat each other (Zadrozny and Elkan, "Obtaining calibrated
probability estimates from decision trees and naive Bayesian classifiers", ICML 2001); what it says is therefore brought
back to shares by Platt's sigmoid, learned on rows left out inside the training part. Columns are cut into equal parts
of the rows (Dougherty, Kohavi and Sahami, "Supervised and unsupervised discretization", ICML 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.evaluation.predictions import Task
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.params import Param, Value


def build(task: Task, params: Mapping[str, Value], seed: int, threads: int) -> Any:
    """Counts in parts of each column rather than bell curves, which a heavy tail upsets."""
    from mlcore.learning.votes import Votes

    del task, threads
    settings: dict[str, Any] = dict(params)
    return Votes(seed=seed, **settings)


BAYES = ModelKind(
    key="bayes",
    title="Naive Bayes",
    family="bayes",
    about="Asks for every column how usual its value is among the rows of each label, and multiplies the answers.",
    intake="filled",
    simplicity=3,
    build=build,
    tasks=("binary", "multiclass"),
    min_rows=40,
    max_rows=1_000_000,
    widest=1_000,
    least_label=10,
    stock=lambda model: model.stock,
    params=(
        Param(key="parts", title="Parts of a number", kind="integer", default=8, low=2, high=50),
        Param(
            key="prior",
            title="Rows added to every count",
            kind="number",
            default=1.0,
            low=1e-3,
            high=1e3,
            help="Larger makes rare values say less.",
        ),
    ),
    search=(Range(key="parts", low=3, high=20, log=True), Range(key="prior", low=0.1, high=30, log=True)),
    portfolio=(Config(turn=18),),
)
