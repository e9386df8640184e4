"""Dependence: how the contribution of one column goes with its value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import compact, percent
from mlcore.errors import ColumnError
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.interplay import partner
from mlcore.plots.canvas import blank, distinct, finished, note, plain, quoted, rule
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

MOST = 12
POINTS = 10_000
NAMED = 4  # words of the other column with a colour of their own
SCALE = [[0.0, LIGHT.lowers], [0.5, LIGHT.even], [1.0, LIGHT.raises]]
HELP = (
    "Each dot is one row: the column's value to the right, its contribution upwards. The line is the median of "
    "neighbouring rows. Rows at the same value differ because of the other columns; the dots have "
    "the colour of the one that tells most of it (strongest interaction). " + CAUSES
)


def draw(explanation: Explanation, column: str | None = None, *, output: str | None = None) -> Panel:
    """The contributions of a column against its values; by default of the most important one."""
    made = contributions(explanation, output)
    name = made.columns[made.order[0]] if column is None else column
    if name not in made.columns:
        raise ColumnError(name, made.columns)
    y = made.values[:, made.columns.index(name)]
    raw = column_of(explanation, name)
    numbers = as_numbers(raw)
    unit = ", points" if made.unit else ""
    figure = blank(x=plain(name, 60), y=f"Contribution to {plain(target_words(explanation, made), 60)}{unit}", left=52)
    rule(figure, y=0)
    other, share = partner(explanation, made.columns.index(name), explanation.outputs.index(made.name))
    shades = _shades(explanation, other)
    if numbers is None or np.isfinite(numbers).sum() < 2:
        words = raw.map(value_text)
        reading = _by_word(figure, words, y, made, (name, shades))
    else:
        dates = pd.api.types.is_datetime64_any_dtype(raw)
        reading = _by_number(figure, numbers, y, made, (name, shades), dates=dates)
    frame = pd.DataFrame({"row": row_numbers(explanation), "value": raw.map(value_text).to_numpy(), "contribution": y})
    if other is not None:
        _key(figure, made.columns[other], shades)
        frame["with"] = column_of(explanation, made.columns[other]).map(value_text).to_numpy()
        reading += (
            f" At equal values, {quoted(made.columns[other])} makes most of the difference: {percent(share)} of the "
            "spread goes with it."
        )
    figure.update_yaxes(nticks=6)
    return Panel(
        key="dependence", title=f"How {quoted(name)} goes with the output", figure=finished(figure), reading=reading,
        frame=frame,
        basis=basis(explanation), help=HELP, alt=f"Contribution of {plain(name)} against its value.",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Shades:
    """How dots are coloured: by the rank of the other column's numbers, 0 to 1, or by its words; one colour a row."""

    colors: tuple[str, ...] | Floats
    words: tuple[tuple[str, str], ...] = ()

    def of(self, rows: Integers) -> dict[str, Any]:
        """The part of a marker for these rows."""
        if isinstance(self.colors, tuple):
            return {"color": [self.colors[row] for row in rows]}
        return {"color": self.colors[rows], "colorscale": SCALE, "cmin": 0, "cmax": 1}


def _shades(explanation: Explanation, other: int | None) -> Shades:
    n = len(explanation.rows)
    if other is None:
        return Shades(colors=(LIGHT.accent,) * n)
    raw = column_of(explanation, explanation.columns[other])
    numbers = as_numbers(raw)
    if numbers is not None:
        ranks = pd.Series(numbers).rank(pct=True).fillna(0.5).to_numpy()
        return Shades(colors=np.asarray(ranks, dtype=np.float64))
    words = raw.map(value_text)
    named = {word: LIGHT.categories[place] for place, word in enumerate(words.value_counts().index[:NAMED])}
    colors = tuple(named.get(word, LIGHT.quiet) for word in words)
    return Shades(
        colors=colors, words=(*named.items(), *((("other", LIGHT.quiet),) if words.nunique() > NAMED else ()))
    )


def _key(figure: go.Figure, name: str, shades: Shades) -> None:
    """What the colours mean, in the colours, above the chart."""
    pairs = shades.words or (("low", LIGHT.lowers), ("high", LIGHT.raises))
    figure.update_layout(margin_t=52)
    shift, parts = (
        -46,
        [(f"{plain(name, 24)}:", LIGHT.muted), *((f"● {plain(word, 12)}", color) for word, color in pairs)],
    )
    for words, color in parts:
        note(figure, 0, 1, words, color=color, xref="paper", yref="paper", yanchor="bottom", yshift=30, xshift=shift)
        shift += 14 + round(6.6 * len(words))


