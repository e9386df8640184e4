"""The leaderboard as dots with their intervals: who is ahead, and who is tied."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.plots.canvas import above, basis, blank, distinct, finished, note, score_form
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A dot is a model's score, the line its 95 % interval. Models in colour are tied with the best: the difference "
    "could be chance (paired comparison on the same rows, corrected for the number of models)."
)


def draw(leaderboard: Leaderboard) -> Panel:
    """Score and interval of every model that has one, best on top."""
    rows, metric = leaderboard.scored, METRICS[leaderboard.metric]
    if not rows:
        raise UserError("No model has a score yet", remedy="Wait for the first one, or look at why they failed.")
    names = distinct([row.title for row in rows], 40)
    direction = "higher" if metric.higher_is_better else "lower"
    figure = blank(x=f"{metric.term[0].upper()}{metric.term[1:]} ({direction} is better)", grid="x",
                   height=min(800, max(220, 74 + 44 * len(rows))), left=12)  # fmt: skip
    figure.update_layout(margin={"r": 64})
    low, high = _range(rows, metric)
    for name, row in zip(names, rows, strict=True):
        tag = " · <b>recommended</b>" if row.recommended else " · tied" if row.tied else ""
        above(figure, name, name + tag, yshift=13, color=LIGHT.accent if row.tied else LIGHT.muted)
        if not low <= (row.score or 0.0) <= high:
            _far(figure, name, row, metric, low)
        else:
            _near(figure, name, row, metric)
    figure.update_xaxes(range=[low, high], nticks=5, tickformat=score_form(metric, low, high))
    figure.update_yaxes(autorange="reversed", type="category")
    return Panel(
        key="leaderboard", title="Who is ahead", figure=finished(figure), reading=_reading(leaderboard, metric),
        frame=table(leaderboard), basis=basis(leaderboard.n, leaderboard.measured), help=HELP,
        alt=f"Scores of {len(rows)} models with their 95 % intervals.",
    )  # fmt: skip


def table(leaderboard: Leaderboard) -> pd.DataFrame:
    """Every row of the leaderboard, failed models too."""
    term = METRICS[leaderboard.metric].term
    return pd.DataFrame(
        {
            "model": row.title,
            term: row.score,
            "from": row.low,
            "to": row.high,
            "tied with the best": row.tied,
            "gain over the baseline": row.gain,
            "over-fit": row.overfit,
            "fit seconds": row.fit_seconds,
            "ms per 1,000 rows": row.ms_per_1000,
            "megabytes": row.megabytes,
            "failed because": row.error,
        }
        for row in leaderboard.rows
    )


def _words(row: Row, metric: Metric) -> str:
    return f"{metric.shown(row.score)} ({metric.shown(row.low)} to {metric.shown(row.high)})"


def _range(rows: tuple[Row, ...], metric: Metric) -> tuple[float, float]:
    """The axis: all intervals, but models far off, such as the baseline, may not squeeze the others."""
    behind = [metric.gain(rows[0].score or 0.0, row.score or 0.0) for row in rows]
    typical = sorted(behind[1:])[(len(rows) - 1) // 2] if len(rows) > 2 else max(behind)
    widths = [row.high - row.low for row in rows if row.high is not None and row.low is not None]
    reach = max(10 * typical, 2 * max(widths[:3], default=0.0))
    near = [row for row, distance in zip(rows, behind, strict=True) if distance <= reach]
    ends = [bound for row in near for bound in (row.low, row.high, row.score) if bound is not None]
    low, high = min(ends), max(ends)
    pad = 0.04 * ((high - low) or max(abs(high), 1.0))
    return low - pad, high + pad


def _near(figure: go.Figure, name: str, row: Row, metric: Metric) -> None:
    """A model on the axis: its score as a dot, its interval as a line, both in colour when it is tied."""
    color = LIGHT.accent if row.tied else LIGHT.quiet
    if row.low is not None and row.high is not None:
        figure.add_scatter(
            x=[row.low, row.high],
            y=[name, name],
            mode="lines",
            line={"color": color, "width": 3},
            opacity=0.55,
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[row.score], y=[name], mode="markers", hovertemplate=f"{name}: {_words(row, metric)}<extra></extra>",
        marker={"size": 10, "color": color, "line": {"color": LIGHT.surface, "width": 1.5},
                "symbol": "diamond" if row.recommended else "circle"},
    )  # fmt: skip
    end = row.score if row.high is None else row.high
    note(figure, end, name, metric.shown(row.score), color=LIGHT.accent if row.tied else LIGHT.muted, xshift=8)


def _far(figure: go.Figure, name: str, row: Row, metric: Metric, low: float) -> None:
    """A model beyond the axis: its score at the edge, with an arrow."""
    left = (row.score or 0.0) < low
    text = f"◂ {metric.shown(row.score)}" if left else f"{metric.shown(row.score)} ▸"
    figure.add_scatter(x=[None], y=[name], mode="markers", hoverinfo="skip")
    note(figure, 0 if left else 1, name, text, xref="x domain", xanchor="left" if left else "right")


def _reading(leaderboard: Leaderboard, metric: Metric) -> str:
    best, chosen = leaderboard[str(leaderboard.best)], leaderboard[str(leaderboard.recommended)]
    tied = sum(row.tied for row in leaderboard.rows) - 1
    first = f"{best.title} has the best {metric.term}, {_words(best, metric)}"
    if not tied:
        return f"{first}, ahead of all others by more than chance."
    others = "one other model is" if tied == 1 else f"{tied} others are"
    simple = "it is the one to take" if chosen is best else f"{chosen.title} is simpler and costs next to nothing"
    return f"{first}; {others} tied with it, and {simple}."


CHART = Chart(key="leaderboard", title="Who is ahead", of="leaderboard", help=HELP, draw=draw)
