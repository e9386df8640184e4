"""Two to four models in one figure: a colour, a dash and a mark for each, and their names above the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from mlcore.errors import UserError
from mlcore.evaluation.evaluation import Curve, Evaluation
from mlcore.plots.canvas import distinct, needs, note, share_ticks
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


@dataclass(frozen=True)
class Against:
    """How a model tells one label from the rest: `share` of rows have it. `no` names the rest."""

    yes: str
    no: str
    share: float
    roc: Curve
    pr: Curve
    roc_auc: float


def against_rest(named: Named, label: str | None) -> list[Against]:
    """One label against the rest, as each model tells it; of two labels the positive one.

    Of several labels it is the one that the first model tells worst unless another is named. `UserError` when a model
    has no curves of it.
    """
    detail = named[0][1].multiclass
    if detail is not None and label is None:
        able = [one for one in detail.by_label if one.roc is not None]
        label = min(able, key=lambda one: one.roc_auc or 0.0).label if able else None
    found = [_against(made, label) for _, made in named]
    needs(all(found), "Curves need rows of both labels, the one and the others")
    return [one for one in found if one is not None]


def _against(made: Evaluation, label: str | None) -> Against | None:
    if made.binary is not None:
        own = made.binary
        if own.roc is None or own.pr is None:
            return None
        return Against(own.positive, own.negative, own.prevalence, own.roc, own.pr, made["roc_auc"].value)
    several = made.multiclass.by_label if made.multiclass is not None else ()
    one = next((one for one in several if one.label == label), None)
    if one is None or one.roc is None or one.pr is None or one.roc_auc is None:
        return None
    return Against(one.label, "another label", one.n / made.n, one.roc, one.pr, one.roc_auc)


def overlaid(
    figure: go.Figure, named: Named, curves: Sequence[Curve], words: tuple[str, str, str], *, shape: str
) -> pd.DataFrame:
    """Draw the curves of shares with their names, and the same as a table.

    `words` are what is said of a point, and what its two numbers are.
    """
    models, (hover, x, y) = looks([title for title, _ in named]), words
    frames = []
    for model, curve, (title, _) in zip(models, curves, named, strict=True):
        line(figure, model, curve.x, curve.y, hover, shape=shape)
        frames.append(pd.DataFrame({"model": title, x: curve.x, y: curve.y}))
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.06], **share_ticks(most=5))
    key(figure, models)
    return pd.concat(frames)


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
