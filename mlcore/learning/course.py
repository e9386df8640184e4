"""How the best score grew while a run went on: the finished candidates by the run's own clock, family by family."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from mlcore.learning.models import MODELS
from mlcore.learning.run import STACK, Run, Trial

ENSEMBLE = "ensemble"
OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Point:
    """A finished candidate: its score, and when it ended in seconds of the run."""

    key: str
    title: str
    family: str
    seconds: float
    score: float


def course(run: Run) -> tuple[Point, ...]:
    """The candidates that have a score, in the order in which they ended; what was made of the run later is none.

    Runs of older releases do not say when a trial ended; there the time is that of all trials before it added up.
    """
    scored = [trial for trial in run.trials if trial.state == "done" and _finite(trial.score)]
    points = [_point(trial, trial.ended) for trial in scored if trial.ended is not None]
    if not points:
        spent = accumulate(trial.seconds for trial in scored)
        points = [_point(trial, seconds) for trial, seconds in zip(scored, spent, strict=True)]
    return tuple(sorted(points, key=lambda point: point.seconds))


def best_so_far(points: Iterable[Point], *, higher: bool) -> tuple[Point, ...]:
    """The points that were the best when they came, in their order."""
    records: list[Point] = []
    for point in points:
        if not records or (point.score > records[-1].score if higher else point.score < records[-1].score):
            records.append(point)
    return tuple(records)


def at(records: Sequence[Point], seconds: float) -> float | None:
    """The best score known at a moment; None before the first."""
    known = [point.score for point in records if point.seconds <= seconds]
    return known[-1] if known else None


def family_of(trial: Trial) -> str:
    """The family of models that a trial belongs to; an ensemble is one of its own."""
    if trial.weights or trial.model in ("blend", STACK):
        return ENSEMBLE
    return MODELS[trial.model].family if trial.model in MODELS else OTHER


def _point(trial: Trial, seconds: float) -> Point:
    assert trial.score is not None
    return Point(
        key=trial.key,
        title=trial.title,
        family=family_of(trial),
        seconds=seconds,
        score=trial.score,
    )


def _finite(score: float | None) -> bool:
    return score is not None and math.isfinite(score)
