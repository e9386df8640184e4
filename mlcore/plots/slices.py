"""Slices: the metric on each part of a column or of two, with its interval, against all rows."""

from __future__ import annotations

from collections.abc import Mapping

from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.evaluation.slices import Slice, Slices, frame_of
from mlcore.plots.canvas import basis, finished, needs, plain, quoted
from mlcore.plots.forest import MOST, Mark, forest
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A dot is the metric on the rows of one slice, the line its 95 % interval; the dotted line is all rows together. "
    "A slice is called worse or better only when its difference from all other rows is more than chance, corrected for "
    "the number of slices. Slices that are too small get no number."
)
COLORS = {"worse": LIGHT.act, "better": LIGHT.accent}


def draw(slices: Slices, titles: Mapping[str, str] | None = None) -> Panel:
    """Each slice that has a number, in the column's order; of many the ones that differ most."""
    metric, able = METRICS[slices.metric], [one for one in slices.slices if one.value is not None]
    needs(able, "No slice of this column is large enough to be measured")
    shown, term = able, metric.term[:1].upper() + metric.term[1:]
    if len(able) > MOST:
        shown = sorted(able, key=lambda one: metric.gain(one.difference or 0.0, 0.0))[:MOST]
    figure = forest(
        [_mark(one, metric) for one in shown], x=f"{term} ({metric.direction})",
        whole=slices.value, whole_word=f"all rows {metric.shown(slices.value)}",
        form=".0%" if metric.unit == "share" else None,
    )  # fmt: skip
    by = " and ".join(quoted((titles or {}).get(name, name)) for name in slices.columns)
    left = (
        f"; the {len(shown)} worst of {len(slices.slices) + slices.left_out} slices" if len(shown) < len(able) else ""
    )
    return Panel(
        key="slices", title=f"{term} by {by}", figure=finished(figure), reading=_reading(able, metric),
        frame=frame_of(slices, titles), basis=f"{basis(slices.n, slices.measured)}; 95 % intervals{left}", help=HELP,
        alt=f"Dots with intervals of {metric.term} for {len(shown)} slices by {plain(by, 60)}.",
    )  # fmt: skip


def _mark(one: Slice, metric: Metric) -> Mark:
    interval = f"{metric.shown(one.low)} to {metric.shown(one.high)}"
    lines = tuple(part.label for part in one.parts)
    verdict = f", {one.verdict}" if one.verdict in COLORS else ""
    return Mark(
        name=" · ".join(lines), lines=lines, value=one.value or 0.0, low=one.low, high=one.high,
        said=f"{metric.shown(one.value)} ({interval}), {metric.shown(one.rest)} in the rest",
        aside=f"{metric.shown(one.value)}, {one.n:,} rows{verdict}", color=COLORS.get(one.verdict, LIGHT.quiet),
    )  # fmt: skip


def _reading(able: list[Slice], metric: Metric) -> str:
    worse = sorted((one for one in able if one.verdict == "worse"), key=lambda one: metric.gain(one.value or 0.0, 0.0))
    counted = f"{len(able)} slices" if len(able) > 1 else "1 slice"
    if not worse:
        better = sum(one.verdict == "better" for one in able)
        also = f"; {better} {'is' if better == 1 else 'are'} better" if better else ""
        return f"None of {counted} is shown to be worse than the rest{also}."
    one = worse[0]
    more = f" {len(worse) - 1} more of {counted} {'is' if len(worse) == 2 else 'are'} worse, too." if worse[1:] else ""
    name = quoted(" · ".join(part.label for part in one.parts))
    return (
        f"{name} is worse than the rest: {metric.term} {metric.shown(one.value)} "
        f"({metric.shown(one.low)} to {metric.shown(one.high)}) against {metric.shown(one.rest)}, on {one.n:,} rows."
        f"{more}"
    )


CHART = Chart(key="slices", title="Slices", of="slices", help=HELP, draw=draw)
