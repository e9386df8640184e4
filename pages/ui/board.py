"""The leaderboard as a table: score in its interval, ties, gain, cost, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.evaluation.metrics import METRICS, Metric
from pages.ui import markup, words
from pages.ui.markup import Head, esc


def html(board: Leaderboard) -> str:
    """The whole leaderboard."""
    metric = METRICS[board.metric]
    span = _span(board.scored)
    best = board[board.best].score if board.best else None
    rows = [(_cells(rank, row, metric, span, best), _css(row)) for rank, row in enumerate(board.rows, start=1)]
    return markup.table(_heads(board, metric), rows, caption="Leaderboard")


def direction(metric: Metric) -> str:
    """Which way is better, in words."""
    return "higher is better" if metric.higher_is_better else "lower is better"


def _heads(board: Leaderboard, metric: Metric) -> tuple[Head, ...]:
    return (
        Head("", numeric=True),
        Head("Model", name=True),
        Head(metric.term, direction(metric), numeric=True),
        Head("95 % interval", f"{board.measured}, n = {board.n:,}"),
        Head("Gain", "over the baseline", numeric=True),
        Head("Training", numeric=True),
        Head("1,000 rows", "to predict", numeric=True),
        Head("Size", numeric=True),
    )


def _cells(
    rank: int, row: Row, metric: Metric, span: tuple[float, float], best: float | None
) -> Sequence[str]:
    if row.score is None or row.low is None or row.high is None:
        failed = f'{esc(row.title)}<small>{esc(row.error or "No result")}</small>'
        return ("–", failed, "–", markup.chip("Failed", "act"), "–", words.duration(row.fit_seconds), "–", "–")
    drawn = markup.interval(row.score, row.low, row.high, span, best or row.score, faded=not row.tied)
    bounds = f'<small class="ts-meta">{esc(metric.shown(row.low))} to {esc(metric.shown(row.high))}</small>'
    return (
        str(rank), _name(row), f"<b>{esc(metric.shown(row.score))}</b>", drawn + bounds, esc(_gain(row, metric)),
        esc(words.duration(row.fit_seconds)), esc(_speed(row.ms_per_1000)), esc(words.megabytes(row.megabytes)),
    )  # fmt: skip


def _name(row: Row) -> str:
    chips = []
    if row.recommended:
        chips.append(markup.chip("Recommended", "accent"))
    elif row.tied:
        chips.append(markup.chip("Tied with the best"))
    if row.overfit:
        chips.append(markup.chip("Over-fitted", "watch"))
    return f"<b>{esc(row.title)}</b> {' '.join(chips)}"


def _gain(row: Row, metric: Metric) -> str:
    if row.gain is None or row.key == "baseline":
        return "–"
    sign = "+" if row.gain > 0 else "−" if row.gain < 0 else "±"
    return f"{sign}{metric.shown(abs(row.gain))}"


def _speed(milliseconds: float | None) -> str:
    return "–" if milliseconds is None else words.duration(milliseconds / 1000)


def _css(row: Row) -> str:
    return "picked" if row.recommended else "faded" if row.score is None else ""


def _span(rows: Sequence[Row]) -> tuple[float, float]:
    """The scale of the drawn intervals: everything, unless a poor baseline would squeeze the rest together."""
    bounds = sorted((row.low, row.high) for row in rows if row.low is not None and row.high is not None)
    if not bounds:
        return 0.0, 1.0
    low, high = min(bound[0] for bound in bounds), max(bound[1] for bound in bounds)
    pad = (high - low) * 0.03 or 1.0
    return low - pad, high + pad
