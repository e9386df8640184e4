"""The worst segments: those that looked bad on one half of the rows, as the other half sees them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.evaluation.worst import Suspicion, Worst
from mlcore.evaluation.worst_told import named
from mlcore.plots.canvas import basis, finished, needs
from mlcore.plots.forest import Mark, forest
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "All parts of all columns and their pairs were searched on one half of the rows; the few that looked worst were "
    "measured again on the other half. A dot is how much larger the mean error is in the segment than in other rows "
    "of that half, the line its 95 % interval: right of 0 is worse. The first half's own number is in the table; "
    "it is too large, because it was chosen for being large. ✓: confirmed."
)


def draw(worst: Worst, titles: Mapping[str, str] | None = None) -> Panel:
    """The tested segments, the confirmed ones first."""
    needs(worst.suspicions, worst.why or "No segment looks bad enough to be tested")
    metric = METRICS[worst.measure]
    figure = forest(
        [_mark(one, metric, titles) for one in worst.suspicions], x=f"Difference in {metric.term} from the rest",
        whole=0.0, whole_word="as the rest",
    )  # fmt: skip
    tested = max(one.tested for one in worst.suspicions)
    return Panel(
        key="worst_segments", title="Segments that looked worst", figure=finished(figure),
        reading=_reading(worst), frame=_frame(worst, metric, titles),
        basis=f"{basis(worst.n, worst.measured)}, one half to search and one to confirm; "
              f"up to {tested:,} rows a segment; 95 % intervals", help=HELP,
        alt=f"Dots with intervals for {len(worst.suspicions)} segments.",
    )  # fmt: skip


def _mark(one: Suspicion, metric: Metric, titles: Mapping[str, str] | None) -> Mark:
    lines = tuple(f"{(titles or {}).get(part.column, part.column)}: {part.label}" for part in one.parts)
    return Mark(
        name=" · ".join(lines), lines=lines,
        value=one.error - one.rest, low=one.low, high=one.high,
        said=f"{metric.shown(one.error)} in the segment, {metric.shown(one.rest)} in the rest",
        aside=f"{one.n:,} rows {'✓' if one.confirmed else ''}".strip(),
        color=LIGHT.act if one.confirmed else LIGHT.quiet,
    )  # fmt: skip


def _reading(worst: Worst) -> str:
    looked, kept = len(worst.suspicions), len(worst.confirmed)
    what = f"Of {looked} segments" if looked > 1 else "Of the one segment"
    if kept == 0:
        return f"{what} that looked worst on one half of the rows, none is confirmed by the other half."
    said = "it" if looked == 1 else "all" if kept == looked else f"{kept}"
    return f"{what} that looked worst on one half of the rows, the other half confirms {said}."


def _frame(worst: Worst, metric: Metric, titles: Mapping[str, str] | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": named(one.parts, titles), "rows": one.n, "rows to confirm": one.tested,
            f"{metric.term} in it": one.error, f"{metric.term} in the rest": one.rest,
            "difference": one.error - one.rest, "from": one.low, "to": one.high,
            "difference in the first half": one.first, "p (corrected)": one.p, "confirmed": one.confirmed,
            "said on average": one.said, "happened on average": one.happened,
        }
        for one in worst.suspicions
    )  # fmt: skip


CHART = Chart(key="worst_segments", title="Segments that looked worst", of="worst", help=HELP, draw=draw)
