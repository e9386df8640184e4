"""The charts catalogue: one file a chart, from a record to a `Panel` (frame, figure, one sentence)."""

from __future__ import annotations

from mlcore.plots import (
    associations,
    beeswarm,
    calibration,
    calibration_beside,
    confusion,
    dependence,
    distribution,
    folds,
    gaps,
    growth,
    importance,
    labels,
    leaderboard,
    lift,
    periods,
    precision_recall,
    precision_recall_beside,
    predicted_actual,
    predicted_actual_beside,
    relation,
    residuals,
    roc,
    roc_beside,
    score_distribution,
    strengths,
    thresholds,
    tradeoff,
    training_progress,
    waterfall,
)
from mlcore.plots.panel import Chart, Panel
from mlcore.registry import Catalogue

__all__ = ["CHARTS", "Chart", "Panel"]

CHARTS: Catalogue[Chart] = Catalogue(
    "chart",
    (
        strengths.CHART,
        associations.CHART,
        gaps.CHART,
        periods.CHART,
        distribution.CHART,
        relation.CHART,
        training_progress.CHART,
        leaderboard.CHART,
        tradeoff.CHART,
        roc_beside.CHART,
        precision_recall_beside.CHART,
        calibration_beside.CHART,
        predicted_actual_beside.CHART,
        folds.CHART,
        growth.CHART,
        roc.CHART,
        precision_recall.CHART,
        calibration.CHART,
        lift.CHART,
        thresholds.CHART,
        score_distribution.CHART,
        confusion.CHART,
        labels.CHART,
        predicted_actual.CHART,
        residuals.CHART,
        importance.CHART,
        beeswarm.CHART,
        dependence.CHART,
        waterfall.CHART,
    ),
)
