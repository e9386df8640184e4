"""Importance: how far each column moves the output, on average."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.explanation.explanation import Explanation
from mlcore.plots.canvas import blank, distinct, finished, note, plain, quoted, room
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import basis, contributions, target_words
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 12
HELP = (
    "The length of a bar is how far the column moves the output on average over the explained rows, up or down "
    "(mean absolute SHAP value); the thin line is its 95 % interval. " + CAUSES
)


def draw(explanation: Explanation, *, output: str | None = None, most: int = MOST) -> Panel:
    """The columns with the largest mean contribution, the rest together in the last bar."""
    made = contributions(explanation, output)
    sizes = np.abs(made.values)
    mean = sizes.mean(axis=0)
    half = 1.96 * sizes.std(axis=0) / np.sqrt(len(sizes))
    order = list(made.order)
    top = order if len(order) <= most + 1 else order[:most]
    rest = [index for index in order if index not in top]
    names = distinct([made.columns[index] for index in top], 22)
    values, errors = [float(mean[index]) for index in top], [float(half[index]) for index in top]
    if rest:
        names.append(f"{len(rest)} other columns")
        values.append(float(mean[rest].sum()))
        errors.append(0.0)
    unit = "probability points" if made.unit else "unit of the target"
    figure = blank(x=f"Mean contribution, {unit}", grid="x", height=max(220, 74 + 27 * len(names)),
                   left=room(names))  # fmt: skip
    figure.add_bar(
        x=values, y=names, orientation="h", hovertemplate="%{y}: %{x:,.3~g}<extra></extra>",
        marker={"color": [LIGHT.accent] * len(top) + [LIGHT.quiet_soft] * bool(rest), "line": {"width": 0}},
        error_x={"type": "data", "array": errors, "color": LIGHT.muted, "thickness": 1, "width": 0},
    )  # fmt: skip
    for name, value, error in zip(names, values, errors, strict=True):
        note(figure, value + error, name, made.shown(value, signed=False).removesuffix(made.unit), xshift=6)
    figure.update_layout(bargap=0.35)
    figure.update_xaxes(
        range=[0, 1.16 * max(1e-12, *(value + error for value, error in zip(values, errors, strict=True)))], nticks=5
    )
    figure.update_yaxes(autorange="reversed", type="category")
    leaders = " and ".join(quoted(made.columns[index]) for index in order[:2])
    reading = (
        f"{leaders} {'move' if len(order) > 1 else 'moves'} {target_words(explanation, made)} most: by "
        f"{' and '.join(made.shown(float(mean[index]), signed=False) for index in order[:2])} on average, up or down."
    )
    return Panel(
        key="importance", title="What matters most", figure=finished(figure), reading=reading,
        frame=pd.DataFrame({"column": [made.columns[index] for index in order], "mean contribution": mean[order],
                            "± (95 %)": half[order]}),
        basis=basis(explanation), help=HELP,
        alt=f"Bars of {len(names)} columns; longest: {plain(made.columns[order[0]])}.",
    )  # fmt: skip


CHART = Chart(key="importance", title="What matters most", of="explanation", help=HELP, draw=draw)
