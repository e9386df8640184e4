"""Explained over time: how the contributions of the leading columns change from period to period."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.explanation.cohorts import dates, over_time
from mlcore.explanation.explanation import Explanation
from mlcore.plots.canvas import blank, finished, needs, note, plain, quoted
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import basis, contributions
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 5
HELP = (
    "Each line is the mean contribution of a column in that period. A line that moves says that the rows, not the "
    "model, have changed: the same model meets other values. " + CAUSES
)


def draw(explanation: Explanation, column: str | None = None, *, output: str | None = None) -> Panel:
    """By a column of dates; by default the first there is. The columns that change most are drawn."""
    made = contributions(explanation, output)
    name = next(iter(dates(explanation)), None) if column is None else column
    needs(name is not None, "No column of this table holds dates")
    assert name is not None
    course = over_time(explanation, name, explanation.outputs.index(made.name))
    values = course.values * (1.0 if explanation.task == "regression" else 100.0)
    top = [int(place) for place in np.argsort(-values.std(axis=0), kind="stable")[:MOST]]
    figure = blank(y=f"Mean contribution{', points' if made.unit else ''}", left=56)
    figure.update_layout(margin_r=112)
    figure.add_hline(y=0, line={"color": LIGHT.border, "width": 1})
    ends = _apart([float(values[-1, place]) for place in top], values[:, top])
    for line, place in enumerate(top):
        color = LIGHT.categories[line]
        figure.add_scatter(
            x=list(course.starts), y=values[:, place], mode="lines+markers", line={"color": color, "width": 2},
            marker={"size": 5, "color": color}, customdata=course.rows,
            hovertemplate=f"{plain(made.columns[place])}<br>%{{x|%Y-%m-%d}}: %{{y:+,.3~g}}<br>%{{customdata:,}} rows"
            "<extra></extra>",
        )  # fmt: skip
        note(figure, 1, ends[line], plain(made.columns[place], 14), color=color, xref="paper", xshift=6)
    figure.update_xaxes(type="date", nticks=4)
    figure.update_yaxes(nticks=5)
    frame = pd.DataFrame(values, columns=list(made.columns))
    frame.insert(0, course.unit, [start.strftime("%Y-%m-%d") for start in course.starts])
    frame.insert(1, "rows", course.rows)
    first = top[0]
    low, high = int(values[:, first].argmin()), int(values[:, first].argmax())
    return Panel(
        key="explained_over_time", title="Contributions over time", figure=finished(figure), frame=frame,
        reading=f"The contribution of {quoted(made.columns[first])} changes most: from "
        f"{made.shown(float(values[low, first]))} in the {course.unit} of {course.starts[low]:%Y-%m-%d} to "
        f"{made.shown(float(values[high, first]))} in that of {course.starts[high]:%Y-%m-%d}.",
        basis=f"{int(course.rows.sum()):,} rows by {quoted(name)}. {basis(explanation)}", help=HELP,
        alt=f"Lines of {len(top)} columns over {len(course.starts)} periods.",
    )  # fmt: skip


def _apart(ends: list[float], values: np.ndarray) -> list[float]:
    """Heights of the names beside the lines, moved so that none covers another."""
    gap = 0.075 * (float(np.ptp(values)) or 1.0)
    order = sorted(range(len(ends)), key=lambda line: ends[line])
    placed = dict.fromkeys(order, 0.0)
    last = -np.inf
    for line in order:
        last = placed[line] = max(ends[line], last + gap)
    return [placed[line] for line in range(len(ends))]


CHART = Chart(key="explained_over_time", title="Contributions over time", of="explanation", help=HELP, draw=draw)
