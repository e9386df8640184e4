"""What more time would bring, judged by how the best score grew while the run went on.

Learning curves of searches fall off about like a power of the time (Hutter et al., "Automated Machine Learning", 2019,
ch. 1; Viering and Loog, "The shape of learning curves", 2023): each doubling of the time gains a share of what the
doubling before it gained. So the gains of the last doublings are what the next one is told from, and how uneven they
were is how unsure it is. It speaks of the best single model; an ensemble of more models may gain a little besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Literal

from mlcore import records
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.learning.course import ENSEMBLE, Point, at, best_so_far, course
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run

FILE = "forecast.json"
FEWEST = 5
DOUBLINGS = 4
LITTLE = 0.02
"""Share of the gain over the baseline that is not worth the wait."""

LEAST = 0.004
"""Share of the gain over the baseline that a lucky candidate may always add."""

LUCK = 1.7
"""Twice as many candidates bring a new best with a chance of one half, and one more than this many times the spread of
the best ones with a chance of one tenth, when scores are drawn at random with an exponential tail."""

CLIMBS = 3
"""So many new bests in the second half of the run are more than luck: there, two thirds of one are expected."""

Verdict = Literal["unknown", "little", "some"]


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What twice the time would add to the best score, in the metric's unit and always as a gain.

    The true gain should lie between `low` and `high` in about four of five runs. `seconds` is the time spent until the
    last candidate ended. All are absent where `verdict` is unknown, and `reason` says why.
    """

    metric: str
    verdict: Verdict
    seconds: float = 0.0
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""

    @property
    def sentence(self) -> str:
        """The same for people."""
        metric = METRICS[self.metric]
        if self.verdict == "unknown" or self.high is None or self.gain is None:
            return f"What more time would bring cannot be told yet: {self.reason}."
        most = difference(metric, self.high)
        if self.verdict == "little":
            return f"More time would probably bring little: twice as much, at most about {most} of {metric.term}."
        way = "raise" if metric.higher_is_better else "lower"
        if self.gain < self.high / 20:
            return (
                f"The {metric.term} hardly moved in the last half of this run; twice the time might {way} it by up to "
                f"{most} with luck."
            )
        least = "0" if not self.low else difference(metric, self.low)
        return (
            f"Twice the time would probably {way} the {metric.term} by another {difference(metric, self.gain)} "
            f"({least} to {most}), judging by how it went in this run."
        )


def forecast(run: Run, plan: Plan) -> Forecast:
    """What the course of this run lets expect of twice its time."""
    metric = METRICS[plan.goal.metric]
    points = [point for point in course(run) if point.family not in ("baseline", ENSEMBLE)]
    floor = next((trial.score for trial in run.trials if trial.key == "baseline" and trial.score is not None), None)
    if len(points) < FEWEST:
        said = (
            "no model is"
            if not points
            else "only one model is"
            if len(points) == 1
            else f"only {len(points)} models are"
        )
        return Forecast(metric=metric.key, verdict="unknown", reason=f"{said} finished")
    gains = _gains(points, metric)
    if len(gains) < 2:
        return Forecast(metric=metric.key, verdict="unknown", reason="the models took too long for a tendency to show")
    return _told(points, gains, metric, points[0].score if floor is None else floor)


def write_forecast(folder: Path) -> Forecast:
    """Judge the run in this folder by its own records and store what was found beside them."""
    made = forecast(records.read(Run, folder / "run.json"), records.read(Plan, folder / "plan.json"))
    records.write(folder / FILE, made)
    return made


def difference(metric: Metric, gain: float) -> str:
    """A difference of two scores, with the two digits that matter."""
    if metric.unit == "share":
        return f"{_two_digits(100 * gain)} percentage points"
    return f"{gain:,.0f}" if gain >= 100 else _two_digits(gain)


def _two_digits(number: float) -> str:
    return f"{Decimal(f'{number:.2g}'):f}"


def _gains(points: Sequence[Point], metric: Metric) -> list[float]:
    """What each doubling of the time gained, the last first, as far back as a model was there to gain from."""
    best = best_so_far(points, higher=metric.higher_is_better)
    end, gains = points[-1].seconds, list[float]()
    for back in range(DOUBLINGS):
        later, earlier = at(best, end / 2**back), at(best, end / 2 ** (back + 1))
        if later is None or earlier is None:
            break
        gains.append(metric.gain(later, earlier))
    return gains


def _told(points: Sequence[Point], gains: Sequence[float], metric: Metric, floor: float) -> Forecast:
    bests = best_so_far(points, higher=metric.higher_is_better)
    best = bests[-1].score
    above = abs(metric.gain(best, floor))
    falls = _falls(gains, LITTLE * above)
    expected = [gain * falls ** (back + 1) for back, gain in enumerate(gains)]
    gain = sum(part / 2**back for back, part in enumerate(expected)) / sum(2.0**-back for back in range(len(expected)))
    high = min(max(2.0 * gain, LUCK * _tail(points, metric), LEAST * above), _room(best, metric))
    climbs = sum(point.seconds > points[-1].seconds / 2 for point in bests) >= CLIMBS
    gain, low = min(gain, high), min(gain / 4, gains[0], high) if climbs else 0.0
    verdict: Verdict = "little" if high <= LITTLE * above else "some"
    return Forecast(metric=metric.key, verdict=verdict, seconds=points[-1].seconds, gain=gain, low=low, high=high)


def _tail(points: Sequence[Point], metric: Metric) -> float:
    """How far the best candidates lie apart: about as far as a lucky one may come out above them (Hill's estimate)."""
    scores = sorted((metric.gain(point.score, 0.0) for point in points), reverse=True)
    top = max(2, min(6, len(scores) // 3))
    return sum(scores[:top]) / top - scores[top]


def _room(best: float, metric: Metric) -> float:
    """How much better a score can become at all."""
    bound = metric.high if metric.higher_is_better else metric.low
    return float("inf") if bound is None else metric.gain(bound, best)


def _falls(gains: Sequence[float], unsure: float) -> float:
    """What one doubling gains of what the one before gained, drawn towards one half where little was gained."""
    later, earlier = sum(gains[:-1]), sum(gains[1:])
    return min(1.0, max(0.2, (later + 0.5 * unsure) / (earlier + unsure) if earlier + unsure > 0 else 0.5))
