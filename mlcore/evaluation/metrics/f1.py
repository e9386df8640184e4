"""F1: precision and recall in one number."""

from __future__ import annotations

from mlcore.evaluation.metrics.counting import outcomes
from mlcore.evaluation.metrics.metric import Metric, Weighted, ratio
from mlcore.evaluation.predictions import Floats, Predictions


def _measure(predictions: Predictions, threshold: float) -> Weighted:
    count = outcomes(predictions, threshold, both="F1")

    def harmonic(weights: Floats) -> Floats:
        hits, false_yes, _, missed = count(weights)
        return ratio(2 * hits, 2 * hits + false_yes + missed, 0.0)

    return harmonic


METRIC = Metric(
    key="f1",
    title="Right when it says yes, and finding them, in one",
    term="F1",
    tasks=("binary",),
    higher_is_better=True,
    low=0.0,
    high=1.0,
    help="The harmonic mean of precision and recall at the threshold: high only when both are.",
    measure=_measure,
    uses_threshold=True,
)
