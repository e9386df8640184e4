"""Effect: what the model says when one column is changed and all else stays."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import compact
from mlcore.errors import ChoiceError, ColumnError
from mlcore.evaluation.predictions import Floats
from mlcore.explanation.curves import Curve
from mlcore.explanation.probe import Probe
from mlcore.plots.canvas import blank, distinct, finished, needs, note, plain, quoted
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Each thin line is one row, asked again and again with another value of the column (individual conditional "
    "expectation); the thick line is their mean (partial dependence). Where the column goes with another, such rows "
    "may not exist: then the thick line only compares neighbouring values in rows that have them (accumulated local "
    "effects), and the mean is dashed. In grey areas there are hardly any rows: there the model guesses. It shows what "
    "the model would say, not what would happen."
)


def draw(probe: Probe, column: str | None = None, *, output: str | None = None) -> Panel:
    """The effect of a column of `probe.curves`, by default the first, on one output."""
    needs(probe.curves, "No column was looked at closely")
    known = [one.column for one in probe.curves]
    if column is not None and column not in known:
        raise ColumnError(column, known)
    if output is not None and output not in probe.outputs:
        raise ChoiceError(output, probe.outputs, of="output")
    one = probe.curves[known.index(column) if column is not None else 0]
    needs(one.mean, f"{one.column!r} has no values")
    place = len(probe.outputs) - 1 if output is None else probe.outputs.index(output)
    points = probe.task != "regression"
    scale = 100.0 if points else 1.0
    what = f"the probability of {quoted(probe.outputs[place])}" if points else f"the predicted {probe.outputs[place]}"
    figure = blank(
        x=plain(one.column, 60), y=f"{plain(what[:1].upper() + what[1:], 60)}{', %' if points else ''}", left=52
    )
    mean = np.array(one.mean[place]) * scale
    single = np.array([row[place] for row in one.single]) * scale
    local = np.array(one.local[place]) * scale if one.goes_with and one.local else None
    frame = pd.DataFrame({"value": _shown(one), "mean": mean, "rows near": one.near})
    (_words if one.words else _numbers)(figure, one, (mean, single, local))
    figure.update_yaxes(nticks=6)
    return Panel(
        key="effect", title=f"What changing {quoted(one.column)} does", figure=finished(figure), frame=frame,
        reading=_reading(one, what, mean if local is None else local, points=points),
        basis=f"{one.rows:,} of {probe.population:,} rows, each asked with {len(mean)} values", help=HELP,
        alt=f"Curve of {plain(what)} against {plain(one.column)}.",
    )  # fmt: skip


def _shown(one: Curve) -> list[str]:
    return list(one.words) or [_said(one, at) for at in one.at]


def _said(one: Curve, at: float) -> str:
    return f"{pd.Timestamp(at, unit='s'):%Y-%m-%d}" if one.dates else compact(at)


def _axis(one: Curve, values: tuple[float, ...]) -> object:
    return pd.to_datetime(list(values), unit="s") if one.dates else list(values)


def _numbers(figure: go.Figure, one: Curve, lines: tuple[Floats, Floats, Floats | None]) -> None:
    mean, single, local = lines
    at = np.array(one.at)
    edges = np.concatenate((at[:1], (at[1:] + at[:-1]) / 2, at[-1:]))
    for low, high in _runs(one.thin, edges):
        ends = _axis(one, (low, high))
        figure.add_vrect(x0=ends[0], x1=ends[1], fillcolor=LIGHT.quiet_soft, opacity=0.55, line_width=0, layer="below")  # type: ignore[index]
    for row in single:
        figure.add_scatter(
            x=_axis(one, one.at), y=row, mode="lines", line={"color": LIGHT.quiet, "width": 1}, opacity=0.45,
            hoverinfo="skip",
        )  # fmt: skip
    style = {"color": LIGHT.accent, "width": 2.5}
    figure.add_scatter(
        x=_axis(one, one.at), y=mean, mode="lines+markers" if len(mean) <= 6 else "lines",
        line=style if local is None else {"color": LIGHT.text, "width": 1.5, "dash": "dash"},
        customdata=list(one.near),
        hovertemplate="%{x}: %{y:,.3~g}<br>%{customdata:,} rows near<extra></extra>",
    )  # fmt: skip
    if local is not None:
        figure.add_scatter(x=_axis(one, one.local_at), y=local, mode="lines", line=style,
                           hovertemplate="%{x}: %{y:,.3~g}<extra></extra>")  # fmt: skip
    if any(one.thin):
        note(
            figure,
            1,
            1,
            "grey: hardly any rows",
            xref="paper",
            yref="paper",
            xanchor="right",
            yanchor="bottom",
            yshift=10,
        )
    figure.update_xaxes(nticks=7)


def _runs(thin: tuple[bool, ...], edges: Floats) -> list[tuple[float, float]]:
    """Neighbouring values with few rows as one area each."""
    found: list[tuple[float, float]] = []
    for place, is_thin in enumerate(thin):
        if not is_thin:
            continue
        low, high = float(edges[place]), float(edges[place + 1])
        if found and found[-1][1] == low:
            found[-1] = found[-1][0], high
        else:
            found.append((low, high))
    return found


def _words(figure: go.Figure, one: Curve, lines: tuple[Floats, Floats, Floats | None]) -> None:
    mean, single, _ = lines
    order = np.argsort(-mean, kind="stable")
    for place, word in enumerate(order):
        low, high = np.quantile(single[:, word], [0.1, 0.9])
        figure.add_scatter(x=[place, place], y=[low, high], mode="lines", hoverinfo="skip",
                           line={"color": LIGHT.quiet_soft, "width": 8})  # fmt: skip
    colors = [LIGHT.quiet if one.thin[word] else LIGHT.accent for word in order]
    figure.add_scatter(
        x=list(range(len(order))), y=mean[order], mode="markers", marker={"size": 10, "color": colors},
        customdata=[one.near[word] for word in order],
        hovertemplate="%{y:,.3~g}<br>%{customdata:,} rows<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(tickmode="array", tickvals=list(range(len(order))), range=[-0.6, len(order) - 0.4],
                        ticktext=distinct([one.words[word] for word in order], 14))  # fmt: skip


def _reading(one: Curve, what: str, line: Floats, *, points: bool) -> str:
    low, high = int(line.argmin()), int(line.argmax())

    def told(value: float) -> str:
        return f"{value:.1f}\u00a0%" if points else compact(value)

    if line[high] - line[low] <= 1e-9:
        return f"Changing {quoted(one.column)} alone changes nothing."
    at = one.local_at if len(line) == len(one.local_at) and one.goes_with else one.at
    ends = [one.words[place] if one.words else _said(one, at[place]) for place in (low, high)]
    first = (
        f"With all else as it is, {what} is lowest at {quoted(one.column)} = {ends[0]} ({told(float(line[low]))}) and "
        f"highest at {ends[1]} ({told(float(line[high]))})."
    )
    if not one.goes_with:
        return first
    return (
        f"{first} It goes with {quoted(one.goes_with)} (rank correlation {one.how_much:.2f}), so only neighbouring "
        "values were compared."
    )


CHART = Chart(key="effect", title="What changing a column does", of="probe", help=HELP, draw=draw)
