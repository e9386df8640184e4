"""Score against speed and size: what a slower or larger model buys, and which models nothing beats in both."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.learning.forecast import difference
from mlcore.plots.canvas import basis, blank, finished, note, plain, score_axis, score_named
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT, SMALL

HELP = (
    "Up is better, left is quicker, a larger dot takes more space on disk. The line joins the models that no other one "
    "beats in both score and speed. Filled in the soft colour are those tied with the best; the full colour is the one "
    "recommended. The number at a dot is the model's rank. Speed is one core of the machine that trained them."
)
FAR = 3
"""A model this many times further behind than the middle one is left out, so that it does not squeeze the others."""

SMALLEST, LARGEST = 9, 30
"""Diameters of dots, in pixels."""

ROW = 16
"""Pixels from one name to the next."""


def draw(leaderboard: Leaderboard) -> Panel:
    """Score and milliseconds for 1,000 rows of every model near the best, with its megabytes as the dot's area."""
    metric = METRICS[leaderboard.metric]
    timed = [row for row in leaderboard.scored if row.ms_per_1000 is not None and row.ms_per_1000 > 0]
    if not timed:
        raise UserError("No model's speed was measured", remedy="Train again; the speed is measured then.")
    rows = _near(timed, metric)
    best = front(rows, metric)
    figure = blank(x="Milliseconds for 1,000 rows", y=score_named(metric), left=52)
    figure.add_scatter(
        x=[row.ms_per_1000 for row in best], y=[row.score for row in best], mode="lines", hoverinfo="skip",
        line={"color": LIGHT.quiet, "width": 1.5, "shape": "hv"},
    )  # fmt: skip
    _dots(figure, rows, metric, [leaderboard.scored.index(row) + 1 for row in rows])
    _axes(figure, rows, metric)
    _names(figure, best, rows)
    left_out = len(leaderboard.scored) - len(rows)
    more = f"; {left_out} further behind not drawn" if left_out else ""
    return Panel(
        key="tradeoff", title="What speed and size cost", figure=finished(figure), help=HELP,
        reading=_reading(rows, metric), frame=_frame(timed, best, metric),
        basis=f"{len(rows)} models, each with its rank{more}; scores from {basis(leaderboard.n, leaderboard.measured)}",
        alt=f"{metric.term} against the time to predict 1,000 rows, for {len(rows)} models.",
    )  # fmt: skip


def front(rows: Sequence[Row], metric: Metric) -> list[Row]:
    """The models that no other one beats in both score and speed, the quickest first."""
    kept: list[Row] = []
    for row in sorted(rows, key=lambda row: (_speed(row), -metric.gain(_score(row), 0.0))):
        if not kept or metric.gain(_score(row), _score(kept[-1])) > 0:
            kept.append(row)
    return kept


