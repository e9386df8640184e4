"""Thresholds: what is gained and lost when the model says yes sooner or later."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import BinaryDetail, Counts, Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "The threshold is the probability from which the model says yes. Further right it says yes less often: it is right "
    "more often when it does (precision) but finds fewer of the positives (recall)."
)


def draw(measured: Evaluation | BinaryDetail, threshold: float | None = None) -> Panel:
    """Precision, recall and the share flagged at every threshold, with a line at the chosen one."""
    detail = measured.binary if isinstance(measured, Evaluation) else measured
    needs(detail and detail.roc, "Thresholds need rows of both labels")
    assert detail is not None
    usual = measured.threshold if isinstance(measured, Evaluation) else None
    chosen = detail.at((usual or 0.5) if threshold is None else threshold)
    steps = detail.thresholds
    silent = [counts.threshold for counts in steps if counts.tp + counts.fp == 0]
    speaking = [counts for counts in steps if counts.tp + counts.fp > 0]
    figure = blank(x=f"Threshold: probability from which it says {quoted(plain(detail.positive))}", y="Share")
    figure.update_layout(hovermode="x unified")
    series = (
        ("right when it says so", "precision", LIGHT.lowers, speaking),
        ("found", "recall", LIGHT.raises, list(steps)),
        ("flagged", "flagged", LIGHT.muted, list(steps)),
    )
    for name, attribute, color, counts in series:
        values = [getattr(count, attribute) for count in counts]
        figure.add_scatter(
            x=[count.threshold for count in counts], y=values, mode="lines", name=name,
            line={"color": color, "width": 2, "shape": "hv"}, hovertemplate="%{y:.1%}",
        )  # fmt: skip
        figure.add_scatter(
            x=[chosen.threshold], y=[getattr(chosen, attribute)], mode="markers", hoverinfo="skip",
            marker={"size": 8, "color": color, "line": {"color": LIGHT.surface, "width": 1.5}},
        )  # fmt: skip
    _labels(figure, chosen, series)
    figure.add_vline(x=chosen.threshold, line={"color": LIGHT.text, "width": 1})
    figure.update_xaxes(range=[-0.01, 1.01], tickformat=".2f", hoverformat=".2f")
    figure.update_yaxes(range=[-0.01, 1.06], **share_ticks(most=5))
    never = f" From {min(silent):.2f} on it never says so." if silent and min(silent) < 1 else ""
    return Panel(
        key="thresholds", title="What another threshold would change", figure=finished(figure),
        reading=f"At {chosen.threshold:.2f} it flags {percent(chosen.flagged)} of rows, is right for "
        f"{percent(chosen.precision)} of those and finds {percent(chosen.recall)} of all "
        f"{quoted(detail.positive)}.{never}",
        frame=table(detail), basis=_basis(measured, chosen), help=HELP,
        alt="Precision, recall and share flagged against the threshold.",
    )  # fmt: skip


def table(detail: BinaryDetail) -> pd.DataFrame:
    """Every stored threshold with its counts and shares."""
    return pd.DataFrame(
        {
            "threshold": counts.threshold,
            "flagged": counts.flagged,
            "precision": counts.precision,
            "recall": counts.recall,
            "F1": counts.f1,
            "true yes": round(counts.tp),
            "false yes": round(counts.fp),
            "true no": round(counts.tn),
            "false no": round(counts.fn),
        }
        for counts in detail.thresholds
    )


def _basis(measured: Evaluation | BinaryDetail, chosen: Counts) -> str:
    if isinstance(measured, Evaluation):
        return basis(measured.n, measured.measured)
    return f"{round(chosen.tp + chosen.fp + chosen.tn + chosen.fn):,} rows"


def _labels(figure: go.Figure, chosen: Counts, series: tuple[tuple[str, str, str, list[Counts]], ...]) -> None:
    """Direct labels beside the chosen threshold, pushed apart where they would touch."""
    on_right = chosen.threshold < 0.7
    lowest = -1.0
    for name, attribute, color, _ in sorted(series, key=lambda part: float(getattr(chosen, part[1]))):
        value = float(getattr(chosen, attribute))
        lowest = max(value, lowest + 0.085)
        note(
            figure, chosen.threshold, min(lowest, 1.02), f"<b>{percent(value)}</b> {name}", color=color,
            xanchor="left" if on_right else "right", xshift=10 if on_right else -10, bgcolor=LIGHT.surface,
        )  # fmt: skip


CHART = Chart(
    key="thresholds",
    title="What another threshold would change",
    of="evaluation",
    help=HELP,
    draw=draw,
    tasks=("binary",),
)
