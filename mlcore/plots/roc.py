"""ROC: the positives found against the negatives called positive, at every threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Each point is a threshold. Up: more of the positives are found. Right: more of the negatives are called positive "
    "by mistake. The dotted diagonal is chance; the area under the curve is the ROC AUC."
)


def draw(evaluation: Evaluation, threshold: float | None = None) -> Panel:
    """The ROC curve of a binary evaluation, with the chosen threshold on it."""
    detail = evaluation.binary
    needs(detail and detail.roc, "A ROC curve needs rows of both labels")
    assert detail is not None
    assert detail.roc is not None
    curve, area = detail.roc, evaluation["roc_auc"]
    at = detail.at(evaluation.threshold or 0.5 if threshold is None else threshold)
    figure = blank(x=f"Share of {quoted(plain(detail.negative))} called {quoted(plain(detail.positive))} by mistake",
                   y=f"Share of {quoted(plain(detail.positive))} found")  # fmt: skip
    figure.add_scatter(
        x=curve.x, y=curve.y, mode="lines", line={"color": LIGHT.accent, "width": 2.5}, fill="tozeroy",
        fillcolor=LIGHT.soft, hovertemplate="finds %{y:.0%}, mistaken %{x:.0%}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    mark(figure, 1 - at.specificity, at.recall, f"threshold {at.threshold:.2f}")
    middle = float(np.interp(0.45, curve.x, curve.y))
    note(figure, 0.62, min(0.45, middle - 0.25), f"<b>AUC {area.value:.3f}</b>", color=LIGHT.accent, xanchor="center")
    note(figure, 0.85, 0.85, "chance", yanchor="top", yshift=-6, xshift=6)
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.03], **share_ticks(most=5))
    interval = (
        "" if area.low is None or area.high is None else f" (95\u00a0% interval {area.low:.3f} to {area.high:.3f})"
    )
    reading = (
        f"Given one row with {quoted(detail.positive)} and one without, the first scores higher in "
        f"{percent(area.value)} of cases{interval}; at threshold {at.threshold:.2f} it finds "
        f"{percent(at.recall)} of them and flags "
        f"{percent(1 - at.specificity)} of the others."
    )
    return Panel(
        key="roc", title="How well it sorts", figure=finished(figure), reading=reading,
        frame=pd.DataFrame({"threshold": curve.threshold, "called positive by mistake": curve.x,
                            "positives found": curve.y}),
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"ROC curve above the diagonal of chance, area {area.value:.3f}.",
    )  # fmt: skip


def mark(figure: go.Figure, x: float, y: float, text: str, *, above: bool = False) -> None:
    """The chosen threshold: a dot with a label that stays inside the figure."""
    figure.add_scatter(
        x=[x], y=[y], mode="markers", hovertemplate=f"{text}<extra></extra>",
        marker={"size": 10, "color": LIGHT.accent, "line": {"color": LIGHT.surface, "width": 2}},
    )  # fmt: skip
    on_right = x < (0.72 if above else 0.6)
    note(figure, x, y, text, color=LIGHT.text, xanchor="left" if on_right else "right",
         xshift=10 if on_right else -10, yshift=15 if above else 10 if y < 0.2 else -10)  # fmt: skip


CHART = Chart(key="roc", title="How well it sorts", of="evaluation", help=HELP, draw=draw, tasks=("binary",))
