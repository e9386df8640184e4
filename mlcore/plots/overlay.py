"""Two to four models in one figure: a colour, a dash and a mark for each, and their names above the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import distinct, note
from mlcore.plots.tokens import LIGHT

MOST = 4
ROW = 18
"""Pixels from one name to the next."""

DASHES = ("solid", "dash", "dot", "dashdot")
SYMBOLS = ("circle", "square", "diamond", "triangle-up")
SIGNS = ("●", "■", "◆", "▲")

Named = Sequence[tuple[str, Evaluation]]
"""What each model is called, and how it was measured."""


@dataclass(frozen=True)
class Look:
    """How one model is drawn: so that it can be told from the others without its colour, too."""

    name: str
    color: str
    dash: str
    symbol: str
    sign: str


def looks(titles: Sequence[str]) -> list[Look]:
    """The looks of so many models, in their order; `UserError` when they are too few or too many to tell apart."""
    if not 2 <= len(titles) <= MOST:
        raise UserError(f"{len(titles)} models cannot be drawn together", remedy=f"Choose two to {MOST}.")
    names = distinct(list(titles), 40)
    return [Look(*one) for one in zip(names, LIGHT.categories, DASHES, SYMBOLS, SIGNS, strict=False)]


def key(figure: go.Figure, models: Sequence[Look]) -> None:
    """The names above the chart, each with the sign of its line; the figure grows by as much."""
    layout = figure.layout
    for place, model in enumerate(models):
        shift = ROW * (len(models) - 1 - place) + layout.margin.t + 4
        where = {"xref": "paper", "yref": "paper", "yanchor": "bottom"}
        left = 6 - layout.margin.l
        note(figure, 0, 1, model.sign, color=model.color, xshift=left, yshift=shift, **where)
        note(figure, 0, 1, model.name, color=LIGHT.text, xshift=left + 16, yshift=shift, **where)
    more = ROW * len(models) + 8
    figure.update_layout(height=layout.height + more, margin_t=layout.margin.t + more)


def line(figure: go.Figure, model: Look, x: Sequence[float], y: Sequence[float], hover: str, *, shape: str) -> None:
    """A curve of one model."""
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": model.color, "width": 2.25, "dash": model.dash, "shape": shape},
        hovertemplate=f"{model.name}<br>{hover}<extra></extra>",
    )  # fmt: skip


def ranked(named: Named, metric: str) -> list[tuple[str, float]]:
    """The models by a metric of theirs, the best first."""
    scores = [(title, made[metric]) for title, made in named if metric in made]
    scores.sort(key=lambda one: -one[1].value if one[1].higher_is_better else one[1].value)
    return [(title, measure.value) for title, measure in scores]
