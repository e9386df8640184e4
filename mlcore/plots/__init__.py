"""The charts catalogue: one file a chart, from a record to a `Panel` (frame, figure, one sentence)."""

from __future__ import annotations

from mlcore.plots import (
    associations,
    beeswarm,
    break_even,
    calibration,
    confusion,
    coverage,
    dependence,
    distribution,
    gaps,
    importance,
    labels,
    leaderboard,
    lift,
    periods,
    precision_recall,
    predicted_actual,
    relation,
    residuals,
    roc,
    score_distribution,
    slices,
    strengths,
    thresholds,
    tradeoff,
    training_progress,
    waterfall,
    worst_segments,
    worth,
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
        worst_segments.CHART,
        slices.CHART,
        importance.CHART,
        beeswarm.CHART,
        dependence.CHART,
        waterfall.CHART,
        worth.CHART,
        break_even.CHART,
        coverage.CHART,
    ),
)
