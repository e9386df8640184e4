"""Predicted against actual: how close to the diagonal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact, percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = "One dot a row. On the diagonal the prediction equals the truth; above it the model said too much."


def draw(evaluation: Evaluation) -> Panel:
    """A sample of rows, the truth to the right and the prediction upwards."""
    detail = evaluation.regression
    needs(detail and detail.points.rows, "This chart needs a task that predicts a number")
    assert detail is not None
    points = detail.points
    both = np.concatenate([points.truth, points.predicted])
    low, high = float(both.min()), float(both.max())
    pad = 0.03 * (high - low) or 1.0
    figure = blank(x="True value", y="Predicted value", left=64)
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )  # fmt: skip
    figure.add_scattergl(
        x=points.truth, y=points.predicted, mode="markers", customdata=points.rows,
        marker={"size": 5, "color": LIGHT.accent, "opacity": 0.75 if len(points.rows) < 300 else 0.35},
        hovertemplate="row %{customdata}<br>true %{x:,.4~g}, predicted %{y:,.4~g}<extra></extra>",
    )  # fmt: skip
    note(figure, high, high, "exact", xanchor="right", yanchor="bottom", xshift=-14)
    figure.update_xaxes(range=[low - pad, high + pad], nticks=7)
    figure.update_yaxes(range=[low - pad, high + pad], nticks=6)
    quantiles = dict(detail.error_quantiles)
    share = f" It accounts for {percent(evaluation['r2'].value)} of the variation." if "r2" in evaluation else ""
    if "r2" in evaluation and evaluation["r2"].value < 0:
        share = " It does worse than always predicting the mean."
    return Panel(
        key="predicted_actual", title="Predicted against actual", figure=finished(figure),
        reading=f"Half of the predictions are within {compact(quantiles[0.5])} of the truth, nine of ten within "
        f"{compact(quantiles[0.9])}.{share}",
        frame=pd.DataFrame({"row": points.rows, "true": points.truth, "predicted": points.predicted}),
        basis=basis(evaluation.n, evaluation.measured, shown=len(points.rows)), help=HELP,
        alt="Scatter of predicted against true values around the diagonal.",
    )  # fmt: skip


CHART = Chart(
    key="predicted_actual", title="Predicted against actual", of="evaluation", help=HELP, draw=draw,
    tasks=("regression",),
)  # fmt: skip
