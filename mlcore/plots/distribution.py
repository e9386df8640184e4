"""Distribution: how the values of one column are spread."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import compact, percent
from mlcore.data.profile import LEVELS, ColumnProfile
from mlcore.data.schema import Column
from mlcore.errors import UserError
from mlcore.plots.canvas import blank, distinct, finished, note, plain, quoted, room, some
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 12
HELP = "How often each value, or each range of values, occurs. Missing values are not drawn; the sentence counts them."


def draw(column: ColumnProfile, described: Column | None = None, *, rows: int) -> Panel:
    """The histogram of a column of numbers or times, or the most frequent values of one of words.

    `described` is the column in the table's schema, `rows` the number of rows of the table.
    """
    if column.histogram is not None:
        figure, frame, reading = _numbers(column, described)
    elif column.top:
        figure, frame, reading = _words(column, rows)
    else:
        raise UserError(f"The column {column.name!r} has no values to draw", remedy="Every row of it is missing.")
    gone = f" {percent(column.missing / rows, 1)} of rows are missing it." if column.missing else ""
    return Panel(
        key="distribution", title=described.titled if described else column.name, figure=finished(figure),
        frame=frame, reading=reading + gone,
        basis=f"{rows - column.missing:,} values in {rows:,} rows{f', {described.kind}' if described else ''}",
        help=HELP, alt=f"Distribution of {plain(column.name)}.",
    )  # fmt: skip


def said(value: float, column: ColumnProfile) -> str:
    """A value of the column as a person reads it."""
    return pd.Timestamp(value, unit="s").strftime("%Y-%m-%d") if column.storage == "datetime" else compact(value)


def _numbers(column: ColumnProfile, described: Column | None) -> tuple[go.Figure, pd.DataFrame, str]:
    assert column.histogram is not None
    bars = column.histogram
    edges, counts = np.array(bars.edges), np.array(bars.counts)
    middle = (edges[:-1] + edges[1:]) / 2
    name = described.shown if described else column.name
    figure = blank(x=plain(described.titled, 60) if described and described.unit else "", y="Rows", left=52)
    times = column.storage == "datetime"
    width = np.diff(edges) * 0.94
    words = np.array([[said(low, column), said(high, column)] for low, high in pairwise(edges)])
    figure.add_bar(
        x=pd.to_datetime(middle, unit="s") if times else middle, y=counts, width=width * 1000 if times else width,
        marker={"color": LIGHT.accent, "line": {"width": 0}}, customdata=words,
        hovertemplate="%{y:,} rows<br>%{customdata[0]} to %{customdata[1]}<extra></extra>",
    )  # fmt: skip
    for count, text, x, anchor in ((bars.below, "◂ {:,} below", 0, "left"), (bars.above, "{:,} above ▸", 1, "right")):
        if count:
            note(figure, x, 1, text.format(count), xref="paper", yref="paper", xanchor=anchor, yanchor="top")
    figure.update_xaxes(nticks=4 if times else 6)
    figure.update_yaxes(nticks=5, tickformat=",d")
    frame = pd.DataFrame({"from": words[:, 0], "to": words[:, 1], "rows": counts})
    at = dict(zip(LEVELS, column.quantiles, strict=False))
    if 0.5 not in at:
        return figure, frame, f"{quoted(name)} has {column.distinct:,} different values."
    reading = (
        f"Half of the values of {quoted(name)} lie between {said(at[0.25], column)} and "
        f"{said(at[0.75], column)}; "
        f"the middle one is {said(at[0.5], column)}."
    )
    return figure, frame, reading


def _words(column: ColumnProfile, rows: int) -> tuple[go.Figure, pd.DataFrame, str]:
    top = column.top[:MOST]
    rest = column.other + sum(counted.count for counted in column.top[MOST:])
    names = distinct([counted.value for counted in top], 24)
    counts = [counted.count for counted in top]
    if rest:
        names, counts = [*names, f"{column.distinct - len(top):,} other values"], [*counts, rest]
    present = max(rows - column.missing, 1)
    figure = blank(grid="x", height=max(150, 50 + 27 * len(names)), left=room(names))
    figure.add_bar(
        x=counts, y=names, orientation="h", hovertemplate="%{y}: %{x:,} rows<extra></extra>",
        marker={"color": [LIGHT.accent] * len(top) + [LIGHT.quiet_soft] * bool(rest), "line": {"width": 0}},
    )  # fmt: skip
    for name, count in zip(names, counts, strict=True):
        note(figure, count, name, some(count / present), xshift=6)
    figure.update_layout(bargap=0.3)
    figure.update_xaxes(range=[0, 1.18 * max(counts)], nticks=5, tickformat=",d")
    figure.update_yaxes(autorange="reversed", type="category")
    frame = pd.DataFrame({"value": [counted.value for counted in column.top],
                          "rows": [counted.count for counted in column.top]})  # fmt: skip
    first = column.top[0]
    if first.count == 1:
        return figure, frame, f"Each of the {column.distinct:,} values occurs once."
    reading = (
        f"{quoted(first.value)} is the most frequent of {column.distinct:,} values: "
        f"{some(first.count / present)} of rows that have one."
    )
    return figure, frame, reading


CHART = Chart(key="distribution", title="Distribution", of="column", help=HELP, draw=draw)
