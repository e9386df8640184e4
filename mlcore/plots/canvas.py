"""The house hand: an empty figure with quiet axes, direct labels, and words for axes, basis and user text."""

from __future__ import annotations

import html
import math
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.errors import UserError
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.predictions import Measured
from mlcore.plots.tokens import HEIGHT, LIGHT, SMALL, dress

Grid = Literal["x", "y", ""]
BESIDE = 60

MEASURED_ON: dict[Measured, str] = {
    "cross-validation": "cross-validation",
    "validation": "the validation rows",
    "hold-out": "the hold-out",
    "new data": "new data",
}


def blank(*, x: str = "", y: str = "", grid: Grid = "y", height: int = HEIGHT, left: int | None = None) -> go.Figure:
    """An empty figure. `x` names the axis below it, `y` is written above the value axis instead of beside it.

    Beside long row names (`left`) the name of the x axis ends at the right edge, where a narrow screen has room for it.
    """
    figure = go.Figure()
    left = 44 if left is None else left
    beside = left > BESIDE
    figure.update_layout(
        height=height,
        margin={"l": left, "r": 24, "t": 30 if y else 12, "b": 46 if x else 28},
        showlegend=False,
        hovermode="closest",
        bargap=0.12,
    )
    axis = {"showgrid": False, "zeroline": False, "ticks": "", "showline": False}
    named = {"text": "" if beside else x, "font": {"size": SMALL, "color": LIGHT.muted}, "standoff": 10}
    figure.update_xaxes(**axis, tickangle=0, title=named)
    figure.update_yaxes(**axis, ticklabelstandoff=6)
    if grid == "x":
        figure.update_xaxes(showgrid=True, gridcolor=LIGHT.grid)
    if grid == "y":
        figure.update_yaxes(showgrid=True, gridcolor=LIGHT.grid)
        figure.update_xaxes(showline=True, linecolor=LIGHT.border)
    if y:
        note(figure, 0, 1, y, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=10, xshift=6 - left)
    if x and beside:
        note(figure, 1, 0, x, xref="paper", yref="paper", xanchor="right", yanchor="top", yshift=-24)
    return figure


def note(figure: go.Figure, x: Any, y: Any, text: str, *, color: str = LIGHT.muted, **more: Any) -> None:
    """A direct label at a point; `text` may hold plotly's own tags, so user text must be `plain`."""
    place = {"xanchor": "left", "yanchor": "middle", "showarrow": False, "align": "left", **more}
    figure.add_annotation(x=x, y=y, text=text, font={"size": SMALL, "color": color}, **place)


def rule(figure: go.Figure, *, x: float | None = None, y: float | None = None, color: str = LIGHT.quiet) -> None:
    """A thin dotted line across the figure, to compare with."""
    line = {"color": color, "width": 1, "dash": "dot"}
    if x is not None:
        figure.add_vline(x=x, line=line)
    if y is not None:
        figure.add_hline(y=y, line=line)


def score_named(metric: Metric) -> str:
    """The name of an axis with the better scores on top."""
    return f"{metric.term} ({metric.direction}{'' if metric.higher_is_better else ', best on top'})"


def score_axis(figure: go.Figure, metric: Metric, low: float, high: float) -> None:
    """Scores from `low` to `high` as the value axis, the better ones on top, in as many digits as tell ticks apart."""
    form = score_form(metric, low, high)
    ends = [low, high] if metric.higher_is_better else [high, low]
    figure.update_yaxes(range=ends, nticks=5, tickformat=form)
    figure.update_layout(margin_l=room([format(end, form) for end in ends], figure.layout.margin.l))


def score_form(metric: Metric, low: float, high: float) -> str:
    """How ticks of scores from `low` to `high` are written, in as many digits as tell them apart."""
    digits = max(0, -math.floor(math.log10((high - low) / 5)))
    return f".{max(0, digits - 2)}%" if metric.unit == "share" else f",.{digits}f"


def finished(figure: go.Figure) -> go.Figure:
    """The figure in the house style, light."""
    for letter in ("x", "y"):
        _count_off(figure, letter)
        _in_per_cent(figure.layout[f"{letter}axis"])
        _in_full(figure, letter)
    return dress(figure)


