"""Beeswarm: every explained row a dot, so that direction and spread of each column are seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explanation import Explanation
from mlcore.plots.canvas import blank, distinct, finished, note, plain, quoted, room
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import (
    Contributions,
    as_numbers,
    basis,
    column_of,
    contributions,
    row_numbers,
    target_words,
    value_text,
)
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 10
POINTS = 10_000
HELP = (
    "Each dot is one row. Right of 0 the column raises the output for that row, left it lowers it. Blue dots have low "
    "values of the column, orange ones high values; grey ones are words or missing. " + CAUSES
)
SCALE = [[0.0, LIGHT.lowers], [0.5, LIGHT.even], [1.0, LIGHT.raises]]


def draw(explanation: Explanation, *, output: str | None = None, most: int = MOST) -> Panel:
    """The contributions of the leading columns, row by row."""
    made = contributions(explanation, output)
    top = made.order[:most]
    rows = np.arange(len(made.values))
    if len(rows) * len(top) > POINTS:
        rows = np.sort(np.random.default_rng(0).choice(rows, POINTS // len(top), replace=False))
    names = distinct([made.columns[index] for index in top], 22)
    what = f"probability of {quoted(made.name)}" if made.unit else "the prediction"
    unit = "points" if made.unit else "in its unit"
    figure = blank(x=f"← lowers · {plain(what, 30)}, {unit} · raises →", grid="",
                   height=max(320, 84 + 34 * len(top)), left=room(names))  # fmt: skip
    figure.add_vline(x=0, line={"color": LIGHT.border, "width": 1})
    for place, index in enumerate(top):
        _swarm(figure, explanation, made, index, place, rows)
    _key(figure)
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(top))), ticktext=names, range=[len(top) - 0.4, -0.9], showgrid=True,
    )  # fmt: skip
    figure.update_xaxes(nticks=5)
    shown = len(rows)
    return Panel(
        key="beeswarm", title="Which way each column pulls", figure=finished(figure),
        reading=_reading(explanation, made),
        frame=pd.DataFrame(made.values[rows][:, list(top)], columns=[made.columns[index] for index in top]).assign(
            row=row_numbers(explanation)[rows]
        ),
        basis=basis(explanation) + (f"; {shown:,} of them drawn" if shown < len(explanation.rows) else ""),
        help=HELP, alt=f"Dots of {shown} rows for {len(top)} columns, coloured by the column's value.",
    )  # fmt: skip


def _swarm(
    figure: go.Figure, explanation: Explanation, made: Contributions, index: int, place: int, rows: Integers
) -> None:
    raw = column_of(explanation, made.columns[index]).iloc[rows]
    x = made.values[rows, index]
    ranks = _ranks(as_numbers(raw), len(rows))
    marker = {"size": 5, "opacity": 0.75}
    words = [plain(value_text(value)) for value in raw]
    y = place + _spread(x)
    for chosen, more in (
        (np.isnan(ranks), {"color": LIGHT.quiet}),
        (~np.isnan(ranks), {"color": ranks[~np.isnan(ranks)], "colorscale": SCALE, "cmin": 0, "cmax": 1}),
    ):
        if chosen.any():
            figure.add_scattergl(
                x=x[chosen], y=y[chosen], mode="markers", marker={**marker, **more},
                customdata=[word for word, keep in zip(words, chosen, strict=True) if keep],
                hovertemplate="value %{customdata}<br>contributes %{x:+,.3~g}<extra></extra>",
            )  # fmt: skip


def _ranks(values: Floats | None, n: int) -> Floats:
    """The place of each value among all, 0 lowest to 1 highest; NaN for missing ones and words."""
    if values is None:
        return np.full(n, np.nan)
    ranks = pd.Series(values).rank(method="average")
    return np.asarray((ranks - 1) / max(float(ranks.max()) - 1, 1.0), dtype=np.float64)


def _spread(x: Floats, reach: float = 0.38) -> Floats:
    """Heights that put dots which would cover each other side by side: denser means higher, in turn up and down."""
    span = float(np.ptp(x)) or 1.0
    part = np.floor((x - x.min()) / span * 90).astype(np.int64)
    height = np.zeros(len(x))
    most = max(int(np.bincount(part).max()), 12)
    for value in np.unique(part):
        members = np.flatnonzero(part == value)
        turn = np.arange(len(members))
        height[members] = np.ceil(turn / 2) * np.where(turn % 2 == 0, 1, -1)
    return height / (most / 2) * reach


def _key(figure: go.Figure) -> None:
    """The key to the colours: three words in the colours they name."""
    words = ((-150, "● low value", LIGHT.lowers), (-62, "● high value", LIGHT.raises), (0, "● words", LIGHT.muted))
    for shift, word, color in words:
        note(figure, 1, 1, word, color=color, xref="paper", yref="paper", xanchor="right", xshift=shift, yshift=4)


def _reading(explanation: Explanation, made: Contributions) -> str:
    index = made.order[0]
    name, x = made.columns[index], made.values[:, index]
    numbers = as_numbers(column_of(explanation, name))
    what = target_words(explanation, made)
    if numbers is not None and np.isfinite(numbers).sum() > 2:
        known = np.isfinite(numbers)
        together = float(pd.Series(numbers[known]).rank().corr(pd.Series(x[known]).rank()) or 0.0)
        if abs(together) > 0.3:
            direction = "higher" if together > 0 else "lower"
            return f"High values of {quoted(name)} go with a {direction} output: it pulls {what} most, row by row."
    low, high = made.shown(float(x.min())), made.shown(float(x.max()))
    return f"{quoted(name)} pulls {what} most, between {low} and {high} depending on the row."


CHART = Chart(key="beeswarm", title="Which way each column pulls", of="explanation", help=HELP, draw=draw)
