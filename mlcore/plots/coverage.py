"""Coverage: how often intervals or sets of labels hold the truth, over all cases and by segment."""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.conformal import Coverage, Covered
from mlcore.evaluation.predictions import Measured
from mlcore.plots.canvas import BESIDE, basis, blank, distinct, finished, needs, room, rule
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A dot is how often the truth was inside, its bar the 95 % interval; the dotted line is what was asked for. It was "
    "counted on rows that neither the model nor the width of its intervals had seen. A dot well left of the line is a "
    "segment in which intervals are too narrow, one well right of it one in which they are wider than need be."
)


def draw(made: Coverage, measured: Measured = "cross-validation", *, by: str = "predicted value") -> Panel:
    """The share of cases covered, all of them first, then by segment."""
    needs(made.whole.n, "Coverage needs rows")
    lines = [made.whole, *made.segments][::-1]
    names = distinct([one.segment for one in lines], most=22)
    figure = blank(x="Share of cases inside", grid="x", height=90 + 34 * len(lines), left=room(names, BESIDE + 1))
    figure.add_scatter(
        x=[one.share for one in lines], y=names, mode="markers",
        marker={"size": 9, "color": [LIGHT.text if one is made.whole else LIGHT.accent for one in lines]},
        error_x={"type": "data", "symmetric": False, "array": [one.high - one.share for one in lines],
                 "arrayminus": [one.share - one.low for one in lines], "color": LIGHT.muted, "width": 0},
        customdata=[round(one.n) for one in lines],
        hovertemplate="%{x:.1%} of %{customdata:,} cases<extra></extra>",
    )  # fmt: skip
    rule(figure, x=made.asked)
    low = max(0.0, min([made.asked, *(one.low for one in lines)]) - 0.02)
    step = next(step for step in (0.05, 0.1, 0.25) if 1.0 - low <= 4.5 * step or step == 0.25)
    ticks = [round(place * step, 2) for place in range(round(1 / step) + 1)]
    figure.update_xaxes(range=[low, 1.005], tickvals=ticks, ticktext=[percent(tick) for tick in ticks])
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=names)
    return Panel(
        key="coverage", title=f"How often the truth is inside, by {by}", figure=finished(figure), frame=table(made),
        reading=_reading(made), basis=basis(made.whole.n, measured), help=HELP,
        alt=f"Coverage of {len(lines)} segments against the {percent(made.asked)} that was asked for.",
    )  # fmt: skip


def table(made: Coverage) -> pd.DataFrame:
    """All cases and every segment: rows, share covered with its interval, and the mean width or size."""
    return pd.DataFrame(
        {
            "segment": one.segment,
            "rows": round(one.n),
            "inside": one.share,
            "from": one.low,
            "to": one.high,
            "mean width": one.width,
        }
        for one in (made.whole, *made.segments)
    )


def _reading(made: Coverage) -> str:
    whole = made.whole
    between = f"{percent(whole.low, 1)} to {percent(whole.high, 1)}"
    said = f"{percent(whole.share, 1)} of cases are inside ({between}), asked for were {percent(made.asked)}"
    off = [one for one in made.segments if one.high < made.asked]
    if not off:
        return f"{said}; no segment is surely below that." if made.segments else f"{said}."
    worst: Covered = min(off, key=lambda one: one.share)
    return f"{said}; in “{worst.segment}” it is only {percent(worst.share, 1)} of {worst.n:,.0f} cases."


CHART = Chart(
    key="coverage", title="How often the truth is inside", of="coverage", help=HELP, draw=draw,
    tasks=("regression", "multiclass"),
)  # fmt: skip
