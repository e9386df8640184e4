"""Cohorts: what moves the model for one group of rows, beside all other rows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlcore.errors import ColumnError, UserError
from mlcore.explanation.cohorts import choices, compared
from mlcore.explanation.explanation import Explanation
from mlcore.plots.canvas import blank, distinct, finished, note, plain, quoted, room
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import Contributions, basis, contributions, target_words
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 10
HELP = (
    "Filled dots are the mean contribution in the group, hollow ones in all other rows. The columns whose two dots are "
    "furthest apart explain why the model says something else for the group. Columns that the group was chosen by "
    "differ by nature. " + CAUSES
)


def draw(
    explanation: Explanation, column: str | None = None, group: str | None = None, *, output: str | None = None
) -> Panel:
    """The group of `cohorts.choices` of that column against all other rows; by default the one that differs most."""
    made = contributions(explanation, output)
    name = made.columns[made.order[0]] if column is None else column
    if name not in made.columns:
        raise ColumnError(name, made.columns)
    groups = choices(explanation, name)
    chosen = group if group in groups else next(iter(groups), None)
    if chosen is None:
        raise UserError(f"{name!r} has no values", remedy="Choose another column.")
    inside, place = groups[chosen], explanation.outputs.index(made.name)
    scale = 1.0 if explanation.task == "regression" else 100.0
    frame = compared(explanation, inside, place)
    frame[["inside", "outside", "difference", "low", "high"]] *= scale
    shown = frame.head(MOST)
    names = distinct(list(shown["column"]), 22)
    unit = ", points" if made.unit else ""
    figure = blank(x=f"Mean contribution{unit}", grid="x", height=max(260, 100 + 30 * len(names)),
                   left=room(names))  # fmt: skip
    figure.add_vline(x=0, line={"color": LIGHT.border, "width": 1})
    for label, here, there in zip(names, shown["inside"], shown["outside"], strict=True):
        figure.add_scatter(x=[there, here], y=[label, label], mode="lines", hoverinfo="skip",
                           line={"color": LIGHT.quiet_soft, "width": 3})  # fmt: skip
    for key, marker in (
        ("outside", {"size": 9, "color": LIGHT.surface, "line": {"color": LIGHT.quiet, "width": 2}}),
        ("inside", {"size": 10, "color": LIGHT.accent}),
    ):
        figure.add_scatter(x=shown[key], y=names, mode="markers", marker=marker,
                           hovertemplate="%{y}: %{x:+,.3~g}<extra></extra>")  # fmt: skip
    note(figure, 1, 1, "● the group", color=LIGHT.accent, xref="paper", yref="paper", xanchor="right", xshift=-96,
         yshift=10)  # fmt: skip
    note(figure, 1, 1, "○ other rows", xref="paper", yref="paper", xanchor="right", yshift=10)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    figure.update_xaxes(nticks=5)
    outputs = made.output[inside].mean(), made.output[~inside].mean()
    return Panel(
        key="cohorts", title="One group of rows beside the others", figure=finished(figure), frame=frame,
        reading=_reading((f"{quoted(name)} {chosen}", target_words(explanation, made)), made, outputs, frame.iloc[0]),
        basis=f"{int(inside.sum()):,} rows in the group, {int((~inside).sum()):,} others. {basis(explanation)}",
        help=HELP, alt=f"Pairs of dots for {len(names)} columns, group {plain(chosen)}.",
    )  # fmt: skip


def _reading(names: tuple[str, str], made: Contributions, outputs: tuple[float, float], first: pd.Series[Any]) -> str:
    here, there = (made.total(float(output)) for output in outputs)
    inside, outside = (made.shown(float(first[key])) for key in ("inside", "outside"))
    sure = "" if first["low"] > 0 or first["high"] < 0 else " That may be chance."
    return (
        f"Where {names[0]}, {names[1]} is {here} on average, elsewhere {there}; {quoted(first['column'])} differs most "
        f"between them ({inside} against {outside}).{sure}"
    )


CHART = Chart(key="cohorts", title="One group of rows beside the others", of="explanation", help=HELP, draw=draw)
