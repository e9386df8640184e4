"""Fairness by group: one criterion in every group, with its interval."""

from __future__ import annotations

from mlcore.evaluation.fairness import Fairness, criterion, frame_of
from mlcore.evaluation.fairness_told import sentence, shown
from mlcore.plots.canvas import basis, finished, needs, plain, quoted
from mlcore.plots.forest import Mark, forest
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "A dot is one group, the line its 95 % interval. Groups in colour are the highest and the lowest, where their "
    "difference is more than chance: the interval of that difference holds for all pairs of groups together. Groups "
    "with too few rows get no number."
)


def draw(fairness: Fairness, criterion_key: str | None = None) -> Panel:
    """One criterion of the task, the first unless another is named, in every group that is large enough."""
    aspect = fairness[criterion_key] if criterion_key else fairness.aspects[0]
    about = criterion(fairness.task, aspect.key)
    pairs = [(group, value) for group, value in zip(fairness.groups, aspect.values, strict=True)]
    able = [(group, value) for group, value in pairs if value.value is not None]
    needs(able, "No group is large enough to say anything about it")
    ends = (aspect.highest, aspect.lowest) if aspect.outcome == "differs" else ()
    scale = 100.0 if about.key == "calibration" else 1.0
    marks = [
        Mark(
            name=group.label, value=scale * (value.value or 0.0), low=_scaled(value.low, scale),
            high=_scaled(value.high, scale), aside=f"{shown(about, value.value)}, {group.n:,} rows",
            said=f"{shown(about, value.value)} ({shown(about, value.low)} to {shown(about, value.high)})",
            color=LIGHT.accent if group.label in ends else LIGHT.quiet,
        )
        for group, value in able
    ]  # fmt: skip
    asks = about.asks[:1].upper() + about.asks[1:]
    figure = forest(
        marks, x=f"{asks}, in points" if about.key == "calibration" else asks, whole=0.0 if about.around_zero else None,
        whole_word="none", form=".0%" if about.share else None,
    )  # fmt: skip
    silent = len(pairs) - len(able)
    left = f"; {silent} of {len(pairs)} groups too small" if silent else ""
    by = " and ".join(quoted(name) for name in fairness.columns)
    return Panel(
        key="fairness", title=f"{asks} ({about.term})", figure=finished(figure),
        reading=sentence(fairness, aspect.key), frame=frame_of(fairness),
        basis=f"{basis(fairness.n, fairness.measured)}; 95 % intervals{left}", help=HELP,
        alt=f"Dots with intervals of {about.term} for {len(able)} groups by {plain(by, 60)}.",
    )  # fmt: skip


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else scale * value


CHART = Chart(key="fairness", title="Fairness by group", of="fairness", help=HELP, draw=draw)