def _by_number(
    figure: go.Figure, numbers: Floats, y: Floats, made: Contributions, by: tuple[str, Shades], *, dates: bool
) -> str:
    name, shades = by
    known = np.flatnonzero(np.isfinite(numbers))
    order = known[np.argsort(numbers[known], kind="stable")]
    drawn = order if len(order) <= POINTS else np.sort(np.random.default_rng(0).choice(order, POINTS, replace=False))

    def axis(values: Floats) -> object:
        return pd.to_datetime(values, unit="s") if dates else values

    figure.add_scattergl(
        x=axis(numbers[drawn]), y=y[drawn], mode="markers", marker={"size": 5, "opacity": 0.6, **shades.of(drawn)},
        hovertemplate="%{x}<br>contributes %{y:+,.3~g}<extra></extra>",
    )  # fmt: skip
    middle_x, middle_y = _medians(numbers[order], y[order])
    figure.add_scatter(
        x=axis(middle_x), y=middle_y, mode="lines", line={"color": LIGHT.text, "width": 1.8}, hoverinfo="skip"
    )
    figure.update_xaxes(nticks=7)
    low, high = int(np.argmin(middle_y)), int(np.argmax(middle_y))

    def said(value: float) -> str:
        return pd.Timestamp(value, unit="s").strftime("%Y-%m-%d") if dates else compact(value)

    if middle_y[high] - middle_y[low] <= 1e-9:
        return f"The contribution of {quoted(name)} is about the same at all values."
    return (
        f"It raises the output most where {quoted(name)} is about {said(float(middle_x[high]))} "
        f"({made.shown(float(middle_y[high]))}) and least, or lowers it, at about {said(float(middle_x[low]))} "
        f"({made.shown(float(middle_y[low]))})."
    )


def _medians(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Medians of neighbouring rows in at most 20 parts; equal values of x stay together."""
    distinct_x = np.unique(x)
    if len(distinct_x) <= 20:
        return distinct_x, np.array([np.median(y[x == value]) for value in distinct_x])
    cuts = np.unique(np.quantile(x, np.linspace(0, 1, min(20, max(2, len(x) // 10)) + 1)[1:-1]))
    part = np.searchsorted(cuts, x, side="right")
    members = [np.flatnonzero(part == index) for index in np.unique(part)]
    return np.array([np.median(x[m]) for m in members]), np.array([np.median(y[m]) for m in members])


def _by_word(figure: go.Figure, words: pd.Series[str], y: Floats, made: Contributions, by: tuple[str, Shades]) -> str:
    name, shades = by
    common = list(words.value_counts().index[:MOST])
    kept = words.where(words.isin(common), "other")
    groups = sorted(kept.unique(), key=lambda word: -float(np.median(y[(kept == word).to_numpy()])))
    shifts = np.random.default_rng(0).uniform(-0.3, 0.3, len(y))
    for place, word in enumerate(groups):
        mine = np.flatnonzero((kept == word).to_numpy())
        mine = mine[: POINTS // len(groups)]
        figure.add_scattergl(
            x=place + shifts[mine], y=y[mine], mode="markers", customdata=[plain(word) for word in words.iloc[mine]],
            marker={"size": 5, "opacity": 0.5, **shades.of(mine)},
            hovertemplate="%{customdata}<br>contributes %{y:+,.3~g}<extra></extra>",
        )  # fmt: skip
        middle = float(np.median(y[mine]))
        figure.add_scatter(
            x=[place - 0.36, place + 0.36], y=[middle, middle], mode="lines", line={"color": LIGHT.text, "width": 2.2},
            hoverinfo="skip",
        )  # fmt: skip
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(groups))),
        ticktext=distinct(groups, 14),
        range=[-0.6, len(groups) - 0.4],
    )
    first, last = groups[0], groups[-1]
    if len(groups) == 1:
        return f"Every explained row has {quoted(name)} = {first}."
    ends = [made.shown(float(np.median(y[(kept == word).to_numpy()]))) for word in (first, last)]
    return (
        f"{quoted(name)} = {first} goes with the highest contribution ({ends[0]}), {last} with the lowest ({ends[1]})."
    )


CHART = Chart(key="dependence", title="How a column goes with the output", of="explanation", help=HELP, draw=draw)
