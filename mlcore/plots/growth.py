"""The learning curve in rows: what was reached with fewer, and what more would bring."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.growing import Growth
from mlcore.evaluation.metrics import METRICS
from mlcore.plots.canvas import blank, finished, needs, note, plain, rule, score_axis, score_named
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A dot is the model after learning from so many rows, with its 95 % interval, always judged on the same rows. The "
    "curve is a power law through the dots; the band is where it may go (95 %), and right of the dotted line nothing "
    "was measured. It supposes that new rows are like those you have."
)


def draw(growth: Growth) -> Panel:
    """The measured scores, the curve through them, and where it goes up to twice the rows."""
    metric = METRICS[growth.metric]
    needs(growth.points and growth.curve, "No part of the rows was learned from yet")
    figure = blank(x="Rows learned from", y=score_named(metric), left=52)
    _band(figure, growth)
    rows = [point.rows for point in growth.curve]
    for part, dash in ((slice(None, None), "dot"), (slice(0, _known(growth)), "solid")):
        figure.add_scatter(
            x=rows[part], y=[point.score for point in growth.curve][part], mode="lines", hoverinfo="skip",
            line={"color": LIGHT.accent, "width": 2, "dash": dash},
        )  # fmt: skip
    _points(figure, growth)
    rule(figure, x=growth.rows)
    note(figure, growth.rows, 0, f"your {growth.rows:,} rows", yref="y domain", yanchor="bottom", xanchor="right",
         xshift=-5, bgcolor=LIGHT.surface, borderpad=1)  # fmt: skip
    ends = [value for point in growth.points for value in (point.score, point.low, point.high) if value is not None]
    ends += [
        bound for point in growth.curve[_known(growth) :] for bound in (point.low, point.high) if bound is not None
    ]
    ends = [value for value in ends if math.isfinite(value)]
    pad = 0.06 * ((max(ends) - min(ends)) or abs(max(ends)) or 1.0)
    figure.update_xaxes(range=[0, 1.02 * rows[-1]], nticks=6, tickformat=",")
    score_axis(figure, metric, min(ends) - pad, max(ends) + pad)
    named = plain(growth.title, 60)
    return Panel(
        key="growth", title="Do you have enough rows?", figure=finished(figure), reading=growth.sentence,
        frame=_frame(growth), help=HELP,
        basis=f"{named} in {len(growth.points)} sizes, judged on {growth.judged:,} rows it had not seen",
        alt=f"{metric.term} against rows learned from, {len(growth.points)} measured sizes and the curve to twice the "
        "rows.",
    )  # fmt: skip


def _known(growth: Growth) -> int:
    """How many points of the curve lie among the rows there are."""
    return max(2, sum(point.rows <= growth.points[-1].rows for point in growth.curve))


def _band(figure: go.Figure, growth: Growth) -> None:
    shown = [(point.rows, point.low, point.high) for point in growth.curve]
    around = [(rows, low) for rows, low, _ in shown] + [(rows, high) for rows, _, high in reversed(shown)]
    figure.add_scatter(
        x=[rows for rows, _ in around], y=[bound for _, bound in around], mode="lines", fill="toself",
        fillcolor=LIGHT.soft, line={"width": 0, "color": LIGHT.soft}, hoverinfo="skip", opacity=0.7,
    )  # fmt: skip


def _points(figure: go.Figure, growth: Growth) -> None:
    scores = [point.score for point in growth.points]
    figure.add_scatter(
        x=[point.rows for point in growth.points], y=scores, mode="markers",
        marker={"size": 9, "color": LIGHT.accent, "line": {"color": LIGHT.surface, "width": 1.5}},
        error_y={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.2, "width": 0,
                 "array": [0 if point.high is None else point.high - point.score for point in growth.points],
                 "arrayminus": [0 if point.low is None else point.score - point.low for point in growth.points]},
        hovertemplate="%{x:,} rows: %{y:.4~g}<extra></extra>",
    )  # fmt: skip


def _frame(growth: Growth) -> pd.DataFrame:
    term = METRICS[growth.metric].term
    parts = (("measured", growth.points), ("curve", growth.curve[_known(growth) :]))
    return pd.DataFrame(
        {"rows": point.rows, term: point.score, "from": point.low, "to": point.high, "how": how}
        for how, points in parts
        for point in points
    )


CHART = Chart(key="growth", title="Do you have enough rows?", of="growth", help=HELP, draw=draw)
