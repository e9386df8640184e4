"""The metrics catalogue, in the order in which people should read them: one file a metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.metrics import (
    accuracy,
    average_precision,
    balanced_accuracy,
    brier,
    coverage,
    f1,
    kappa,
    ks,
    lift_at_10,
    log_loss,
    macro_f1,
    mae,
    mape,
    mcc,
    median_error,
    pinball,
    precision,
    r2,
    recall,
    rmse,
    rmsle,
    roc_auc,
    smape,
    specificity,
    top_3_accuracy,
    value,
)
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.predictions import Task
from mlcore.evaluation.skew import skewness
from mlcore.registry import Catalogue

__all__ = ["METRICS", "Metric", "default_metric", "metrics_for"]

METRICS: Catalogue[Metric] = Catalogue(
    "metric",
    (
        roc_auc.METRIC,
        average_precision.METRIC,
        log_loss.METRIC,
        brier.METRIC,
        precision.METRIC,
        recall.METRIC,
        specificity.METRIC,
        f1.METRIC,
        balanced_accuracy.METRIC,
        accuracy.METRIC,
        lift_at_10.METRIC,
        ks.METRIC,
        value.METRIC,
        macro_f1.METRIC,
        mcc.METRIC,
        kappa.METRIC,
        top_3_accuracy.METRIC,
        rmse.METRIC,
        mae.METRIC,
        median_error.METRIC,
        r2.METRIC,
        mape.METRIC,
        coverage.METRIC,
        pinball.METRIC,
        smape.METRIC,
        rmsle.METRIC,
    ),
)

RARE = 0.1
SKEWED = 2.0


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """The metrics that can score this task, in the catalogue's order."""
    return tuple(metric for metric in METRICS if task in metric.tasks)


def default_metric(
    task: Task, truth: Sequence[Any] | pd.Series[Any] | np.ndarray[Any, Any], positive: str | None = None
) -> str:
    """The key of the metric to sort models by, from the target's values (missing ones are left out).

    Binary: ROC AUC, or average precision when fewer than 10 % of the values are `positive` (the rarer label when not
    given). Multiclass: log loss. Regression: RMSE, or MAE when the values are so skewed (beyond ±2) that squares would
    let a few rows decide.
    """
    if task == "multiclass":
        return "log_loss"
    values = pd.Series(truth).dropna()
    if task == "regression":
        return "mae" if abs(skewness(values.to_numpy(dtype=np.float64))) > SKEWED else "rmse"
    shares = values.astype(str).value_counts(normalize=True)
    share = float(shares.min()) if positive is None else float(shares.get(positive, 0.0))
    return "average_precision" if share < RARE else "roc_auc"