def _near(rows: list[Row], metric: Metric) -> list[Row]:
    behind = [metric.gain(_score(rows[0]), _score(row)) for row in rows]
    widths = [abs(row.high - row.low) for row in rows if row.high is not None and row.low is not None]
    reach = max(FAR * sorted(behind)[len(behind) // 2], max(widths[:1], default=0.0))
    return [row for row, distance in zip(rows, behind, strict=True) if distance <= reach]


def _dots(figure: go.Figure, rows: Sequence[Row], metric: Metric, ranks: Sequence[int]) -> None:
    largest = max((row.megabytes or 0.0 for row in rows), default=0.0) or 1.0
    sizes = [max(SMALLEST + 5 * row.recommended, LARGEST * math.sqrt((row.megabytes or 0.0) / largest)) for row in rows]
    figure.add_scatter(
        x=[row.ms_per_1000 for row in rows], y=[row.score for row in rows], mode="markers+text",
        text=[f"<b>{rank}</b>" for rank in ranks], textposition="top center",
        textfont={"size": SMALL, "color": [LIGHT.accent if row.tied else LIGHT.muted for row in rows]},
        cliponaxis=False,
        customdata=[_words(row, metric) for row in rows],
        marker={"size": sizes, "color": [_color(row) for row in rows],
                "symbol": ["diamond" if row.recommended else "circle" for row in rows],
                "line": {"color": [LIGHT.accent if row.tied else LIGHT.quiet for row in rows], "width": 1.5}},
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _color(row: Row) -> str:
    return LIGHT.accent if row.recommended else LIGHT.soft if row.tied else LIGHT.quiet_soft


def _words(row: Row, metric: Metric) -> str:
    state = "<br>recommended" if row.recommended else "<br>tied with the best" if row.tied else ""
    return f"{plain(row.title, 60)}<br>{metric.shown(row.score)} · {_cost(row)}{state}"


def _cost(row: Row) -> str:
    return f"{_ms(_speed(row))} for 1,000 rows{_size(row.megabytes)}"


def _size(megabytes: float | None) -> str:
    if megabytes is None:
        return ""
    return f", {1000 * megabytes:.0f} kB" if megabytes < 0.95 else f", {megabytes:.1f} MB"


def _ms(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{milliseconds:.2g} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def _axes(figure: go.Figure, rows: Sequence[Row], metric: Metric) -> None:
    """A log axis from a little before the quickest to a little after the slowest, ticks at 1, 2, 5, 10 …"""
    logs = [math.log10(_speed(row)) for row in rows]
    low, high = min(logs) - 0.15, max(logs) + 0.15
    steps = (1, 2, 5) if high - low < 1.5 else (1, 3) if high - low < 3 else (1,)
    ticks = [digit * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for digit in steps]
    figure.update_xaxes(type="log", range=[low, high], tickvals=ticks, ticktext=[f"{tick:,.6g}" for tick in ticks])
    scores = [_score(row) for row in rows]
    least, most = min(scores), max(scores)
    pad = 0.12 * ((most - least) or abs(most) or 1.0)
    below, above = (pad, 2.5 * pad) if metric.higher_is_better else (2.5 * pad, pad)  # names stand over the best
    score_axis(figure, metric, least - below, most + above)


def _names(figure: go.Figure, best: Sequence[Row], rows: Sequence[Row]) -> None:
    """The recommended model and the best one by name, over the dots: beside them a narrow screen has no room."""
    chosen = [row for row in rows if row.recommended]
    lines = [(f"◆ <b>{plain(row.title, 40)}</b>", LIGHT.accent) for row in chosen]
    lines += [(f"Best score: {plain(row.title, 24)}", LIGHT.muted) for row in best[-1:] if row not in chosen]
    for place, (text, color) in enumerate(lines):
        above = {"xref": "x domain", "yref": "y domain", "yanchor": "top", "bgcolor": LIGHT.surface, "borderpad": 1}
        note(figure, 0, 1, text, color=color, yshift=-ROW * place, **above)


def _reading(rows: Sequence[Row], metric: Metric) -> str:
    chosen = next((row for row in rows if row.recommended), None)
    if chosen is None:
        quickest = min(rows, key=_speed)
        return f"{quickest.title} is the quickest of those near the best: {_cost(quickest)}."
    first = f"{chosen.title} is recommended: {_cost(chosen)}"
    quicker = [row for row in rows if row.tied and _speed(row) < _speed(chosen) / 1.2]
    if not quicker:
        return f"{first}; no model tied with the best is quicker."
    other = min(quicker, key=_speed)
    times = _speed(chosen) / _speed(other)
    given = metric.gain(_score(chosen), _score(other))
    costs = f"scores {difference(metric, abs(given))} {'worse' if given > 0 else 'better'}"
    if metric.shown(_score(chosen)) == metric.shown(_score(other)):
        costs = "scores the same"
    return f"{first}; {other.title} is tied with the best, too, answers {times:.1f} times as quickly and {costs}."


def _frame(rows: Sequence[Row], best: Sequence[Row], metric: Metric) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": row.title,
            metric.term: row.score,
            "ms per 1,000 rows": row.ms_per_1000,
            "megabytes": row.megabytes,
            "beaten by none in both": row in best,
            "tied with the best": row.tied,
            "recommended": row.recommended,
        }
        for row in rows
    )


def _score(row: Row) -> float:
    assert row.score is not None
    return row.score


def _speed(row: Row) -> float:
    assert row.ms_per_1000 is not None
    return row.ms_per_1000


CHART = Chart(key="tradeoff", title="What speed and size cost", of="leaderboard", help=HELP, draw=draw)
