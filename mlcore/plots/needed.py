"""Needed: how much worse the model would be without what each column tells."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import compact
from mlcore.explanation.probe import Probe
from mlcore.plots.canvas import blank, distinct, finished, needs, note, plain, quoted, room
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 12
DIGITS = 3  # more would say more than the rows do
HELP = (
    "The values of a column are shuffled between rows, so that they tell nothing any more; the bar is how much larger "
    "the model's error becomes (permutation importance), the line its 95 % interval. Columns that go together are "
    "shuffled together, for one would stand in for the other. It is measured on rows the model may have learned from: "
    "it says what the model leans on, not how good it is."
)


def draw(probe: Probe, *, most: int = MOST) -> Panel:
    """The groups of columns whose loss costs most."""
    needs(probe.needed, "The truth of too few rows is known to measure what the model needs")
    top = probe.needed[:most]
    names = distinct([_named(one.columns) for one in top], 26)
    points = probe.task != "regression"
    figure = blank(x=f"Error added ({'log loss' if points else 'RMSE, unit of the target'})", grid="x",
                   height=max(220, 74 + 27 * len(names)), left=room(names))  # fmt: skip
    values = [one.loss for one in top]
    figure.add_bar(
        x=values, y=names, orientation="h", hovertemplate="%{y}: %{x:,.3~g}<extra></extra>",
        marker={"color": [LIGHT.accent if one.low > 0 else LIGHT.quiet_soft for one in top], "line": {"width": 0}},
        error_x={"type": "data", "array": [one.high - one.loss for one in top], "symmetric": False,
                 "arrayminus": [one.loss - one.low for one in top], "color": LIGHT.muted, "thickness": 1, "width": 0},
    )  # fmt: skip
    for name, one in zip(names, top, strict=True):
        note(figure, max(one.high, 0.0), name, compact(one.loss, DIGITS), xshift=6)
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(
        range=[min(0.0, *(one.low for one in top)), 1.2 * max(*(one.high for one in top), 1e-12)], nticks=5
    )
    figure.update_yaxes(autorange="reversed", type="category")
    useless = sum(one.low <= 0 for one in probe.needed)
    more = f" Without {useless} of the {len(probe.needed)} it may do as well." if useless else ""
    first = top[0]
    before, loss, low, high = (compact(one, DIGITS) for one in (first.before, first.loss, first.low, first.high))
    reading = (
        f"Without what {_quoted(first.columns)} {'tell' if len(first.columns) > 1 else 'tells'}, the error of {before} "
        f"grows by {loss} ({low} to {high}).{more}"
    )
    return Panel(
        key="needed", title="What the model needs", figure=finished(figure), reading=reading,
        frame=pd.DataFrame([(_named(one.columns), one.loss, one.low, one.high) for one in probe.needed],
                           columns=["columns", "error added", "low", "high"]),
        basis=f"{first.rows:,} of {probe.population:,} rows; those the model learned from are among them", help=HELP,
        alt=f"Bars of {len(names)} groups of columns; longest: {plain(names[0])}.",
    )  # fmt: skip


def _named(columns: tuple[str, ...]) -> str:
    return columns[0] if len(columns) == 1 else f"{columns[0]} and {len(columns) - 1} more"


def _quoted(columns: tuple[str, ...]) -> str:
    listed = [quoted(name) for name in columns[:3]]
    if len(columns) > 3:
        return f"{', '.join(listed)} and {len(columns) - 3} more"
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


CHART = Chart(key="needed", title="What the model needs", of="probe", help=HELP, draw=draw)
