"""Along a column: residuals against its values, and the error as time goes on or the further ahead is predicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import compact
from mlcore.evaluation.along import Along, Span, What
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, rule
from mlcore.plots.forest import Mark, forest
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

AGAINST_HELP = (
    "A residual is the true value minus the prediction: above 0 the model said too little, below it too much. Dots are "
    "rows; the line is their mean in parts of about equal size, with 95 % intervals. A line that leaves 0 is something "
    "that the model has not learned from this column."
)
OVER_HELP = (
    "The mean error in each part, with its 95 % interval; the dotted line is the mean of all rows. A line that rises "
    "says that what was learned ages."
)
NAMES: Mapping[What, str] = {
    "residual": "True value minus prediction",
    "error": "Mean distance from the truth",
    "probability error": "Mean squared distance of the probability from what happened",
}


def against(made: Along, title: str | None = None) -> Panel:
    """Residuals against a column; `title` is what people call it."""
    needs(made.spans, "There are no rows to look at")
    name = title or made.column
    if made.kind == "category":
        figure = _forest(made, NAMES[made.what])
    else:
        figure = blank(x=plain(name), y=NAMES[made.what], left=64)
        figure.add_scattergl(
            x=_places(made, [x for x, _ in made.points]), y=[y for _, y in made.points], mode="markers",
            marker={"size": 5, "color": LIGHT.quiet, "opacity": 0.5}, hovertemplate="%{y:,.4~g}<extra></extra>",
        )  # fmt: skip
        _line(figure, made)
        rule(figure, y=0)
        if made.points:
            low, high = np.quantile([y for _, y in made.points], [0.005, 0.995])
            ends = [end for one in made.spans for end in (one.low, one.high, one.mean) if end is not None]
            figure.update_yaxes(range=_padded(min(low, *ends), max(high, *ends)))
    return Panel(
        key="residuals_against", title=f"What is left over along {quoted(name)}", figure=finished(figure),
        reading=_against_reading(made, name), frame=_frame(made, "mean of true value minus prediction"),
        basis=basis(made.n, made.measured, shown=len(made.points) or None), help=AGAINST_HELP,
        alt=f"Residuals against {plain(name)} with the mean of {len(made.spans)} parts.",
    )  # fmt: skip


def over(made: Along, title: str | None = None) -> Panel:
    """The error over time by a column that holds one; `title` is what people call it."""
    name = title or made.column
    return _over(made, "error_over_time", "Does the error grow over time?", name, _time_reading)


def ahead(made: Along, title: str | None = None) -> Panel:
    """The error by how far ahead of the newest row learned from a row was predicted."""
    far = title or f"How far ahead{f', in {made.unit}' if made.unit else ''}"
    return _over(made, "error_ahead", "How far ahead does it hold?", far, _ahead_reading)


def _over(made: Along, key: str, title: str, name: str, reading: Callable[[Along], str]) -> Panel:
    needs(made.spans, "There are no rows to look at")
    word = NAMES[made.what]
    if made.kind == "category":
        figure = _forest(made, word)
    else:
        figure = blank(x=plain(name, 60), y=word, left=64)
        _line(figure, made)
        rule(figure, y=made.whole)
        note(figure, 1, made.whole, "all rows", xref="paper", xanchor="right", yanchor="bottom")
        tops = [one.mean if one.high is None else one.high for one in made.spans]
        figure.update_yaxes(range=[0, 1.08 * max(*tops, made.whole, 1e-12)], nticks=5)
    return Panel(
        key=key, title=title, figure=finished(figure), reading=reading(made), frame=_frame(made, word.lower()),
        basis=basis(made.n, made.measured), help=OVER_HELP,
        alt=f"Mean error in {len(made.spans)} parts along {plain(name, 60)}.",
    )  # fmt: skip


def _line(figure: go.Figure, made: Along) -> None:
    shown = [one for one in made.spans if one.at is not None]
    figure.add_scatter(
        x=_places(made, [one.at or 0.0 for one in shown]), y=[one.mean for one in shown], mode="lines+markers",
        line={"color": LIGHT.accent, "width": 2}, marker={"size": 7, "color": LIGHT.accent},
        error_y={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.2, "width": 0,
                 "array": [(one.mean if one.high is None else one.high) - one.mean for one in shown],
                 "arrayminus": [one.mean - (one.mean if one.low is None else one.low) for one in shown]},
        customdata=[[plain(one.label, 60), one.n] for one in shown],
        hovertemplate="%{customdata[0]}<br>%{y:,.4~g}, %{customdata[1]:,} rows<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(nticks=6)


def _forest(made: Along, x: str) -> go.Figure:
    marks = [
        Mark(
            name=one.label, value=one.mean, low=one.low, high=one.high, said=f"{compact(one.mean)}, {one.n:,} rows",
            aside=f"{compact(one.mean)}, {one.n:,} rows", color=LIGHT.quiet if not one.side else LIGHT.accent,
        )
        for one in made.spans
    ]  # fmt: skip
    residual = made.what == "residual"
    return forest(marks, x=x, whole=0.0 if residual else made.whole, whole_word="exact" if residual else "all rows")


def _places(made: Along, values: list[float]) -> list[object]:
    """Places on the axis: times as plotly reads them."""
    if made.kind != "time":
        return list(values)
    return [(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=one)).strftime("%Y-%m-%d %H:%M:%S") for one in values]


def _padded(low: float, high: float) -> list[float]:
    pad = 0.05 * (high - low) or 1.0
    return [low - pad, high + pad]


def _frame(made: Along, word: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"part": one.label, "rows": one.n, word: one.mean, "from": one.low, "to": one.high} for one in made.spans
    )


def _off(made: Along) -> list[Span]:
    return [one for one in made.spans if one.side]


def _against_reading(made: Along, name: str) -> str:
    off = _off(made)
    if not off:
        return (
            f"In none of {len(made.spans)} parts along {quoted(name)} does it say too much or too little beyond chance."
        )
    worst = max(off, key=lambda one: abs(one.mean))
    side = "too little" if worst.mean > 0 else "too much"
    return (
        f"In {len(off)} of {len(made.spans)} parts it errs to one side beyond chance; most where {quoted(name)} is "
        f"{worst.label}: on average it says {compact(abs(worst.mean))} {side} there ({worst.n:,} rows)."
    )


def _time_reading(made: Along) -> str:
    off = [one for one in _off(made) if one.side == "above"]
    if not off:
        return f"In none of {len(made.spans)} periods is the error larger than in the others beyond chance."
    worst = max(off, key=lambda one: one.mean)
    return (
        f"It errs most in {worst.label}: {compact(worst.mean)} on average, {compact(made.whole)} over all rows "
        f"({len(off)} of {len(made.spans)} periods {'is' if len(off) == 1 else 'are'} worse than the others "
        "beyond chance)."
    )


def _ahead_reading(made: Along) -> str:
    dated = [one for one in made.spans if one.at is not None]
    first, last = dated[0], dated[-1]
    unit = f" {made.unit}" if made.unit else ""
    if first is last:
        return f"All rows are predicted about as far ahead; the mean error is {compact(made.whole)}."
    changed = last.side != first.side and "above" in (first.side, last.side)
    word = ("grows" if last.mean > first.mean else "falls") if changed else "does not change beyond chance"
    return (
        f"About {compact(first.at or 0.0)}{unit} ahead the mean error is {compact(first.mean)}, about "
        f"{compact(last.at or 0.0)}{unit} ahead {compact(last.mean)}: it {word} with the distance."
    )


AGAINST = Chart(
    key="residuals_against", title="What is left over along a column", of="along", help=AGAINST_HELP, draw=against,
    tasks=("regression",),
)  # fmt: skip
OVER = Chart(key="error_over_time", title="Does the error grow over time?", of="along", help=OVER_HELP, draw=over)
AHEAD = Chart(key="error_ahead", title="How far ahead does it hold?", of="along", help=OVER_HELP, draw=ahead)
