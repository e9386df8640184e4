"""Whether another calibration of a trial's probabilities would fit unseen rows better, and what was done already.

Two are tried on out-of-fold predictions, each fitted on the other folds of its round: a line in the log-odds (Platt
1999; Cox 1958) and isotonic regression (Zadrozny and Elkan 2002), drawn towards the middle by a fair prior so that no
probability becomes 0 or 1. One helps when log loss falls by more than chance explains; the rule is that of
`sharpen.py`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.sharpen import LEAST_ROWS, SMALLEST, helps

Way = Literal["platt", "isotonic"]
_EDGE = 1e-6
_STEPS = 30


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A calibrator: the mean log loss of rows it was not fitted on, and how much below that of the model that is.

    `low` and `high` bound the gain (95 %, groups or rows as units). `helps`: it is more than chance.
    """

    key: Way
    loss: float
    gain: float
    low: float
    high: float
    helps: bool


@dataclass(frozen=True, kw_only=True)
class Calibrators:
    """What was tried for one trial. `loss` is its own mean log loss.

    `powers` are those to which its members' probabilities are raised already. `why_not` says why nothing was tried.
    `curve` are pairs (said, would be said) of the one that helps most.
    """

    n: int
    loss: float | None = None
    tried: tuple[Tried, ...] = ()
    powers: tuple[float, ...] = ()
    members: int = 1
    why_not: str = ""
    curve: tuple[tuple[float, float], ...] = ()

    @property
    def helpful(self) -> Way | None:
        """The one with the largest gain of those that help; None when none does."""
        able = [one for one in self.tried if one.helps]
        return max(able, key=lambda one: one.gain).key if able else None


def tried(run: RunFolder, key: str) -> Calibrators:
    """Try them on what a trial said out of fold. Nothing is stored, and the model stays as it is."""
    said = OutOfFold.read(run, key)
    powers, members = _powers(run, key)
    n = len(np.unique(said.chosen))
    why_not = _why_not(run, said, n)
    if why_not:
        return Calibrators(n=n, why_not=why_not, powers=powers, members=members)
    positive = run.labels.index(run.plan.goal.positive) if run.plan.goal.positive in run.labels else 1
    score = np.asarray(said.values[:, positive], dtype=np.float64)
    happened = np.asarray(run.truth[said.chosen] == positive, dtype=np.float64)
    units = said.chosen if run.groups is None else run.groups[said.chosen]
    own = _losses(score, happened)
    found = tuple(_judged(way, own, _crossed(way, score, happened, said), happened, units) for way in WAYS)
    made = Calibrators(n=n, loss=float(own.mean()), tried=found, powers=powers, members=members)
    if made.helpful is None:
        return made
    shown = np.linspace(0.0, 1.0, 51)
    curve = WAYS[made.helpful](score, happened)(shown)
    return Calibrators(**{**vars(made), "curve": tuple(zip(shown.tolist(), curve.tolist(), strict=True))})


def _why_not(run: RunFolder, said: OutOfFold, n: int) -> str:
    """Why no calibrator is tried, as a sentence; empty when they are."""
    if run.plan.goal.task != "binary":
        return "Calibrators of this kind are for yes-or-no models."
    if n < LEAST_ROWS:
        return f"Calibrators are tried from {LEAST_ROWS} rows on, here are {n:,}: fewer would be learned by heart."
    if len(np.unique(run.truth[said.chosen])) < 2:
        return "All rows have the same outcome, so there is nothing to calibrate against."
    if any(len(np.unique(said.fold[said.round == one])) < 2 for one in np.unique(said.round)):
        return "The rows were judged in one piece, so there are no other folds to fit a calibrator on."
    if run.split.forward:
        return "Folds go forward in time: what an earlier time needed says little of a later one."
    return ""


def platt(score: Floats, happened: Floats) -> Callable[[Floats], Floats]:
    """A line in the log-odds, by Newton's method on Platt's smoothed targets, which keep it finite."""
    yes = happened.sum()
    no = len(happened) - yes
    target = np.where(happened > 0, (yes + 1) / (yes + 2), 1 / (no + 2))
    design = np.column_stack([_logit(score), np.ones(len(score))])
    beta = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        probability = _expit(design @ beta)
        weight = probability * (1 - probability) + 1e-12
        step = np.linalg.solve(
            design.T @ (design * weight[:, None]) + 1e-9 * np.eye(2), design.T @ (target - probability)
        )
        beta = beta + step.clip(-2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return lambda given: _expit(beta[0] * _logit(given) + beta[1])


def isotonic(score: Floats, happened: Floats) -> Callable[[Floats], Floats]:
    """A rising step function, linear between its steps; half a row of each outcome is added to every step."""
    from sklearn.isotonic import IsotonicRegression

    order = np.argsort(score, kind="stable")
    level = IsotonicRegression(out_of_bounds="clip").fit_transform(score[order], happened[order])
    _, first, counts = np.unique(level, return_index=True, return_counts=True)
    steps = (level[first] * counts + 0.5) / (counts + 1.0)
    middle = np.add.reduceat(score[order], first) / counts
    steps = np.maximum.accumulate(steps)
    return lambda given: np.asarray(np.interp(given, middle, steps))


WAYS: Mapping[Way, Callable[[Floats, Floats], Callable[[Floats], Floats]]] = {"platt": platt, "isotonic": isotonic}


def _crossed(way: Way, score: Floats, happened: Floats, said: OutOfFold) -> Floats:
    """The calibrated probability of each row, by the other folds of its round."""
    made = np.empty_like(score)
    for number in np.unique(said.round):
        for fold in np.unique(said.fold[said.round == number]):
            here = (said.round == number) & (said.fold == fold)
            others = (said.round == number) & ~here
            made[here] = WAYS[way](score[others], happened[others])(score[here])
    return made


def _judged(way: Way, own: Floats, calibrated: Floats, happened: Floats, units: Integers) -> Tried:
    loss = _losses(calibrated, happened)
    gains = own - loss
    _, unit = np.unique(units, return_inverse=True)
    mean = float(gains.mean())
    error = math.sqrt(float((np.bincount(unit, weights=gains - mean) ** 2).sum())) / len(gains)
    return Tried(
        key=way, loss=float(loss.mean()), gain=mean, low=mean - 1.96 * error, high=mean + 1.96 * error,
        helps=mean > 0 and helps(gains, units),
    )  # fmt: skip


def _powers(run: RunFolder, key: str) -> tuple[tuple[float, ...], int]:
    """The powers to which the model's members raise their probabilities, and the number of members."""
    path = run.trial_folder(key) / "model" / "scoring.json"
    members = json.loads(path.read_text(encoding="utf-8"))["members"] if path.is_file() else []
    found = [float(one["after"]["power"]) for one in members if one.get("after")]
    return tuple(found), max(1, len(members))


def _losses(score: Floats, happened: Floats) -> Floats:
    right = np.where(happened > 0, score, 1 - score)
    return np.asarray(-np.log(np.clip(right, SMALLEST, 1.0)))


def _logit(score: Floats) -> Floats:
    inside = np.clip(score, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(inside / (1 - inside)))


def _expit(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -500, 500))))
