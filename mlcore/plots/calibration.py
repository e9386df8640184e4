"""Calibration: does it happen as often as the model says?"""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Bin, Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Rows are put into groups of about equal size by what the model said. A dot on the diagonal means that it happened "
    "as often as was said; below it, the model says too much. Bars are 95 % intervals."
)


def draw(evaluation: Evaluation) -> Panel:
    """What was said against what happened, for a binary task, or for the answer given when there are several labels."""
    detail = evaluation.binary or evaluation.multiclass
    needs(detail and detail.calibration, "Calibration needs predicted probabilities")
    assert detail is not None
    bins = detail.calibration
    event = f"{quoted(evaluation.binary.positive)}" if evaluation.binary else "the answer was right"
    figure = blank(x=f"Probability the model gave{' to ' + plain(event) if evaluation.binary else ' to its answer'}",
                   y=f"How often {'it was ' + plain(event) if evaluation.binary else plain(event)}")  # fmt: skip
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    figure.add_scatter(
        x=[part.predicted for part in bins], y=[part.observed for part in bins], mode="lines+markers",
        line={"color": LIGHT.accent, "width": 1.5}, marker={"size": 8, "color": LIGHT.accent},
        error_y={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.2, "width": 0,
                 "array": [part.high - part.observed for part in bins],
                 "arrayminus": [part.observed - part.low for part in bins]},
        customdata=[round(part.n) for part in bins],
        hovertemplate="said %{x:.1%}, happened %{y:.1%}<br>%{customdata:,} rows<extra></extra>",
    )  # fmt: skip
    end = min(1.0, max(max(part.predicted for part in bins), max(part.high for part in bins)) * 1.05)
    over = bins[-1].observed < bins[-1].predicted
    note(figure, end * 0.68, end * 0.68, "as often as said", xanchor="right" if over else "left",
         yanchor="bottom" if over else "top", xshift=-6 if over else 6, yshift=4 if over else -6)  # fmt: skip
    figure.update_xaxes(range=[-0.01 * end, end], **share_ticks(end))
    figure.update_yaxes(range=[-0.01 * end, end * 1.02], **share_ticks(end))
    return Panel(
        key="calibration", title="Does it happen as often as it says?", figure=finished(figure), reading=_reading(bins),
        frame=pd.DataFrame({"rows": [round(part.n) for part in bins], "said": [part.predicted for part in bins],
                            "happened": [part.observed for part in bins], "from": [part.low for part in bins],
                            "to": [part.high for part in bins]}),
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt=f"Calibration of {len(bins)} groups of rows against the diagonal.",
    )  # fmt: skip


def _reading(bins: tuple[Bin, ...]) -> str:
    """Whether the groups agree with what was said, and where they differ most beyond chance."""
    off = [part for part in bins if not part.low <= part.predicted <= part.high]
    if not off:
        return f"In all {len(bins)} groups it happened about as often as the model said."
    worst = max(off, key=lambda part: abs(part.predicted - part.observed))
    direction = "less" if worst.observed < worst.predicted else "more"
    return (
        f"In {len(bins) - len(off)} of {len(bins)} groups it happened about as often as said; where the model says "
        f"{percent(worst.predicted)}, it happened in {percent(worst.observed)} of rows, {direction} than said."
    )


CHART = Chart(
    key="calibration", title="Does it happen as often as it says?", of="evaluation", help=HELP, draw=draw,
    tasks=("binary", "multiclass"),
)  # fmt: skip
