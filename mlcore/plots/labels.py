"""Label by label: how many of each label are found, and how often it is right when it says it."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, distinct, finished, needs, note, quoted, room, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 20
HELP = "For each label: the share of its rows that is found (recall), and how often the model is right when it says it."


def draw(evaluation: Evaluation) -> Panel:
    """Recall and precision of each label, the hardest to find on top."""
    detail = evaluation.multiclass
    needs(detail, "This chart needs a task with several labels")
    assert detail is not None
    scores = sorted((score for score in detail.by_label if score.n), key=lambda score: score.recall)[:MOST]
    names = distinct([score.label for score in scores], 22)
    figure = blank(x="Share", grid="x", height=max(320, 80 + 30 * len(names)), left=room(names))
    for name, score in zip(names, scores, strict=True):
        figure.add_scatter(
            x=[score.precision, score.recall], y=[name, name], mode="lines", hoverinfo="skip",
            line={"color": LIGHT.quiet_soft, "width": 4},
        )  # fmt: skip
    series = (("right when said", "precision", LIGHT.lowers), ("found", "recall", LIGHT.raises))
    for title, attribute, color in series:
        figure.add_scatter(
            x=[getattr(score, attribute) for score in scores], y=names, mode="markers",
            marker={"size": 10, "color": color}, customdata=[round(score.n) for score in scores],
            hovertemplate=f"%{{y}}: {title} %{{x:.1%}}<br>%{{customdata:,}} rows<extra></extra>",
        )  # fmt: skip
        other = scores[0].precision if attribute == "recall" else scores[0].recall
        on_left = getattr(scores[0], attribute) < other or (attribute == "recall" and scores[0].recall == other)
        note(figure, getattr(scores[0], attribute), names[0], title, color=color, xshift=-9 if on_left else 9,
             xanchor="right" if on_left else "left")  # fmt: skip
    figure.update_xaxes(range=[-0.02, 1.02], **share_ticks())
    figure.update_yaxes(autorange="reversed", type="category")
    hardest = scores[0]
    return Panel(
        key="labels", title="Label by label", figure=finished(figure),
        reading=f"Hardest to find is {quoted(hardest.label)}: {percent(hardest.recall)} "
        f"of its {round(hardest.n):,} rows are found.",
        frame=pd.DataFrame({"label": score.label, "rows": round(score.n), "precision": score.precision,
                            "recall": score.recall, "F1": score.f1, "ROC AUC": score.roc_auc}
                           for score in detail.by_label),
        basis=basis(evaluation.n, evaluation.measured), help=HELP, alt="Recall and precision of each label as dots.",
    )  # fmt: skip


CHART = Chart(key="labels", title="Label by label", of="evaluation", help=HELP, draw=draw, tasks=("multiclass",))
