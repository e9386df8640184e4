"""Degradation: the score against the strength of each kind of trouble in the input."""

from __future__ import annotations

import pandas as pd

from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.learning.stress import Curve, Point, Stress
from mlcore.learning.stress_told import NAMES, SHORT, curves_said
from mlcore.plots.canvas import basis, blank, finished, needs, note, rule, score_axis, score_named
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Each line is one kind of trouble in all columns that can have it, stronger to the right: noise and shifts as a "
    "share of a column's spread, missing values and categories never seen as a share of its cells. The bars are 95 % "
    "intervals of the change against the same rows untouched, which the dotted line shows. Of shifts the worse "
    "direction counts."
)


def draw(stress: Stress) -> Panel:
    """A line for each kind of trouble that the model's columns can have."""
    needs(stress.curves, "No column of this model can have any of the troubles that are tried")
    metric = METRICS[stress.metric]
    figure = blank(x="Strength", y=score_named(metric), height=360)
    for at, curve in enumerate(stress.curves):
        color = LIGHT.categories[at]
        scores = [stress.score, *(point.score for point in curve.points)]
        strengths = [0.0, *(point.strength for point in curve.points)]
        up = [0.0, *(point.high - point.lost for point in curve.points)]
        down = [0.0, *(point.lost - point.low for point in curve.points)]
        figure.add_scatter(
            x=strengths, y=scores, mode="lines+markers", line={"color": color, "width": 2},
            marker={"size": 7, "color": color, "symbol": ("circle", "square", "diamond", "triangle-up")[at]},
            error_y={"type": "data", "array": up, "arrayminus": down, "color": color, "thickness": 1, "width": 0},
            hovertemplate=f"{NAMES[curve.kind]}, %{{x:.0%}}: %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    for height, curve in _labels(stress):
        note(figure, curve.points[-1].strength, height, SHORT[curve.kind], xshift=8, yshift=0, bgcolor=LIGHT.surface,
             color=LIGHT.categories[stress.curves.index(curve)])  # fmt: skip
    ends = [end for curve in stress.curves for point in curve.points for end in _bounds(stress, point, metric)]
    low, high = min([*ends, stress.score]), max([*ends, stress.score])
    pad = 0.06 * ((high - low) or max(abs(high), 1.0))
    score_axis(figure, metric, low - pad, high + pad)
    rule(figure, y=stress.score)
    figure.update_xaxes(range=[-0.02, 1.42], tickvals=[0, 0.25, 0.5, 1.0], tickformat=".0%")
    return Panel(
        key="stress_curves", title="How it takes worse input", figure=finished(figure), reading=curves_said(stress),
        frame=_frame(stress, metric), basis=f"{basis(stress.of, stress.measured, shown=stress.n)}; 95 % intervals",
        help=HELP, alt=f"Lines of {metric.term} against strength for {len(stress.curves)} kinds of trouble.",
    )  # fmt: skip


def _bounds(stress: Stress, point: Point, metric: Metric) -> tuple[float, float]:
    sign = -1.0 if metric.higher_is_better else 1.0
    return stress.score + sign * point.low, stress.score + sign * point.high


def _labels(stress: Stress) -> list[tuple[float, Curve]]:
    """Where each line is named: at its end, pushed apart where ends are close."""
    ordered = sorted(stress.curves, key=lambda one: one.points[-1].score)
    scores = [one.points[-1].score for one in stress.curves] + [stress.score]
    least = 0.07 * ((max(scores) - min(scores)) or 1.0)
    placed: list[tuple[float, Curve]] = []
    for one in ordered:
        height = one.points[-1].score
        near = [at for at, other in placed if other.points[-1].strength == one.points[-1].strength]
        placed.append((max([height, *(at + least for at in near)]), one))
    return placed


def _frame(stress: Stress, metric: Metric) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trouble": NAMES[curve.kind], "columns": curve.columns, "strength": point.strength,
            metric.term: point.score, "lost": point.lost, "from": point.low, "to": point.high,
        }
        for curve in stress.curves
        for point in curve.points
    )  # fmt: skip


CHART = Chart(key="stress_curves", title="How it takes worse input", of="stress", help=HELP, draw=draw)
