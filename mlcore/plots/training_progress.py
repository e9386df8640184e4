"""Training progress: the best score so far of each family of models against the time of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.learning.course import ENSEMBLE, OTHER, Point, best_so_far, course
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run
from mlcore.plots.canvas import blank, finished, note, plain, room, rule, score_axis, score_named
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import HEIGHT, LIGHT

HELP = (
    "A dot is a candidate, placed at the moment it was finished; the line of its family is the best score so far. "
    "Up is always better. Where all lines are flat, more time has not helped."
)
FAMILIES = {
    "boosting": "Boosting",
    "trees": "Forests",
    "linear": "Linear",
    "neural": "Neural nets",
    "neighbours": "Neighbours",
    "bayes": "Bayes",
    "additive": "Additive",
    "rules": "Short rules",
}
BASELINE = "baseline"
ONE_QUESTION = "One question"
"""The baselines but the lowest, which is the floor: a rule that asks one question about one column."""

TOP, BOTTOM = 30, 46
BETWEEN = 15
"""Pixels from one label to the next, at least."""

FAR = 6
"""A family this many times further behind than the middle one is named at the edge."""

NEAR = 0.05
"""But never one that is behind by less than this share of what the leader gains over the baseline."""

STEPS = (1, 2, 5, 10, 15, 20, 30, 60)
"""Seconds, minutes or hours from one tick to the next, of which at most `TICKS` follow the first."""

TICKS = 7


@dataclass(frozen=True)
class _Line:
    """One family: what it is called, its colour, its candidates in time, and the best of them so far."""

    name: str
    color: str
    points: tuple[Point, ...]
    records: tuple[Point, ...]
    strong: bool = False

    @property
    def last(self) -> float:
        return self.records[-1].score


def draw(run: Run, plan: Plan) -> Panel:
    """The best score so far of every family against the seconds of the run, with the budget's end marked."""
    metric, points = METRICS[plan.goal.metric], course(run)
    if not points:
        raise UserError("No candidate is finished yet", remedy="The first score appears within seconds.")
    floor = next((point for point in points if point.key == BASELINE), None)
    lines = _lines([point for point in points if point is not floor], metric)
    end = points[-1].seconds
    low, high = _range(lines, floor, metric)
    longest = max(plan.seconds, end)
    unit, length = _clock(longest)
    figure = blank(x=f"{unit.capitalize()}s (dotted: the time to spend)", y=score_named(metric), left=52)
    figure.update_layout(
        height=HEIGHT, margin={"t": TOP, "b": BOTTOM, "r": 14 + room([line.name for line in lines] or [""], 64)}
    )
    for line in lines:
        _draw(figure, line, end)
    step = next((step for step in STEPS if longest <= TICKS * step * length), STEPS[-1])
    ticks = range(0, int(longest / length) + 1, step)
    figure.update_xaxes(
        range=[0, 1.01 * longest], tickvals=[tick * length for tick in ticks], ticktext=[str(tick) for tick in ticks]
    )
    score_axis(figure, metric, low, high)
    rule(figure, x=plan.seconds)
    _label(figure, lines, (end, longest), (low, high), metric)
    if floor is not None:
        _floor(figure, floor, (low, high), metric)
    leader = best_so_far(points, higher=metric.higher_is_better)[-1]
    return Panel(
        key="training_progress", title="How the score came along", figure=finished(figure),
        reading=_reading(leader, points, metric), frame=_frame(points, metric), help=HELP,
        basis=f"{len(points)} of {len(run.trials)} candidates, each scored on rows it was not trained on",
        alt=f"Best {metric.term} so far by family of models, over {end:.0f} seconds.",
    )  # fmt: skip


