"""Whether the agreed success is reached: by the whole interval, in either direction of better."""

from __future__ import annotations

import pytest

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.success import sentence, verdict


@pytest.mark.parametrize(
    ("metric", "low", "high", "expected"),
    [
        ("roc_auc", 0.81, 0.9, "reached"),
        ("roc_auc", 0.75, 0.9, "open"),
        ("roc_auc", 0.6, 0.79, "missed"),
        ("roc_auc", None, None, "open"),
        ("rmse", 0.5, 0.79, "reached"),
        ("rmse", 0.5, 0.81, "open"),
        ("rmse", 0.81, 0.9, "missed"),
        ("rmse", 0.81, None, "missed"),
    ],
)
def test_the_whole_interval_decides(metric: str, low: float | None, high: float | None, expected: str) -> None:
    found = verdict(low, high, 0.8, METRICS[metric])
    assert found == expected
    assert METRICS[metric].shown(0.8) in sentence(found, 0.8, METRICS[metric])


def test_without_an_interval_nothing_is_said_to_lie_inside_it() -> None:
    said = sentence(verdict(None, None, 0.8, METRICS["roc_auc"]), 0.8, METRICS["roc_auc"], known=False)
    assert said.startswith("The agreed ROC AUC of 0.800 may be reached or not: these rows are too few for an interval")