def _in_per_cent(axis: Any) -> None:
    """Write the ticks of an axis of shares as sentences do: plotly's own format leaves no room before the sign."""
    form = str(axis.tickformat or "")
    if not form.endswith("%") or axis.range is None:
        return
    low, high = sorted(map(float, axis.range))
    values = list(axis.tickvals or _ticks(low, high, axis.nticks or 6))
    digits = int(form.strip(".%") or 0)
    axis.update(tickvals=values, ticktext=[percent(value, digits) for value in values])


def _in_full(figure: go.Figure, letter: Literal["x", "y"]) -> None:
    """Write large numbers as tables do, 20,000 and not 20k; below 10,000 a number may be a year."""
    axis = figure.layout[f"{letter}axis"]
    if axis.tickformat or axis.tickvals or axis.type in ("category", "date", "log"):
        return
    ends = axis.range or [value for trace in figure.data if trace[letter] is not None for value in trace[letter]]
    sizes = [abs(float(value)) for value in ends if isinstance(value, (int, float, np.floating, np.integer))]
    if 10_000 <= max((size for size in sizes if math.isfinite(size)), default=0.0) < 1e9:
        axis.update(tickformat=",")


def _ticks(low: float, high: float, most: int) -> list[float]:
    """At most about so many round values from `low` to `high`."""
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    step = next(digit * power for digit in (1, 2, 5, 10) if (high - low) / (digit * power) <= most)
    first = math.ceil(low / step - 1e-9)
    return [round(place * step, 10) for place in range(first, math.floor(high / step + 1e-9) + 1)]


def _count_off(figure: go.Figure, letter: Literal["x", "y"]) -> None:
    """Give the labels beside named rows the number of the row: plotly takes a name such as "0042" for a number."""
    axis = figure.layout[f"{letter}axis"]
    if axis.type != "category":
        return
    values = [value for trace in figure.data for value in (() if trace[letter] is None else trace[letter])]
    places = {name: place for place, name in enumerate(dict.fromkeys(axis.categoryarray or values))}
    for label in figure.layout.annotations:
        if label[f"{letter}ref"] in (None, letter) and label[letter] in places:
            label[letter] = places[label[letter]]


def plain(text: object, most: int = 32) -> str:
    """User text as plotly shows it unchanged: one line, at most `most` characters, tags without effect."""
    line = " ".join(str(text).split())
    return html.escape(line if len(line) <= most else line[: most - 1] + "…", quote=False).replace("%{", "%\u200b{")


def quoted(text: object) -> str:
    """A user's word inside a sentence."""
    return f"“{text}”"


def distinct(names: list[str] | tuple[str, ...], most: int = 32) -> list[str]:
    """Several user texts, `plain` and still different from each other."""
    seen: dict[str, int] = {}
    labels: list[str] = []
    for name in names:
        label = plain(name, most)
        seen[label] = seen.get(label, 0) + 1
        labels.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return labels


def room(names: list[str], least: int = 44) -> int:
    """The pixels that the longest of these labels needs left of the value axis."""
    return max(least, 22 + round(6.9 * max(len(html.unescape(name)) for name in names)))


def above(figure: go.Figure, name: str, words: str, *, yshift: int = 11, **more: Any) -> None:
    """The name of a row, above its mark: beside it, it would leave a narrow screen no room for the chart."""
    figure.update_yaxes(showticklabels=False)
    note(figure, 0, name, words, xref="paper", yshift=yshift, bgcolor=LIGHT.surface, borderpad=1, **more)


def share_ticks(high: float = 1.0, *, most: int = 6) -> dict[str, list[Any]]:
    """Ticks from 0 to `high` written as a person reads shares."""
    steps = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
    step = next((step for step in steps if high / step <= most - 1), 0.5)
    values = [round(place * step, 4) for place in range(int(high / step + 1e-9) + 1)]
    return {"tickvals": list(values), "ticktext": [percent(value, 1 if step < 0.01 else 0) for value in values]}


def some(share: float) -> str:
    """A share that is not nothing, and never written as if it were."""
    return percent(share) if share >= 0.005 else "<\u00a01\u00a0%"


def basis(n: float, measured: Measured, *, shown: int | None = None) -> str:
    """What a chart was measured on; with `shown`, that it draws a sample of so many."""
    sample = f", a random sample of {shown:,} drawn" if shown is not None and shown < round(n) else ""
    return f"{round(n):,} rows from {MEASURED_ON[measured]}{sample}"


def needs(present: object, what: str) -> None:
    """`UserError` when there is nothing to draw."""
    if not present:
        raise UserError(what, remedy="Choose rows or a model that have it.")