def _lines(points: Sequence[Point], metric: Metric) -> list[_Line]:
    """The families in a fixed order, so that a colour never changes its meaning; the ensemble last, on top."""
    known = [*FAMILIES, OTHER]
    present = dict.fromkeys(point.family for point in points)
    order = sorted(present, key=lambda family: known.index(family) if family in known else len(known))
    ordered = [family for family in order if family != ENSEMBLE] + [ENSEMBLE] * (ENSEMBLE in present)
    return [_line(family, points, metric) for family in ordered]


def _line(family: str, points: Sequence[Point], metric: Metric) -> _Line:
    own = tuple(point for point in points if point.family == family)
    records = best_so_far(own, higher=metric.higher_is_better)
    if family == ENSEMBLE:
        return _Line("Ensemble", LIGHT.accent, own, records, strong=True)
    if family == BASELINE:
        return _Line(ONE_QUESTION, LIGHT.quiet, own, records)
    place = list(FAMILIES).index(family) if family in FAMILIES else len(FAMILIES) - 1
    color = LIGHT.categories[min(place, len(LIGHT.categories) - 1)]
    return _Line(FAMILIES.get(family, family.capitalize()), color, own, records)


def _range(lines: Sequence[_Line], floor: Point | None, metric: Metric) -> tuple[float, float]:
    """The smaller and larger end of the score axis: families far behind may not squeeze the others."""
    sign = 1.0 if metric.higher_is_better else -1.0
    finals = sorted((sign * line.last for line in lines), reverse=True) or [sign * floor.score if floor else 0.0]
    behind = [finals[0] - final for final in finals]
    gained = finals[0] - sign * floor.score if floor else 0.0
    reach = max(FAR * behind[len(behind) // 2], NEAR * gained)
    near = [sign * point.score for line in lines for point in line.points if finals[0] - sign * line.last <= reach]
    shown = [score for score in near if finals[0] - score <= reach] or finals[:1]
    if floor is not None and gained <= reach:
        shown.append(sign * floor.score)
    worst, best = min(shown), max(shown)
    pad = (best - worst) or 0.05 * abs(best) or 0.05
    ends = sign * (worst - 0.12 * pad), sign * (best + 0.12 * pad)
    low, high = min(ends), max(ends)
    if metric.low is not None:  # with room for half a dot
        low = max(low, metric.low - 0.03 * pad)
    if metric.high is not None:
        high = min(high, metric.high + 0.03 * pad)
    return low, high


def _draw(figure: go.Figure, line: _Line, end: float) -> None:
    """The step line up to the moment that the newest candidate ended, and a dot for each candidate."""
    times = [*(point.seconds for point in line.records), end]
    figure.add_scatter(
        x=times, y=[*(point.score for point in line.records), line.last], mode="lines", hoverinfo="skip",
        line={"color": line.color, "width": 3 if line.strong else 1.75, "shape": "hv"},
    )  # fmt: skip
    figure.add_scatter(
        x=[point.seconds for point in line.points], y=[point.score for point in line.points], mode="markers",
        customdata=[plain(point.title, 60) for point in line.points],
        marker={"size": 10 if line.strong else 7, "color": line.color, "line": {"color": LIGHT.surface, "width": 1},
                "symbol": "diamond" if line.strong else "circle",
                "opacity": [1.0 if point in line.records else 0.4 for point in line.points]},
        hovertemplate="%{customdata}<br>%{y:.4~g} after %{x:.0f} s<extra></extra>",
    )  # fmt: skip


def _label(
    figure: go.Figure, lines: Sequence[_Line], times: tuple[float, float], ends: tuple[float, float], metric: Metric
) -> None:
    """Each family named right of the chart at the height of its line, best on top, with a hairline leading to it.

    Beside the line itself, names would lie upon the end of the budget and the floor; those that would lie upon each
    other move apart. `times` are the moment that the lines end and the one that the axis ends.
    """
    height = HEIGHT - TOP - BOTTOM
    share = {line.name: _height(line.last, ends, metric) for line in lines}
    wanted = {name: height * (1 - min(1.0, max(0.0, at))) for name, at in share.items()}
    places = _apart(wanted, height)
    for line in lines:
        beyond = not 0 <= share[line.name] <= 1
        text = f"<b>{line.name}</b>" if line.strong else line.name
        place = {"xref": "x domain", "yref": "y domain", "yshift": -places[line.name]}
        note(figure, 1, 1, "▾" if beyond else "◆" if line.strong else "●", color=line.color, xshift=4, **place)
        note(figure, 1, 1, text, color=LIGHT.text if line.strong else LIGHT.muted, xshift=18, **place)
        if not beyond and times[0] < times[1]:
            figure.add_shape(
                type="line", x0=times[0], x1=times[1], y0=line.last, y1=line.last, opacity=0.6, layer="below",
                line={"color": line.color, "width": 1, "dash": "dot"},
            )  # fmt: skip


def _apart(wanted: dict[str, float], height: float) -> dict[str, float]:
    """Places (pixels from the top) as wanted, but `BETWEEN` apart and on the chart as long as there is room."""
    places: dict[str, float] = {}
    lowest = -float(BETWEEN)
    for name, place in sorted(wanted.items(), key=lambda item: item[1]):
        lowest = places[name] = max(place, lowest + BETWEEN)
    limit = float(height)
    for name in reversed(places):
        limit = places[name] = min(places[name], limit)
        limit -= BETWEEN
    return places


def _height(score: float, ends: tuple[float, float], metric: Metric) -> float:
    """Where a score lies between the worse (0) and the better (1) end of the axis."""
    share = (score - ends[0]) / (ends[1] - ends[0])
    return share if metric.higher_is_better else 1 - share


def _floor(figure: go.Figure, floor: Point, ends: tuple[float, float], metric: Metric) -> None:
    """What every model has to beat, as a line or, when it is far off, in words at the edge."""
    text = f"{plain(floor.title)} {metric.shown(floor.score)}"
    place: dict[str, Any] = {
        "xref": "x domain",
        "yanchor": "bottom",
        "xshift": 4,
        "bgcolor": LIGHT.surface,
        "borderpad": 1,
    }
    if ends[0] <= floor.score <= ends[1]:
        rule(figure, y=floor.score)
        note(figure, 0, floor.score, text, **place)
    else:
        note(figure, 0, 0, f"▾ {text}", yref="y domain", yshift=2, **place)


def _reading(leader: Point, points: Sequence[Point], metric: Metric) -> str:
    first = f"{leader.title} leads with {metric.term} {metric.shown(leader.score)}"
    unit, length = _clock(leader.seconds)
    moment = f"{leader.seconds / length:.{1 if unit == 'hour' else 0}f}"
    since = sum(point.seconds > leader.seconds for point in points)
    if leader.family == ENSEMBLE or not since:
        return f"{first}; it came after {moment} {unit}s."
    others = "one candidate that came" if since == 1 else f"{since} candidates that came"
    return f"{first} since {unit} {moment}; {others} later did not beat it."


def _clock(seconds: float) -> tuple[str, float]:
    """The unit in which people say so long a time, and the seconds it has."""
    return ("second", 1.0) if seconds <= 120 else ("minute", 60.0) if seconds <= 7200 else ("hour", 3600.0)


def _frame(points: Sequence[Point], metric: Metric) -> pd.DataFrame:
    best = {point.key for point in best_so_far(points, higher=metric.higher_is_better)}
    return pd.DataFrame(
        {
            "model": point.title,
            "family": _name(point.family),
            "seconds": round(point.seconds, 1),
            metric.term: point.score,
            "best so far": point.key in best,
        }
        for point in points
    )


def _name(family: str) -> str:
    return ONE_QUESTION if family == BASELINE else FAMILIES.get(family, family.capitalize())


CHART = Chart(key="training_progress", title="How the score came along", of="run", help=HELP, draw=draw)
