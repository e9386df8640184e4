"""Training progress: the score of each candidate as it came in, and the best so far."""

from __future__ import annotations

from itertools import accumulate

import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run, Trial
from mlcore.plots.canvas import blank, finished, note, plain
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A dot is a candidate, placed at the training time spent until it was finished, all candidates added up; the line "
    "is the best score so far. Where the line is flat, more time has not helped."
)


def draw(run: Run, plan: Plan) -> Panel:
    """Scores of the finished trials against the training time spent, and the best so far."""
    done = [trial for trial in run.trials if trial.state == "done" and trial.score is not None]
    if not done:
        raise UserError("No candidate is finished yet", remedy="The first score appears within seconds.")
    metric = METRICS[plan.goal.metric]
    times = list(accumulate(trial.seconds for trial in done))
    scores = [_score(trial) for trial in done]
    best = list(accumulate(scores, max if metric.higher_is_better else min))
    leader = done[best.index(best[-1])]
    direction = "higher" if metric.higher_is_better else "lower"
    figure = blank(x="Training time so far, seconds", y=f"{metric.term} ({direction} is better)", left=52)
    figure.add_scatter(
        x=times, y=best, mode="lines", hoverinfo="skip", line={"color": LIGHT.accent, "width": 2, "shape": "hv"}
    )
    leads = [score == lead for score, lead in zip(scores, best, strict=True)]
    figure.add_scatter(
        x=times, y=scores, mode="markers", customdata=[plain(trial.title) for trial in done],
        marker={"size": 9, "color": [LIGHT.accent if lead else LIGHT.quiet for lead in leads],
                "line": {"color": LIGHT.surface, "width": 1.5}},
        hovertemplate="%{customdata}<br>%{y:.4~g} after %{x:.0f} s<extra></extra>",
    )  # fmt: skip
    up = metric.higher_is_better
    note(figure, times[-1], best[-1], f"<b>{metric.shown(best[-1])}</b> {plain(leader.title)}", color=LIGHT.accent,
         xanchor="right", yanchor="bottom" if up else "top", yshift=8 if up else -8)  # fmt: skip
    margin = 0.12 * (max(scores) - min(scores) or 0.1)
    figure.update_xaxes(range=[0, times[-1] * 1.03 or 1.0], nticks=7)
    figure.update_yaxes(
        range=[min(scores) - margin * (1 if up else 2), max(scores) + margin * (2 if up else 1)], nticks=5
    )
    return Panel(
        key="training_progress", title="How the score came along", figure=finished(figure),
        reading=f"{leader.title} leads with {metric.term} {metric.shown(best[-1])}; "
        f"{len(done)} of {len(run.trials)} candidates are finished.",
        frame=pd.DataFrame({"model": [trial.title for trial in done], "seconds": [trial.seconds for trial in done],
                            "seconds so far": times, metric.term: scores, "best so far": best}),
        basis=f"{len(done)} candidates, each scored on rows it was not trained on", help=HELP,
        alt=f"Best score so far over {times[-1]:.0f} seconds of training.",
    )  # fmt: skip


def _score(trial: Trial) -> float:
    assert trial.score is not None
    return trial.score


CHART = Chart(key="training_progress", title="How the score came along", of="run", help=HELP, draw=draw)
