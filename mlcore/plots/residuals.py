"""Residuals: how large the errors are and on which side."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A residual is the true value minus the prediction: right of 0 the model said too little, left of it too much. "
    "The outermost bars include everything beyond."
)


def draw(evaluation: Evaluation) -> Panel:
    """The histogram of the residuals around 0."""
    detail = evaluation.regression
    needs(detail, "This chart needs a task that predicts a number")
    assert detail is not None
    edges, counts = np.array(detail.residuals.edges), np.array(detail.residuals.counts[0])
    middle = (edges[:-1] + edges[1:]) / 2
    figure = blank(x="True value minus prediction", y="Rows", left=52)
    figure.add_bar(
        x=middle, y=counts, width=np.diff(edges) * 0.92, marker={"color": LIGHT.accent, "line": {"width": 0}},
        customdata=np.column_stack([edges[:-1], edges[1:]]),
        hovertemplate="%{y:,.0f} rows<br>%{customdata[0]:,.4~g} to %{customdata[1]:,.4~g}<extra></extra>",
    )  # fmt: skip
    figure.add_vline(x=0, line={"color": LIGHT.text, "width": 1})
    top = float(counts.max())
    note(figure, 0, 1.08 * top, "said too much ←", xanchor="right", xshift=-8)
    note(figure, 0, 1.08 * top, "→ said too little", xshift=8)
    figure.update_yaxes(range=[0, 1.16 * top], nticks=5, tickformat=",d")
    mean, low, high = detail.bias
    even = low <= 0 <= high
    side = "too little" if mean > 0 else "too much"
    reading = (
        "On average the errors cancel out: no lasting tendency to say too much or too little."
        if even
        else f"On average it says {compact(abs(mean))} {side} (95\u00a0% interval "
        f"{compact(min(abs(low), abs(high)))} to {compact(max(abs(low), abs(high)))})."
    )
    return Panel(
        key="residuals", title="How large the errors are", figure=finished(figure), reading=reading,
        frame=pd.DataFrame({"from": edges[:-1], "to": edges[1:], "rows": np.round(counts).astype(int)}),
        basis=basis(evaluation.n, evaluation.measured), help=HELP, alt="Histogram of residuals around 0.",
    )  # fmt: skip


CHART = Chart(
    key="residuals", title="How large the errors are", of="evaluation", help=HELP, draw=draw, tasks=("regression",)
)
