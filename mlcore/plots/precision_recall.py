"""Precision against recall: how pure the finds are, the more of the positives are found."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, rule, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.roc import mark
from mlcore.plots.tokens import LIGHT

HELP = (
    "Each point is a threshold. Right: more of the positives are found (recall). Up: more of those called positive "
    "truly are (precision). The dotted line is what picking at random gives."
)


def draw(evaluation: Evaluation, threshold: float | None = None) -> Panel:
    """The precision–recall curve of a binary evaluation, with the chosen threshold on it."""
    detail = evaluation.binary
    needs(detail and detail.pr, "A precision–recall curve needs rows of both labels")
    assert detail is not None
    assert detail.pr is not None
    curve, area = detail.pr, evaluation["average_precision"]
    at = detail.at(evaluation.threshold or 0.5 if threshold is None else threshold)
    figure = blank(
        x=f"Share of {quoted(plain(detail.positive))} found (recall)",
        y="How often it is right when it says so (precision)",
    )
    figure.add_scatter(
        x=curve.x, y=curve.y, mode="lines", line={"color": LIGHT.accent, "width": 2.5, "shape": "hv"},
        hovertemplate="right %{y:.0%} of the time, finds %{x:.0%}<extra></extra>",
    )  # fmt: skip
    rule(figure, y=detail.prevalence)
    note(figure, 0.01, detail.prevalence, f"at random {percent(detail.prevalence)}", yshift=9)
    if at.tp + at.fp:
        mark(figure, at.recall, at.precision, f"threshold {at.threshold:.2f}", above=True)
    note(figure, 0.99, 1.0, f"<b>Average precision {area.value:.3f}</b>", color=LIGHT.accent, xanchor="right")
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.06], **share_ticks(most=5))
    reading = (
        f"At threshold {at.threshold:.2f} it is right {percent(at.precision)} of the time when it says "
        f"{quoted(detail.positive)} and finds {percent(at.recall)} of them; picking at random would be right "
        f"{percent(detail.prevalence)} of the time."
    )
    if not at.tp + at.fp:
        reading = f"At threshold {at.threshold:.2f} it never says {quoted(detail.positive)}; a lower threshold would."
    return Panel(
        key="precision_recall", title="How often a yes is right", figure=finished(figure), reading=reading,
        frame=pd.DataFrame({"threshold": curve.threshold, "positives found (recall)": curve.x,
                            "right when it says so (precision)": curve.y}),
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"Precision against recall, average precision {area.value:.3f}, at random {detail.prevalence:.3f}.",
    )  # fmt: skip


CHART = Chart(
    key="precision_recall", title="How often a yes is right", of="evaluation", help=HELP, draw=draw, tasks=("binary",)
)
