"""Confusion matrix: what was said against what was true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Counts, Evaluation
from mlcore.evaluation.predictions import Floats
from mlcore.plots.canvas import basis, blank, distinct, finished, needs, quoted, room
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT, SIZE, SMALL

MOST = 20
HELP = (
    "A row of the matrix is what was true, a column what the model said; the diagonal is right. Colour and per cent: "
    "the share of the true label's rows. For yes-or-no models it follows the threshold."
)


def draw(evaluation: Evaluation, threshold: float | None = None) -> Panel:
    """The confusion matrix; for a binary task at `threshold`, by default that of the evaluation."""
    needs(evaluation.binary or evaluation.multiclass, "A confusion matrix needs a task with labels")
    if evaluation.binary:
        at = evaluation.binary.at(evaluation.threshold or 0.5 if threshold is None else threshold)
        labels = [evaluation.binary.negative, evaluation.binary.positive]
        matrix = np.array([[at.tn, at.fp], [at.fn, at.tp]])
        reading = _binary_reading(at, evaluation.binary.positive)
    else:
        assert evaluation.multiclass is not None
        labels, matrix = _bounded(list(evaluation.labels), np.array(evaluation.multiclass.confusion))
        reading = _reading(labels, matrix)
    frame = pd.DataFrame(np.round(matrix).astype(int), columns=[f"said {label}" for label in labels])
    frame.insert(0, "true", labels)
    return Panel(
        key="confusion", title="What it said, what was true", figure=_figure(labels, matrix), reading=reading,
        frame=frame, basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"Confusion matrix of {len(labels)} labels, {percent(np.trace(matrix) / matrix.sum())} on the diagonal.",
    )  # fmt: skip


def _figure(labels: list[str], matrix: Floats) -> go.Figure:
    names = distinct(labels, 18)
    totals = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, totals, out=np.zeros_like(matrix), where=totals > 0)
    height = max(320, 110 + 34 * len(labels))
    figure = blank(x="What the model said", y="What was true", grid="", height=height, left=room(names))
    figure.add_heatmap(
        x=names, y=names, z=shares, zmin=0, zmax=1, xgap=3, ygap=3, showscale=False,
        colorscale=[[place / 9, color] for place, color in enumerate(LIGHT.sequence)], customdata=matrix,
        hovertemplate="true %{y}, said %{x}<br>%{customdata:,.0f} rows, %{z:.1%} of them<extra></extra>",
    )  # fmt: skip
    for i, true in enumerate(names):
        for j, said in enumerate(names):
            _cell(figure, said, true, matrix[i, j], shares[i, j], few=len(names) <= 4)
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="category", side="bottom")
    return finished(figure)


def _cell(figure: go.Figure, said: str, true: str, count: float, share: float, *, few: bool) -> None:
    if not few and round(count) == 0:
        return
    text = f"<b>{round(count):,}</b><br>{percent(share)}" if few else f"{round(count):,}"
    figure.add_annotation(
        x=said, y=true, text=text, showarrow=False,
        font={"size": SIZE + 1 if few else SMALL, "color": LIGHT.surface if share > 0.72 else LIGHT.text},
    )  # fmt: skip


def _bounded(labels: list[str], matrix: Floats) -> tuple[list[str], Floats]:
    """At most `MOST` labels, the most frequent ones; the rest together as "other labels"."""
    if len(labels) <= MOST:
        return labels, matrix
    order = np.argsort(-matrix.sum(axis=1), kind="stable")
    kept = np.sort(order[: MOST - 1])
    part = np.full(len(labels), MOST - 1)
    part[kept] = np.arange(MOST - 1)
    small = np.zeros((MOST, MOST))
    np.add.at(small, (part[:, None], part[None, :]), matrix)
    return [*(labels[index] for index in kept), f"other {len(labels) - MOST + 1} labels"], small


def _binary_reading(at: Counts, positive: str) -> str:
    said = at.tp + at.fp
    if not said:
        return f"At threshold {at.threshold:.2f} the model never says {quoted(positive)}."
    return (
        f"At threshold {at.threshold:.2f} it says {quoted(positive)} for {round(said):,} rows and is right for "
        f"{round(at.tp):,} of them; it misses {round(at.fn):,}."
    )


def _reading(labels: list[str], matrix: Floats) -> str:
    right = percent(float(np.trace(matrix) / matrix.sum()))
    wrong = matrix - np.diag(np.diag(matrix))
    if wrong.max() == 0:
        return "It is right for every row."
    i, j = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return (
        f"It is right for {right} of rows; most often confused: {quoted(labels[i])} taken for {quoted(labels[j])} "
        f"({round(wrong[i, j]):,} rows)."
    )


CHART = Chart(
    key="confusion", title="What it said, what was true", of="evaluation", help=HELP, draw=draw,
    tasks=("binary", "multiclass"),
)  # fmt: skip
