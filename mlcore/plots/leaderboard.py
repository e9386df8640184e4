"""The leaderboard as dots with their intervals: who is ahead, and who is tied."""

from __future__ import annotations

import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.plots.canvas import basis, blank, distinct, finished, note
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
    names = distinct([row.title for row in rows], 26)
    direction = "higher" if metric.higher_is_better else "lower"
    figure = blank(x=f"{metric.term[0].upper()}{metric.term[1:]} ({direction} is better)", grid="x",
                   height=max(220, 74 + 32 * len(rows)), left=28 + 7 * max(map(len, names)))  # fmt: skip
    for name, row in zip(names, rows, strict=True):
        color = LIGHT.accent if row.tied else LIGHT.quiet
        if row.low is not None and row.high is not None:
            figure.add_scatter(
                x=[row.low, row.high], y=[name, name], mode="lines", line={"color": color, "width": 2}, hoverinfo="skip"
            )
        figure.add_scatter(
            x=[row.score], y=[name], mode="markers", hovertemplate=f"{name}: {_words(row, metric)}<extra></extra>",
            marker={"size": 11, "color": color, "line": {"color": LIGHT.surface, "width": 1.5},
                    "symbol": "diamond" if row.recommended else "circle"},
        )  # fmt: skip
        tag = "  <b>recommended</b>" if row.recommended else "  tied" if row.tied else ""
        end = row.score if row.high is None else row.high
        note(
            figure, end, name, metric.shown(row.score) + tag, color=LIGHT.accent if row.tied else LIGHT.muted, xshift=8
        )
    low, high = _range(rows)
    figure.update_xaxes(range=[low, high], nticks=7, tickformat=".0%" if metric.unit == "share" else None)
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


def _range(rows: tuple[Row, ...]) -> tuple[float, float]:
    """The axis: all intervals, with room on the right for labels; a model far off does not squeeze the others."""
    ends = [bound for row in rows for bound in (row.low, row.high, row.score) if bound is not None]
    low, high = min(ends), max(ends)
    width = (high - low) or max(abs(high), 1.0) * 0.1
    return low - 0.03 * width, high + 0.3 * width


def _reading(leaderboard: Leaderboard, metric: Metric) -> str:
    best, chosen = leaderboard[str(leaderboard.best)], leaderboard[str(leaderboard.recommended)]
    tied = sum(row.tied for row in leaderboard.rows) - 1
    first = f"{best.title} has the best {metric.term}, {_words(best, metric)}"
    if not tied:
        return f"{first}, ahead of all others by more than chance."
    others = "one other model is" if tied == 1 else f"{tied} others are"
    simple = "it is also the simplest of them" if chosen is best else f"{chosen.title} is the simplest of them"
    return f"{first}; {others} tied with it, and {simple}."


CHART = Chart(key="leaderboard", title="Who is ahead", of="leaderboard", help=HELP, draw=draw)
