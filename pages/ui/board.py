"""The leaderboard as a table: score in its interval, ties, gain, cost, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.evaluation.metrics import METRICS, Metric
from pages.ui import markup, words
from pages.ui.markup import Head, esc

SHOWN = 10
FEW = 4
"""So many more than that are not worth a fold."""


def html(board: Leaderboard, link: Callable[[str], str]) -> str:
    """The models that have a score, each a `link` by its key, and folded below them those that did not finish."""
    metric = METRICS[board.metric]
    span = _span(board)
    rows = [
        (row, (_cells(rank, row, metric, span, board, link(row.key)), _css(row)))
        for rank, row in enumerate(board.scored, start=1)
    ]
    shown = [made for row, made in rows if _leads(row, board)]
    more = [made for row, made in rows if not _leads(row, board)]
    table = markup.table(_heads(board, metric), shown, caption="Leaderboard", stacked=True)
    return table + _more(board, metric, more) + _unfinished(board)


def _leads(row: Row, board: Leaderboard) -> bool:
    """Whether a model is always on the page: the first ones, the recommended one and the baseline."""
    short = len(board.scored) <= SHOWN + FEW
    return short or row in board.scored[:SHOWN] or row.recommended or row.key == board.baseline


def _more(board: Leaderboard, metric: Metric, rows: Sequence[tuple[Sequence[str], str]]) -> str:
    if not rows:
        return ""
    table = markup.table(_heads(board, metric), rows, caption="More models", stacked=True)
    return markup.folded(f"{words.count(len(rows), 'more model')}", table)


def _unfinished(board: Leaderboard) -> str:
    rows = [((esc(row.title), esc(row.error or "No result")), "") for row in board.rows if row.score is None]
    if not rows:
        return ""
    table = markup.table((Head("Model", name=True), Head("Why", name=True)), rows, caption="Models without a result")
    return markup.folded(f"{words.count(len(rows), 'candidate')} without a result", table)


def _heads(board: Leaderboard, metric: Metric) -> tuple[Head, ...]:
    return (
        Head("Rank", numeric=True),
        Head("Model", name=True),
        Head(metric.term, metric.direction, numeric=True),
        Head("95 % interval", f"{board.measured}, n = {board.n:,}"),
        Head("Gain", "over the baseline", numeric=True),
        Head("Training", numeric=True),
        Head("1,000 rows", "to predict", numeric=True),
        Head("Size", numeric=True),
    )


def _cells(
    rank: int, row: Row, metric: Metric, span: tuple[float, float], board: Leaderboard, link: str
) -> Sequence[str]:
    score, low, high = row.score or 0.0, row.low, row.high
    low, high = (score if low is None else low), (score if high is None else high)
    best = board[board.best].score if board.best else None
    drawn = markup.interval(score, low, high, span, score if best is None else best, faded=not row.tied)
    bounds = f"<small>{esc(metric.shown(low))} to {esc(metric.shown(high))}</small>"
    return (
        str(rank),
        _name(row, board, link),
        f"<b>{esc(metric.shown(score))}</b>",
        drawn + bounds,
        esc(_gain(row, metric, board)),
        esc(words.duration(row.fit_seconds)),
        esc(_speed(row.ms_per_1000)),
        esc(words.megabytes(row.megabytes)),
    )


def _name(row: Row, board: Leaderboard, link: str) -> str:
    chips = []
    if row.recommended:
        chips.append(markup.chip("Recommended", "accent"))
    elif row.tied:
        chips.append(markup.chip("Tied with the best"))
    if row.overfit and row.key != board.baseline:
        chips.append(markup.chip("Over-fitted", "watch"))
    return f'<a class="ts-open" href="{esc(link)}" target="_self">{esc(row.title)}</a> {" ".join(chips)}'


def _gain(row: Row, metric: Metric, board: Leaderboard) -> str:
    if row.gain is None or row.key == board.baseline:
        return "–"
    sign = "+" if row.gain > 0 else "−" if row.gain < 0 else "±"
    return f"{sign}{metric.shown(abs(row.gain))}"


def _speed(milliseconds: float | None) -> str:
    return "–" if milliseconds is None else words.duration(milliseconds / 1000)


def _css(row: Row) -> str:
    return "picked" if row.recommended else ""


def _span(board: Leaderboard) -> tuple[float, float]:
    """The scale of the drawn intervals: wide enough for the leading half; what lies far off is drawn at the edge."""
    bounds = [(row.low, row.high) for row in board.scored if row.low is not None and row.high is not None]
    if not bounds:
        return 0.0, 1.0
    leading = bounds[: max(3, len(bounds) // 2)]
    low, high = min(bound[0] for bound in leading), max(bound[1] for bound in leading)
    room = 0.75 * (high - low)
    low = max(low - room, min(bound[0] for bound in bounds))
    high = min(high + room, max(bound[1] for bound in bounds))
    pad = (high - low) * 0.03 or 1.0
    return low - pad, high + pad
