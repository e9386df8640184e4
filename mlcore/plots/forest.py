"""A forest plot: a row with its name above, a dot for the value, a line for its interval, the whole as a hairline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mlcore.plots.canvas import above, blank, distinct, note, plain, rule
from mlcore.plots.tokens import LIGHT

MOST = 16
STEP, EDGES, LINE = 42, 50, 16
"""Pixels of a row, of what stands below all rows, and of one more line of a name."""
TOP, BARE = 34, 8
"""Pixels above all rows, with a word over the hairline and without."""
LEAST = 142
"""Pixels of the rows and what stands below them, however few rows there are."""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One row: `said` is what a person reads on hover, `aside` what stands after the name, `color` a token.

    A bound is None when nothing bounds it. `lines` is the name in lines of their own, where it has parts.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    said: str
    aside: str = ""
    color: str = LIGHT.quiet
    lines: tuple[str, ...] = ()


def forest(
    marks: Sequence[Mark], *, x: str, whole: float | None, whole_word: str, form: str | None = None
) -> go.Figure:
    """The rows from the top, at most `MOST`; `whole` is what they are compared with."""
    shown = list(marks[:MOST])
    names = distinct([mark.name for mark in shown], 46)
    most = max((len(mark.lines) for mark in shown), default=1) or 1
    top = TOP if whole is not None else BARE
    height = EDGES + top + (STEP + LINE * (most - 1)) * len(shown)
    figure = blank(x=x, grid="x", height=max(LEAST + top, height), left=12)
    for name, mark in zip(names, shown, strict=True):
        lines = [plain(line, 46) for line in mark.lines] or [name]
        label = "<br>".join(lines) + (f" · {plain(mark.aside, 60)}" if mark.aside else "")
        above(figure, name, label, yshift=14 + LINE * (len(lines) - 1) // 2, color=LIGHT.muted)
        low, high = _ends(mark)
        figure.add_scatter(
            x=[low, high], y=[name, name], mode="lines", line={"color": mark.color, "width": 3}, opacity=0.55,
            hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=[mark.value], y=[name], mode="markers", marker={"size": 10, "color": mark.color},
            hovertemplate=f"{plain(mark.said, 200)}<extra></extra>",
        )  # fmt: skip
    if whole is not None:
        rule(figure, x=whole)
        note(figure, whole, 1, whole_word, yref="paper", yanchor="bottom", xanchor="center", yshift=4)
    ends = [end for mark in shown for end in (*_ends(mark), mark.value)] + ([whole] if whole is not None else [])
    pad = 0.06 * ((max(ends) - min(ends)) or max(abs(max(ends)), 1.0))
    figure.update_layout(margin={"t": top, "r": 24})
    figure.update_xaxes(range=[min(ends) - pad, max(ends) + pad], nticks=6, tickformat=form)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _ends(mark: Mark) -> tuple[float, float]:
    return mark.value if mark.low is None else mark.low, mark.value if mark.high is None else mark.high
