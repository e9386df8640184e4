"""Calibration by group: does it happen as often as the model says, for each group of people?"""

from __future__ import annotations

import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Bin
from mlcore.evaluation.fairness import Fairness
from mlcore.plots.canvas import basis, blank, finished, needs, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "The rows of each group are put into parts of about equal size by what the model said, none of fewer rows than a "
    "group must have. On the diagonal it happened as often as was said. The group in colour has 95 % intervals (bars); "
    "grey lines are the other groups. Groups that are too small have no line."
)


def draw(fairness: Fairness, group: str | None = None) -> Panel:
    """What was said against what happened in each group; in front the group named, else the one farthest off."""
    able = [
        (one.label, bins) for one, bins in zip(fairness.groups, fairness.calibration, strict=False) if len(bins) > 0
    ]
    needs(able, "No group is large enough to show how far its probabilities hold")
    front, bins = next((one for one in able if one[0] == group), max(able, key=lambda one: _off(one[1])))
    yes = quoted(plain(fairness.positive))
    figure = blank(x=f"Probability the model gave to {yes}", y=f"How often it was {yes}")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    for label, parts in sorted(able, key=lambda one: one[0] == front):
        ahead = label == front
        figure.add_scatter(
            x=[part.predicted for part in parts], y=[part.observed for part in parts], mode="lines+markers",
            line={"color": LIGHT.accent if ahead else LIGHT.quiet_soft, "width": 1.5},
            marker={"size": 8 if ahead else 5, "color": LIGHT.accent if ahead else LIGHT.quiet_soft},
            error_y={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.2, "width": 0,
                     "array": [part.high - part.observed for part in parts],
                     "arrayminus": [part.observed - part.low for part in parts]} if ahead else None,
            hovertemplate=f"{plain(label)}<br>said %{{x:.1%}}, happened %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
    end = min(1.0, 1.05 * max(max(part.predicted, part.high) for _, parts in able for part in parts))
    figure.update_xaxes(range=[-0.01 * end, end], **share_ticks(end))
    figure.update_yaxes(range=[-0.01 * end, end * 1.02], **share_ticks(end))
    silent = len(fairness.groups) - len(able)
    left = f"; {silent} of {len(fairness.groups)} groups too small" if silent else ""
    return Panel(
        key="fairness_calibration", title="Does it happen as often as it says, for each group?",
        figure=finished(figure), reading=_reading(front, bins), frame=_frame(able),
        basis=f"{basis(fairness.n, fairness.measured)}; 95 % intervals{left}", help=HELP,
        alt=f"What was said against what happened in {len(able)} groups, {plain(front, 60)} in front.",
    )  # fmt: skip


def _off(bins: tuple[Bin, ...]) -> float:
    return sum(part.n * abs(part.predicted - part.observed) for part in bins) / sum(part.n for part in bins)


def _reading(label: str, bins: tuple[Bin, ...]) -> str:
    apart = [part for part in bins if not part.low <= part.predicted <= part.high]
    among = f"all {len(bins)} parts" if len(bins) > 1 else "the one part"
    if not apart:
        return f"For {quoted(label)} it happened as often as was said, within chance, in {among} of its rows."
    worst = max(apart, key=lambda part: abs(part.observed - part.predicted))
    side = "more" if worst.observed > worst.predicted else "less"
    return (
        f"For {quoted(label)}, where it says {percent(worst.predicted)} on average it happened in "
        f"{percent(worst.observed)} of rows ({percent(worst.low)} to {percent(worst.high)}), {side} often than was "
        f"said; so in {len(apart)} of {len(bins)} parts."
    )


def _frame(able: list[tuple[str, tuple[Bin, ...]]]) -> pd.DataFrame:
    rows = [
        {
            "group": label, "rows": round(part.n), "said": part.predicted, "happened": part.observed,
            "from": part.low, "to": part.high,
        }
        for label, bins in able
        for part in bins
    ]  # fmt: skip
    return pd.DataFrame(rows)


CHART = Chart(
    key="fairness_calibration", title="Does it happen as often as it says, for each group?", of="fairness", help=HELP,
    draw=draw, tasks=("binary",),
)  # fmt: skip
