"""One label against all others: its ROC and precision–recall curves, the other labels behind them."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Curve, Evaluation, LabelScore
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

ROC_HELP = (
    "One label against all others together: up, more of its rows are found; right, more of the others are called it by "
    "mistake. Thin lines are the other labels, the dotted diagonal is chance."
)
PR_HELP = (
    "One label against all others together: right, more of its rows are found (recall); up, it is right more often "
    "when it says so (precision). Thin lines are the other labels, the dotted line is picking at random."
)


def roc(evaluation: Evaluation, label: str | None = None) -> Panel:
    """The ROC curve of one label against the rest; by default of the label that is told worst."""
    able = _able(evaluation, "roc")
    one = _chosen(able, label)
    figure = blank(
        x=f"Share of other rows called {quoted(plain(one.label))}", y=f"Share of {quoted(plain(one.label))} found"
    )
    _lines(figure, able, one, "roc")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    area = one.roc_auc or 0.0
    note(figure, 0.98, 0.08, f"<b>AUC {area:.3f}</b>", color=LIGHT.accent, xanchor="right")
    ranked = sorted(able, key=lambda other: other.roc_auc or 0.0)
    place = f"the lowest of {len(able)} labels" if ranked[0] is one else f"{quoted(ranked[0].label)} is told worst"
    return Panel(
        key="label_roc", title="Each label against the rest", figure=_framed(figure),
        reading=f"Given one row of {quoted(one.label)} and one of another label, the first gets the higher probability "
        f"of it in {percent(area)} of cases: {place}"
        + ("." if ranked[0] is one else f", {percent(ranked[0].roc_auc or 0.0)}."),
        frame=_frame(able, "roc", "called it by mistake", "found"), help=ROC_HELP, basis=_basis(evaluation, one),
        alt=f"ROC curves of {len(able)} labels, that of {plain(one.label)} with area {area:.3f}.",
    )  # fmt: skip


def precision_recall(evaluation: Evaluation, label: str | None = None) -> Panel:
    """Precision against recall of one label against the rest; by default of the label that is told worst."""
    able = _able(evaluation, "pr")
    one = _chosen(able, label)
    figure = blank(x=f"Share of {quoted(plain(one.label))} found (recall)", y="How often it is right when it says so")
    _lines(figure, able, one, "pr")
    chance = one.n / evaluation.n
    figure.add_hline(y=chance, line={"color": LIGHT.quiet, "width": 1, "dash": "dot"})
    note(figure, 0.01, chance, f"at random {percent(chance)}", yshift=9)
    assert one.pr is not None
    found, pure = np.array(one.pr.x), np.array(one.pr.y)
    half = float(pure[np.searchsorted(found, 0.5).clip(0, len(pure) - 1)])
    return Panel(
        key="label_pr", title="How often each label is right", figure=_framed(figure),
        reading=f"When half of the {quoted(one.label)} rows are found, {percent(half)} of those called so are right; "
        f"picking at random would be right {percent(chance)} of the time.",
        frame=_frame(able, "pr", "found (recall)", "right (precision)"), help=PR_HELP, basis=_basis(evaluation, one),
        alt=f"Precision against recall of {len(able)} labels, that of {plain(one.label)} in front.",
    )  # fmt: skip


def _able(evaluation: Evaluation, kind: Literal["roc", "pr"]) -> list[LabelScore]:
    """The labels that have a curve."""
    needs(evaluation.multiclass, "This chart needs a task with several labels")
    assert evaluation.multiclass is not None
    able = [one for one in evaluation.multiclass.by_label if getattr(one, kind) is not None]
    needs(able, "Curves need rows of at least two labels")
    return able


def _chosen(able: list[LabelScore], label: str | None) -> LabelScore:
    worst = min(able, key=lambda one: one.roc_auc or 0.0)
    return next((one for one in able if one.label == label), worst)


def _lines(figure: go.Figure, able: list[LabelScore], one: LabelScore, kind: Literal["roc", "pr"]) -> None:
    shape = "hv" if kind == "pr" else "linear"
    for other in (*(rest for rest in able if rest is not one), one):
        curve: Curve = getattr(other, kind)
        front = other is one
        figure.add_scatter(
            x=curve.x, y=curve.y, mode="lines",
            line={"color": LIGHT.accent if front else LIGHT.quiet_soft, "width": 2.5 if front else 1.2, "shape": shape},
            hovertemplate=f"{plain(other.label)}<br>%{{x:.0%}}, %{{y:.0%}}<extra></extra>",
        )  # fmt: skip


def _framed(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.03], **share_ticks(most=5))
    return finished(figure)


def _frame(able: list[LabelScore], kind: Literal["roc", "pr"], x: str, y: str) -> pd.DataFrame:
    parts = []
    for one in able:
        curve: Curve = getattr(one, kind)
        parts.append(pd.DataFrame({"label": one.label, "probability": curve.threshold, x: curve.x, y: curve.y}))
    return pd.concat(parts, ignore_index=True)


def _basis(evaluation: Evaluation, one: LabelScore) -> str:
    return f"{round(one.n):,} of {basis(evaluation.n, evaluation.measured)}"


ROC = Chart(
    key="label_roc", title="Each label against the rest", of="evaluation", help=ROC_HELP, draw=roc,
    tasks=("multiclass",),
)  # fmt: skip
PR = Chart(
    key="label_pr", title="How often each label is right", of="evaluation", help=PR_HELP, draw=precision_recall,
    tasks=("multiclass",),
)  # fmt: skip
