"""Calibration of several models in one chart: whose probabilities can be taken at their word."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Bin, Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, plain, quoted, share_ticks
from mlcore.plots.overlay import Named, key, looks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Rows are put into groups of about equal size by what each model said. On the diagonal it happened as often as was "
    "said; below it, the model says too much, above it too little."
)


def draw(named: Named) -> Panel:
    """What each model said against what happened; of several labels, for the answer it gave."""
    models = looks([title for title, _ in named])
    groups = [_bins(made) for _, made in named]
    needs(all(groups), "Calibration needs predicted probabilities")
    detail = named[0][1].binary
    event = quoted(plain(detail.positive)) if detail else "its answer"
    happened = f"it was {event}" if detail else "the answer was right"
    figure = blank(x=f"Probability the model gave to {event}", y=f"How often {happened}")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    frames = []
    for model, bins, (title, _) in zip(models, groups, named, strict=True):
        said, seen = [part.predicted for part in bins], [part.observed for part in bins]
        figure.add_scatter(
            x=said, y=seen, mode="lines+markers", line={"color": model.color, "width": 1.5, "dash": model.dash},
            marker={"size": 8, "color": model.color, "symbol": model.symbol},
            hovertemplate=f"{model.name}<br>said %{{x:.1%}}, happened %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
        rows = [round(part.n) for part in bins]
        frames.append(pd.DataFrame({"model": title, "rows": rows, "said": said, "happened": seen}))
    end = min(1.0, 1.05 * max(max(part.predicted, part.observed) for bins in groups for part in bins))
    figure.update_xaxes(range=[-0.01 * end, end], **share_ticks(end))
    figure.update_yaxes(range=[-0.01 * end, end * 1.02], **share_ticks(end))
    key(figure, models)
    off = sorted((_off(bins), title) for bins, (title, _) in zip(groups, named, strict=True))
    told = ", ".join(f"{quoted(title)} {percent(gap, 1)}" for gap, title in off)
    return Panel(
        key="calibration_beside", title="Does it happen as often as they say?", figure=finished(figure),
        frame=pd.concat(frames), reading=f"How far what they say is from what happens, on average over rows: {told}.",
        basis=basis(named[0][1].n, named[0][1].measured), help=HELP,
        alt=f"Calibration of {len(named)} models against the diagonal.",
    )  # fmt: skip


def _bins(made: Evaluation) -> tuple[Bin, ...]:
    detail = made.binary or made.multiclass
    return detail.calibration if detail else ()


def _off(bins: tuple[Bin, ...]) -> float:
    """The mean distance of what was said from what happened, weighted by rows (expected calibration error)."""
    return sum(part.n * abs(part.predicted - part.observed) for part in bins) / sum(part.n for part in bins)


CHART = Chart(
    key="calibration_beside", title="Does it happen as often as they say?", of="evaluations", help=HELP, draw=draw,
    tasks=("binary", "multiclass"),
)  # fmt: skip
