"""Strengths: how well each column alone tells the target, with its interval, the strongest on top (a forest plot)."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.data.dictionary import titles
from mlcore.data.profile import Profile
from mlcore.data.relations import TargetRelation
from mlcore.data.schema import Schema
from mlcore.plots.canvas import blank, distinct, finished, needs, note, plain, quoted, room, rule
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 20
HELP = (
    "Each dot is one column on its own, judged on rows it was not learned from; the line is its 95 % interval. "
    "For labels it is the area under the ROC curve: 0.5 is chance, 1 tells every pair of rows apart. For numbers it is "
    "R², the share of the target's spread: 0 is nothing, 1 is all. A column that alone tells almost everything may not "
    "be known at the time of the prediction. The table holds a measure of the textbooks beside it."
)
Related = tuple[str, TargetRelation]


def draw(profile: Profile, schema: Schema | None = None) -> Panel:
    """The columns that go best with the target. `schema` gives them their titles."""
    found = [(column.name, column.relation) for column in profile.columns if column.relation is not None]
    needs(found and profile.target, "No column can be related to a target")
    found.sort(key=lambda pair: -pair[1].value)
    top = found[:MOST]
    shown = titles(schema, [name for name, _ in found])
    names = distinct([shown[name] for name, _ in top], 24)
    measure = top[0][1].measure
    figure = _figure(top, names, measure)
    rows = top[0][1].n
    sample = "" if profile.exact else f", a random sample of {profile.rows:,}"
    more = f"; the strongest {len(top)} of {len(found):,} columns" if len(found) > len(top) else ""
    return Panel(
        key="strengths", title=f"What goes with {quoted(titles(schema, [profile.target or ''])[profile.target or ''])}",
        figure=figure, reading=_reading(top, shown, measure), frame=_frame(found, shown),
        basis=f"{rows:,} rows{sample}; 95 % intervals by {_methods(top)}{more}", help=HELP,
        alt=f"Dots with intervals for {len(top)} columns; the strongest is {plain(shown[top[0][0]])}.",
    )  # fmt: skip


def _figure(top: list[Related], names: list[str], measure: str) -> go.Figure:
    chance = 0.5 if measure == "AUC" else 0.0
    title = "AUC of the column alone" if measure == "AUC" else "R² of the column alone"
    figure = blank(x=title, grid="x", height=max(180, 84 + 26 * len(names)), left=room(names))
    figure.add_scatter(
        x=[one.value for _, one in top], y=names, mode="markers", marker={"size": 9, "color": LIGHT.accent},
        error_x={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.6, "width": 0,
                 "array": [max(0.0, (one.high or one.value) - one.value) for _, one in top],
                 "arrayminus": [max(0.0, one.value - (one.value if one.low is None else one.low)) for _, one in top]},
        customdata=[[one.low, one.high] for _, one in top],
        hovertemplate="%{y}: %{x:.3f}<br>95 % interval %{customdata[0]:.3f} to %{customdata[1]:.3f}<extra></extra>",
    )  # fmt: skip
    rule(figure, x=chance)
    note(figure, chance, 1, "chance" if chance else "nothing", yref="paper", yanchor="bottom", xshift=-2)
    figure.update_layout(margin={"t": 30})
    least = min(chance, *(one.value if one.low is None else one.low for _, one in top))
    most = max(one.value if one.high is None else one.high for _, one in top)
    room_right = 0.06 * (most - least) + 0.01
    ends = [least - 0.4 * room_right, min(1.02, max(most + room_right, chance + 0.12))]
    figure.update_xaxes(range=ends, nticks=6)
    figure.update_yaxes(autorange="reversed", type="category")
    return finished(figure)


def _reading(top: list[Related], shown: dict[str, str], measure: str) -> str:
    name, best = top[0]
    chance = 0.5 if measure == "AUC" else 0.0
    low = best.value if best.low is None else best.low
    if low <= chance + 0.005:
        score = f"{measure} {best.value:.2f}"
        return f"No column alone tells the target from chance: the best, {quoted(shown[name])}, has {score}."
    unsure = sum((one.low or 0.0) <= chance + 0.005 for _, one in top)
    none = "chance" if chance else "nothing at all"
    also = f" For {unsure} of the columns drawn, {none} lies within the interval." if unsure else ""
    return (
        f"{quoted(shown[name])} goes most with the target: {measure} {best.value:.2f} "
        f"({low:.2f} to {best.value if best.high is None else best.high:.2f}) on its own.{also}"
    )


def _methods(top: list[Related]) -> str:
    found = sorted({one.method for _, one in top if one.method})
    return " and ".join(f"the {method}" if method.endswith("method") else method for method in found) or "none"


def _frame(found: list[Related], shown: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": shown[name], "measure": one.measure, "value": one.value, "low": one.low, "high": one.high,
            "interval by": one.method, "also": one.also.measure if one.also else "",
            "also, value": one.also.value if one.also else None, "also, low": one.also.low if one.also else None,
            "also, high": one.also.high if one.also else None, "also, by": one.also.method if one.also else "",
        }
        for name, one in found
    )  # fmt: skip


CHART = Chart(key="strengths", title="What goes with the target", of="profile", help=HELP, draw=draw)
