"""Waterfall: how one row's output comes about, column by column, from the average to the output."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.errors import UserError
from mlcore.explanation.explanation import Explanation
from mlcore.plots.canvas import above, blank, distinct, finished, note, plain, quoted
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import Contributions, basis, contributions, target_words, value_text
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 9
HELP = (
    "Start at the bottom with the average output; each column moves it up (orange) or down (blue), and all of them "
    "together end at what the model says for this row. " + CAUSES
)


def draw(explanation: Explanation, row: int = 0, *, output: str | None = None, most: int = MOST) -> Panel:
    """The contributions of the explained row at position `row`, largest on top, small ones together."""
    made = contributions(explanation, output)
    if not 0 <= row < len(made.values):
        raise UserError(f"There is no explained row {row}", remedy=f"Choose 0 to {len(made.values) - 1}.")
    values = made.values[row]
    order = [int(index) for index in np.argsort(-np.abs(values), kind="stable")]
    top, rest = (order, []) if len(order) <= most + 1 else (order[:most], order[most:])
    cells = [value_text(explanation.table.iloc[row, index]) for index in range(len(made.columns))]
    titles = [f"{plain(made.columns[index], 26)} = {plain(cells[index], 18)}" for index in top]
    steps = [float(values[index]) for index in top]
    if rest:
        titles.append(f"{len(rest)} other columns")
        steps.append(float(values[rest].sum()))
    figure = _figure(distinct(titles, 60), steps, made, float(made.output[row]))
    frame = pd.DataFrame({"column": [made.columns[index] for index in order], "value": [cells[i] for i in order],
                          "contribution": values[order]})  # fmt: skip
    return Panel(
        key="waterfall", title="How this row's output comes about", figure=figure, frame=frame,
        reading=_reading(explanation, made, row, order, cells), basis=basis(explanation), help=HELP,
        alt=f"Steps from the average {made.total(made.base)} to {made.total(float(made.output[row]))}.",
    )  # fmt: skip


def _figure(names: list[str], steps: list[float], made: Contributions, output: float) -> go.Figure:
    """Bars from the bottom up: the smallest step first, the largest last."""
    figure = blank(x="Probability, per cent" if made.unit else "Prediction", grid="x",
                   height=max(260, 96 + 41 * len(names)), left=12)  # fmt: skip
    starts = made.base + np.concatenate([[0.0], np.cumsum(steps[::-1])])
    ends = np.array([made.base, *starts])
    span = float(np.ptp(ends)) or 1.0
    for name, step, start in zip(names[::-1], steps[::-1], starts, strict=False):
        color = LIGHT.raises if step >= 0 else LIGHT.lowers
        figure.add_bar(
            x=[step], y=[name], base=[start], orientation="h", width=0.42, offset=-0.46,
            marker={"color": color, "line": {"width": 0}}, hovertemplate=f"{name}: {made.shown(step)}<extra></extra>",
        )  # fmt: skip
        above(figure, name, name, color=LIGHT.text)
        on_right = step >= 0
        note(figure, start + step, name, made.shown(step).removesuffix(made.unit), color=color,
             xanchor="left" if on_right else "right", xshift=6 if on_right else -6, yshift=-10,
             bgcolor=LIGHT.surface, borderpad=0)  # fmt: skip
    for value, place, word in ((made.base, 0, "average"), (output, 1, "this row")):
        figure.add_vline(x=value, line={"color": LIGHT.quiet if place == 0 else LIGHT.text, "width": 1,
                                        "dash": "dot" if place == 0 else "solid"})  # fmt: skip
        note(figure, value, 1.0 if place else 0.0, f"{word} <b>{made.total(value)}</b>", yref="paper", xanchor="center",
             yanchor="bottom" if place else "top", color=LIGHT.text if place else LIGHT.muted)  # fmt: skip
    figure.update_layout(barmode="overlay")
    figure.update_layout(margin={"t": 30, "b": 62})
    figure.update_xaxes(range=[ends.min() - 0.18 * span, ends.max() + 0.18 * span], nticks=5, ticklabelstandoff=16)
    figure.update_yaxes(type="category")
    return finished(figure)


def _reading(explanation: Explanation, made: Contributions, row: int, order: list[int], cells: list[str]) -> str:
    first = order[0]
    value = "is missing and" if cells[first] == "missing" else f"= {cells[first]}"
    step = float(made.values[row, first])
    verb = "raises" if step >= 0 else "lowers"
    side = "above" if made.output[row] >= made.base else "below"
    return (
        f"{made.total(float(made.output[row]))} for this row, {side} the average of {made.total(made.base)}; most of "
        f"all, {quoted(made.columns[first])} {value} {verb} {target_words(explanation, made)} by "
        f"{made.shown(abs(step), signed=False)}."
    )


CHART = Chart(key="waterfall", title="How this row's output comes about", of="explanation", help=HELP, draw=draw)
