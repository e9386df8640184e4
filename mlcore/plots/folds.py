"""Scores fold by fold: whether one model is better everywhere, or only in some parts of the rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.plots.canvas import blank, finished, score_axis, score_named
from mlcore.plots.overlay import key, looks
from mlcore.plots.panel import Chart, Panel

HELP = (
    "Each fold is a part of the rows that the models were not trained on. A model that is better in every fold is "
    "better for a reason; where the order changes from fold to fold, the difference hangs on which rows were drawn."
)
Scored = Sequence[tuple[str, Sequence[float]]]
"""What each model is called, and its score in each fold; nan where a fold could not be scored."""


def draw(metric: str, scored: Scored) -> Panel:
    """The score of each model in each fold, in the order of the folds."""
    models, measure = looks([title for title, _ in scored]), METRICS[metric]
    count = min(len(scores) for _, scores in scored)
    known = [at for at in range(count) if all(math.isfinite(scores[at]) for _, scores in scored)]
    if len(known) < 2:
        raise UserError("There is only one fold to look at", remedy="The intervals say how sure the scores are.")
    figure = blank(x="Fold", y=score_named(measure), left=52)
    for model, (_, scores) in zip(models, scored, strict=True):
        figure.add_scatter(
            x=[at + 1 for at in known], y=[scores[at] for at in known], mode="lines+markers",
            line={"color": model.color, "width": 1.5, "dash": model.dash},
            marker={"size": 9, "color": model.color, "symbol": model.symbol},
            hovertemplate=f"{model.name}<br>fold %{{x}}: %{{y:.4~g}}<extra></extra>",
        )  # fmt: skip
    values = [scores[at] for _, scores in scored for at in known]
    pad = 0.1 * ((max(values) - min(values)) or abs(max(values)) or 1.0)
    figure.update_xaxes(range=[known[0] + 0.7, known[-1] + 1.3], tickvals=[at + 1 for at in known])
    score_axis(figure, measure, min(values) - pad, max(values) + pad)
    key(figure, models)
    frame = pd.DataFrame({"fold": [at + 1 for at in known]})
    for model, (title, scores) in zip(models, scored, strict=True):
        frame[title if title not in frame else model.name] = [scores[at] for at in known]
    return Panel(
        key="folds", title="Fold by fold", figure=finished(figure), frame=frame, help=HELP,
        reading=_reading(metric, scored, known),
        basis=f"{len(known)} folds of rows the models were not trained on",
        alt=f"{measure.term} of {len(scored)} models in {len(known)} folds.",
    )  # fmt: skip


def _reading(metric: str, scored: Scored, known: Sequence[int]) -> str:
    measure = METRICS[metric]
    sign = 1.0 if measure.higher_is_better else -1.0
    firsts = [max((sign * scores[at], title) for title, scores in scored)[1] for at in known]
    wins = [(sum(title == first for first in firsts), title) for title, _ in scored]
    most, title = max(wins, key=lambda one: one[0])
    if most == len(known):
        return f"“{title}” has the best {measure.term} in all {most} folds."
    others = ", ".join(f"“{name}” in {won}" for won, name in wins if name != title)
    return f"“{title}” has the best {measure.term} in {most} of {len(known)} folds, {others}."


CHART = Chart(key="folds", title="Fold by fold", of="folds", help=HELP, draw=draw)
