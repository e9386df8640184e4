"""Predicted against actual, for several models of a number in one chart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact
from mlcore.evaluation.evaluation import Points
from mlcore.plots.canvas import basis, blank, finished, needs, note, quoted
from mlcore.plots.overlay import Named, key, looks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "One mark a row and model. On the diagonal the prediction equals the truth; above it the model said too much. "
    "Marks of one colour that lie closer to the diagonal belong to the better model there."
)
SHOWN = 300


def draw(named: Named) -> Panel:
    """The same sample of rows for each model, the truth to the right and the prediction upwards."""
    models = looks([title for title, _ in named])
    needs(all(made.regression and made.regression.points.rows for _, made in named), "This chart is for numbers")
    details = [made.regression for _, made in named if made.regression is not None]
    points = [_some(detail.points) for detail in details]
    both = np.concatenate([values for truth, said in points for values in (truth, said)])
    low, high = float(both.min()), float(both.max())
    pad = 0.03 * (high - low) or 1.0
    figure = blank(x="True value", y="Predicted value", left=64)
    figure.add_scatter(
        x=[low, high], y=[low, high], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )  # fmt: skip
    frames = []
    for model, (truth, said), (title, _) in zip(models, points, named, strict=True):
        figure.add_scatter(
            x=truth, y=said, mode="markers",
            marker={"size": 6, "color": model.color, "symbol": model.symbol, "opacity": 0.6},
            hovertemplate=f"{model.name}<br>true %{{x:,.4~g}}, predicted %{{y:,.4~g}}<extra></extra>",
        )  # fmt: skip
        frames.append(pd.DataFrame({"model": title, "true": truth, "predicted": said}))
    note(figure, high, high, "exact", xanchor="right", yanchor="bottom", xshift=-14)
    figure.update_xaxes(range=[low - pad, high + pad], nticks=5)
    figure.update_yaxes(range=[low - pad, high + pad], nticks=6)
    key(figure, models)
    within = [(dict(detail.error_quantiles), title) for detail, (title, _) in zip(details, named, strict=True)]
    told = ", ".join(f"{quoted(title)} {compact(one[0.5])} and {compact(one[0.9])}" for one, title in within)
    return Panel(
        key="predicted_actual_beside", title="Predicted against actual", figure=finished(figure),
        frame=pd.concat(frames),
        reading=f"Within how much of the truth half, and nine of ten, of the predictions are: {told}.",
        basis=basis(named[0][1].n, named[0][1].measured, shown=len(points[0][0])), help=HELP,
        alt=f"Scatter of predicted against true values of {len(named)} models around the diagonal.",
    )  # fmt: skip


def _some(points: Points) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The truth and the prediction of every so many rows, spread evenly over the table."""
    step = -(-len(points.rows) // SHOWN)
    return points.truth[::step], points.predicted[::step]


CHART = Chart(
    key="predicted_actual_beside", title="Predicted against actual", of="evaluations", help=HELP, draw=draw,
    tasks=("regression",),
)  # fmt: skip
