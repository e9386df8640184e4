"""Bands: how far off predictions are, and whether intervals hold, from the smallest to the largest predictions."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import compact, percent
from mlcore.evaluation.binning import wilson
from mlcore.evaluation.evaluation import Band, Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, rule, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

PROMISED = 0.9
HELP = (
    "Rows in tenths by what was predicted. Each interval promises to hold the truth nine times in ten: a dot far below "
    "the dotted line is a part of the range where it is too narrow, above it is wider than needed. Lines are 95 % "
    "intervals of the share."
)


def draw(evaluation: Evaluation) -> Panel:
    """The share of rows inside their interval, by tenth of the predicted value."""
    detail = evaluation.regression
    needs(detail, "This chart needs a task that predicts a number")
    assert detail is not None
    bands = [band for band in detail.bands if band.coverage is not None]
    needs(bands, "This model gives no intervals, so their coverage cannot be measured")
    ends = [wilson(band.coverage or 0.0, band.n) for band in bands]
    figure = blank(x="Predicted value", y="Share of rows inside their interval")
    figure.add_scatter(
        x=[band.predicted for band in bands], y=[band.coverage for band in bands], mode="markers+lines",
        line={"color": LIGHT.accent, "width": 1.5}, marker={"size": 8, "color": LIGHT.accent},
        error_y={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.2, "width": 0,
                 "array": [high - (band.coverage or 0.0) for band, (_, high) in zip(bands, ends, strict=True)],
                 "arrayminus": [(band.coverage or 0.0) - low for band, (low, _) in zip(bands, ends, strict=True)]},
        customdata=[[round(band.n), band.mean_error] for band in bands],
        hovertemplate="predicted about %{x:,.4~g}<br>%{y:.1%} inside<br>%{customdata[0]:,} rows, mean error "
        "%{customdata[1]:,.4~g}<extra></extra>",
    )  # fmt: skip
    rule(figure, y=PROMISED)
    note(figure, 1, PROMISED, "promised", xref="paper", xanchor="right", yanchor="top", yshift=-2)
    floor = max(0.0, min(0.7, min(low for low, _ in ends)) - 0.02)
    ticks = share_ticks(most=6)
    figure.update_yaxes(range=[floor, 1.02], **ticks)
    figure.update_xaxes(nticks=6)
    return Panel(
        key="bands", title="Do the intervals hold?", figure=finished(figure), reading=_reading(bands, ends),
        frame=pd.DataFrame({"rows": round(band.n), "predicted": band.predicted, "true": band.truth,
                            "mean error": band.mean_error, "inside the interval": band.coverage}
                           for band in detail.bands),
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"Coverage of the intervals in {len(bands)} bands of predicted values, 90 % promised.",
    )  # fmt: skip


def _reading(bands: list[Band], ends: list[tuple[float, float]]) -> str:
    n = sum(band.n for band in bands)
    inside = sum((band.coverage or 0.0) * band.n for band in bands) / n
    narrow = [band for band, (_, high) in zip(bands, ends, strict=True) if high < PROMISED]
    whole = f"{percent(inside, 1)} of all rows lie inside their interval, 90\u00a0% were promised"
    if not narrow:
        return f"{whole}; in no part of the range is it shown to hold fewer."
    worst = min(narrow, key=lambda band: band.coverage or 0.0)
    return f"{whole}; where it predicts about {compact(worst.predicted)} only {percent(worst.coverage or 0.0)} do."


CHART = Chart(key="bands", title="Do the intervals hold?", of="evaluation", help=HELP, draw=draw, tasks=("regression",))
