"""What more rows would bring: scores on growing parts of the training rows, a curve through them, and where it goes.

The curve is a power law, score = limit -+ b * rows ** -c, the shape that learning curves have most often (Viering and
Loog, "The shape of learning curves: a review", IEEE TPAMI 45, 2023), fitted by weighted least squares (Figueroa et al.,
"Predicting sample size required for classification performance", BMC Med Inform Decis Mak 12, 2012), larger parts
counting more. It is fitted again in draws of the rows that were judged, each point moved by what it misses the curve
by, and with each bend as often as it fits; that gives the intervals.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlcore.errors import UserError
from mlcore.evaluation.draws import Sampler
from mlcore.evaluation.intervals import finite
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.paired import paired
from mlcore.evaluation.predictions import Floats, Predictions

FEWEST = 4
"""Sizes that a curve needs."""

LITTLE, SOME = 0.02, 0.05
"""Shares of what the model gains over the baseline: what is not worth rows, and what it may be at most."""

DRAWS = 200
REACH = 2.0  # times the rows there are, as far as is looked ahead
BENDS = np.geomspace(0.1, 1.0, 20)
"""Powers of the rows by which what is missed may fall: no slower than matters, no faster than one over the rows."""

MOST_UNITS = 5_000

Verdict = Literal["enough", "more", "unclear"]


@dataclass(frozen=True, kw_only=True)
class Reached:
    """A score on so many training rows, with its 95 % interval. A bound is None when nothing bounds it."""

    rows: int
    score: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Growth:
    """What was reached with growing parts of the rows, and what the curve through it expects.

    `points` were measured, the fewest rows first; `curve` is the fitted curve with the interval of what it expects,
    from the fewest rows to twice the `rows` that there are. `gain` is how much better twice the rows would be than all
    of them, in the metric's unit, between `gain_low` and `gain_high`. `enough`: that is little beside what the model
    gains over the `floor`, the score of the baseline; `more`: it is not, beyond chance; `unclear`: neither is sure.
    `judged` rows were predicted, by models that were not trained on them. `note` says what was measured instead when
    the model itself could not be.
    """

    metric: str
    title: str
    points: tuple[Reached, ...]
    curve: tuple[Reached, ...]
    rows: int
    judged: int
    gain: float
    gain_low: float
    gain_high: float
    verdict: Verdict
    floor: float | None = None
    seconds: float = 0.0
    note: str = ""

    @property
    def sentence(self) -> str:
        """What twice the rows would bring, for people."""
        metric = METRICS[self.metric]
        way = "raise" if metric.higher_is_better else "lower"
        least, most, likely = (_amount(metric, value) for value in (self.gain_low, self.gain_high, self.gain))
        twice = f"Twice the rows ({2 * self.rows:,} in place of {self.rows:,})"
        if self.verdict == "enough":
            return (
                f"You have enough rows: {twice[0].lower()}{twice[1:]} would probably {way} {metric.term} by only "
                f"{likely} (at most {most}){self._gained(metric)}. Better columns may bring more than more rows."
            )
        if self.verdict == "more":
            return (
                f"More rows would help: {twice[0].lower()}{twice[1:]} would probably {way} {metric.term} by about "
                f"{likely} ({least} to {most})."
            )
        return f"{twice} might {way} {metric.term} by about {likely}, but by anything from {least} to {most}."

    def _gained(self, metric: Metric) -> str:
        """What the model gains over the baseline already, as a clause."""
        if self.floor is None:
            return ""
        gained = abs(metric.gain(self.points[-1].score, self.floor))
        return f", beside the {_amount(metric, gained)} that the model gains over the baseline"


def growth(
    parts: Mapping[int, Predictions],
    metric: Metric,
    *,
    rows: int,
    title: str,
    floor: float | None = None,
    seed: int = 0,
) -> Growth:
    """The curve through what models said that learned from so many rows each, all about the same rows.

    `rows` are those that the final model learned from. `UserError` with fewer than four sizes, or where the metric is
    not defined.
    """
    if len(parts) < FEWEST:
        raise UserError(
            f"A curve needs models of at least {FEWEST} sizes, there are {len(parts)}",
            remedy="Bring more rows: with so few, smaller parts of them cannot be learned from.",
        )
    sizes = np.array(sorted(parts), dtype=np.float64)
    sampler = Sampler(MOST_UNITS)
    samples = {str(size): sampler.of(parts[size]) for size in sorted(parts)}
    values = {key: metric.score(parts[int(key)]) for key in samples}
    compared = paired(samples, values, metric, seed=seed, draws=DRAWS)
    found = [compared.scores[key] for key in samples]
    drawn = np.stack([compared.drawn[key] for key in samples], axis=1)
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    if len(drawn) < DRAWS / 4:
        raise UserError(
            f"{metric.term} cannot be measured on parts of these rows", remedy="Bring more rows of each label."
        )
    sign = 1.0 if metric.higher_is_better else -1.0
    ahead = np.geomspace(sizes[0], REACH * rows, 40)
    wanted = np.concatenate([ahead, [float(rows), REACH * rows]])
    expected, spread = _curves(sizes, sign * np.array([one.value for one in found]), sign * drawn, wanted, metric, seed)
    gain = float(expected[-1] - expected[-2])
    low, high = (float(value) for value in np.quantile(spread[:, -1] - spread[:, -2], (0.025, 0.975)))
    low, high = min(low, gain), max(high, gain)
    ends = sign * np.quantile(spread[:, : len(ahead)], (0.025, 0.975), axis=0)
    return Growth(
        metric=metric.key,
        title=title,
        points=tuple(
            Reached(rows=int(size), score=one.value, low=finite(one.low), high=finite(one.high))
            for size, one in zip(sizes, found, strict=True)
        ),
        curve=tuple(
            Reached(rows=round(size), score=float(sign * value), low=float(min(pair)), high=float(max(pair)))
            for size, value, pair in zip(ahead, expected, ends.T, strict=False)
        ),
        rows=rows,
        judged=next(iter(samples.values())).n,
        gain=gain,
        gain_low=low,
        gain_high=high,
        verdict=_verdict(gain, low, high, abs(metric.gain(found[-1].value, floor)) if floor is not None else None),
        floor=floor,
    )


def _verdict(gain: float, low: float, high: float, gained: float | None) -> Verdict:
    if not gained:
        return "more" if low > 0 else "unclear"
    if gain <= LITTLE * gained and high <= SOME * gained:
        return "enough"
    return "more" if low > 0 and gain > LITTLE * gained else "unclear"


def _curves(
    sizes: Floats, scores: Floats, drawn: Floats, wanted: Floats, metric: Metric, seed: int
) -> tuple[Floats, Floats]:
    """What the curve expects at the `wanted` sizes, and the same in each draw; larger is better throughout.

    Each draw is given a bend by how well it fits there, so that what the bend may be is part of what is not known.
    """
    chance, best = np.random.default_rng(seed), _best(metric)
    spread = drawn.std(axis=0)
    weights = 1 / np.maximum(spread, 1e-9 + 1e-3 * float(spread.max())) ** 2 * sizes / sizes[-1]
    curves, missed = _fitted(sizes, scores[None, :], weights, wanted, best)
    errors = (missed[:, 0] ** 2) @ weights
    closest = int(errors.argmin())
    off = math.sqrt(float((missed[closest, 0] ** 2).sum()) / max(1, len(sizes) - 3))
    expected = curves[closest, 0]
    moved = drawn + off * chance.normal(size=drawn.shape)
    curves, missed = _fitted(sizes, moved, weights, wanted, best)
    errors = (missed**2) @ weights
    likely = np.exp(-(errors - errors.min(axis=0)) / 2)
    upto = np.cumsum(likely / likely.sum(axis=0), axis=0)
    taken = (upto < chance.random(len(moved))).sum(axis=0).clip(0, len(BENDS) - 1)
    return expected, curves[taken, np.arange(len(moved))]


def _best(metric: Metric) -> float:
    """The best score there is, with its sign so that larger is better; infinite where there is none."""
    end = metric.high if metric.higher_is_better else metric.low
    return math.inf if end is None else (end if metric.higher_is_better else -end)


def _fitted(sizes: Floats, scores: Floats, weights: Floats, wanted: Floats, best: float) -> tuple[Floats, Floats]:
    """For each bend the curve of each row of `scores` (d, k) at the wanted sizes, (bends, d, w), and what it misses.

    Limit and height are the best by least squares, the height never negative, the limit never beyond the best score.
    """
    curves, missed = list[Floats](), list[Floats]()
    share = weights / weights.sum()
    mean = scores @ share
    for bend in BENDS:
        fall = (sizes / sizes[0]) ** -bend
        middle = float(share @ fall)
        height = -((scores - mean[:, None]) * (fall - middle)) @ share / float(share @ (fall - middle) ** 2)
        height = np.maximum(height, 0.0)
        limit = mean + height * middle
        over = limit > best
        pinned = np.maximum((best - scores) @ (share * fall) / float(share @ fall**2), 0.0)
        height, limit = np.where(over, pinned, height), np.where(over, best, limit)
        missed.append(scores - (limit[:, None] - height[:, None] * fall))
        curves.append(limit[:, None] - height[:, None] * (wanted / sizes[0]) ** -bend)
    return np.stack(curves), np.stack(missed)


def _amount(metric: Metric, value: float) -> str:
    """A gain in two digits that matter."""
    size = max(value, 0.0)
    if metric.unit == "share":
        return f"{100 * size:.2g} percentage points"
    rounded = float(f"{size:.2g}")
    return f"{rounded:#.2g}" if 0 < rounded < 10 else f"{size:,.0f}"
