"""Top-k: how often the truth is among the first one, two, three … answers."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = "The share of rows whose true label is the likeliest one, among the two likeliest, and so on (top-k accuracy)."
_WORDS = {2: "two", 3: "three", 4: "four", 5: "five"}


def draw(evaluation: Evaluation) -> Panel:
    """The share of rows right within the first k answers."""
    detail = evaluation.multiclass
    needs(detail, "This chart needs a task with several labels")
    assert detail is not None
    needs(detail.top, "This was measured by an earlier version, without the second and third answers")
    places = list(range(1, len(detail.top) + 1))
    names = ["first answer", *(f"first {place}" for place in places[1:])]
    figure = blank(y="Share of rows whose label is among them")
    figure.add_bar(
        x=names, y=detail.top, marker={"color": LIGHT.accent, "line": {"width": 0}},
        hovertemplate="%{x}: %{y:.1%}<extra></extra>",
    )  # fmt: skip
    for name, share in zip(names, detail.top, strict=True):
        note(figure, name, share, percent(share, 1), xanchor="center", yanchor="bottom", yshift=2)
    figure.update_yaxes(range=[0, 1.1], **share_ticks(most=5))
    figure.update_xaxes(type="category")
    second = f"; among its {_WORDS[len(detail.top)]} likeliest in {percent(detail.top[-1], 1)}"
    if len(detail.top) > 2:
        second = f", among its two likeliest in {percent(detail.top[1], 1)}{second}"
    return Panel(
        key="top", title="Is the truth among its first answers?", figure=finished(figure),
        reading=f"The true label is its first answer in {percent(detail.top[0], 1)} of rows{second}.",
        frame=pd.DataFrame({"answers": places, "share of rows right": detail.top}),
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"Bars of top-k accuracy from {percent(detail.top[0])} to {percent(detail.top[-1])}.",
    )  # fmt: skip


CHART = Chart(
    key="top", title="Is the truth among its first answers?", of="evaluation", help=HELP, draw=draw,
    tasks=("multiclass",),
)  # fmt: skip
