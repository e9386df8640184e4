"""Gain and lift: how many of the positives are found by working down the list."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import BinaryDetail, Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Sort all rows by score and work down from the top. The curve is the share of positives found so far; the dotted "
    "line is picking at random; the thin line is a perfect model. Lift is how many times better than random."
)


def draw(evaluation: Evaluation, *, share: float = 0.1, threshold: float | None = None) -> Panel:
    """The gain curve of a binary evaluation, with the lift at a share of the rows (0–1), or at those a threshold flags.

    With a threshold at which nothing is flagged, the tenth at the top is marked as without one.
    """
    detail = evaluation.binary
    needs(detail and detail.gain, "A lift curve needs rows of both labels")
    assert detail is not None
    assert detail.gain is not None
    curve = detail.gain
    flagged = 0.0 if threshold is None else detail.at(threshold).flagged
    share = flagged or share
    found = float(np.interp(share, curve.x, curve.y))
    lift = found / share
    figure = _curves(detail, share, found)
    note(figure, share, (found + share) / 2, f"<b>{lift:.1f}×</b> random", color=LIGHT.text, xshift=8)
    note(figure, 0.8, 0.8, "at random", yanchor="top", yshift=-6, xshift=8)
    note(figure, detail.prevalence, 1.0, "perfect", xshift=6, yshift=9)
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.08], **share_ticks(most=5))
    shares = np.array(curve.x)
    return Panel(
        key="lift", title="Working down the list", figure=finished(figure),
        reading=f"The top {percent(share)} of the list holds {percent(found)} of all {quoted(detail.positive)}: "
        f"{lift:.1f} times as many as picking at random.",
        frame=pd.DataFrame({"share of rows": curve.x, "share found": curve.y,
                            "lift": np.divide(curve.y, shares, out=np.ones(len(shares)), where=shares > 0)}).iloc[1:],
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"Gain curve: the top {percent(share)} of rows holds {percent(found)} of the positives.",
    )  # fmt: skip


def _curves(detail: BinaryDetail, share: float, found: float) -> go.Figure:
    """The gain curve between a perfect model and picking at random, with the distance at `share`."""
    assert detail.gain is not None
    figure = blank(
        x="Share of rows taken from the top of the list", y=f"Share of {quoted(plain(detail.positive))} found"
    )
    figure.add_scatter(
        x=[0, detail.prevalence, 1],
        y=[0, 1, 1],
        mode="lines",
        line={"color": LIGHT.quiet, "width": 1},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=detail.gain.x, y=detail.gain.y, mode="lines", line={"color": LIGHT.accent, "width": 2.5},
        hovertemplate="top %{x:.0%} finds %{y:.0%}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[share, share], y=[share, found], mode="lines+markers", hoverinfo="skip",
        line={"color": LIGHT.text, "width": 1},
        marker={"size": [4, 9], "opacity": 1, "color": [LIGHT.quiet, LIGHT.accent]},
    )  # fmt: skip
    return figure


CHART = Chart(key="lift", title="Working down the list", of="evaluation", help=HELP, draw=draw, tasks=("binary",))
