"""Whether another calibration of a trial's probabilities would fit unseen rows better, and what was done already.

Two are tried on out-of-fold predictions, each fitted on the other folds of its round: a line in the log-odds (Platt
1999; Cox 1958) and isotonic regression (Zadrozny and Elkan 2002), drawn towards the middle by a fair prior so that no
probability becomes 0 or 1. One helps when log loss falls by more than chance explains; the rule is that of
`sharpen.py`. `calibrate.py` makes a model with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.scoring import LEAST, calibrated
from mlcore.learning.sharpen import LEAST_ROWS, SMALLEST, helps

Way = Literal["platt", "isotonic"]
Calibration = Mapping[str, Sequence[float] | float]
"""What `scoring.calibrated` does, as it stands in scoring.json."""

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
    `curve` are pairs (said, would be said) of the one that helps most. `applied`: it is a calibrated model itself.
    """

    n: int
    loss: float | None = None
    tried: tuple[Tried, ...] = ()
    powers: tuple[float, ...] = ()
    members: int = 1
    why_not: str = ""
    curve: tuple[tuple[float, float], ...] = ()
    applied: bool = False

    @property
    def helpful(self) -> Way | None:
        """The one with the largest gain of those that help; None when none does."""
        able = [one for one in self.tried if one.helps]
        return max(able, key=lambda one: one.gain).key if able else None


def tried(run: RunFolder, key: str) -> Calibrators:
    """Try them on what a trial said out of fold. Nothing is stored, and the model stays as it is."""
    said = OutOfFold.read(run, key)
    made = _stored(run, key, len(np.unique(said.chosen)))
    why_not = _why_not(run, said, made)
    if why_not:
        return Calibrators(**{**vars(made), "why_not": why_not})
    truth = run.truth[said.chosen].astype(np.int64)
    units = said.chosen if run.groups is None else run.groups[said.chosen]
    own = _losses(said.values, truth)
    found = tuple(_judged(way, own, _losses(crossed(way, said, truth), truth), units) for way in WAYS)
    made = Calibrators(**{**vars(made), "loss": float(own.mean()), "tried": found})
    if made.helpful is None:
        return made
    shown = np.linspace(0.0, 1.0, 51)
    yes = run.labels.index(run.plan.goal.positive) if run.plan.goal.positive in run.labels else 1
    both = np.column_stack([1.0 - shown, shown] if yes else [shown, 1.0 - shown])
    curve = calibrated(both, WAYS[made.helpful](said.values, truth))[:, yes]
    return Calibrators(**{**vars(made), "curve": tuple(zip(shown.tolist(), curve.tolist(), strict=True))})


def _why_not(run: RunFolder, said: OutOfFold, made: Calibrators) -> str:
    """Why no calibrator is tried, as a sentence; empty when they are."""
    if run.plan.goal.task != "binary":
        return "Calibrators of this kind are for yes-or-no models."
    if made.applied:
        return "A calibrator is part of this model; what is shown was said by calibrators fitted on other rows."
    if made.n < LEAST_ROWS:
        return f"Calibrators are tried from {LEAST_ROWS} rows on, here are {made.n:,}: fewer would be learned by heart."
    if len(np.unique(run.truth[said.chosen])) < 2:
        return "All rows have the same outcome, so there is nothing to calibrate against."
    if any(len(np.unique(said.fold[said.round == one])) < 2 for one in np.unique(said.round)):
        return "The rows were judged in one piece, so there are no other folds to fit a calibrator on."
    if run.split.forward:
        return "Folds go forward in time: what an earlier time needed says little of a later one."
    return ""


def platt(values: Floats, truth: Integers) -> Calibration:
    """A line in the log-odds, by Newton's method on Platt's smoothed targets, which keep it finite.

    `values` is (n, 2), `truth` the codes of the labels.
    """
    yes = int(truth.sum())
    no = len(truth) - yes
    target = np.where(truth > 0, (yes + 1) / (yes + 2), 1 / (no + 2))
    logs = np.log(np.clip(values, LEAST, None))
    design = np.column_stack([logs[:, 1] - logs[:, 0], np.ones(len(values))])
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
    return {"power": float(beta[0]), "bias": [0.0, float(beta[1])]}


def isotonic(values: Floats, truth: Integers) -> Calibration:
    """A rising step function, linear between its steps; half a row of each outcome is added to every step."""
    from sklearn.isotonic import IsotonicRegression

    score, happened = values[:, 1], truth.astype(np.float64)
    order = np.argsort(score, kind="stable")
    level = IsotonicRegression(out_of_bounds="clip").fit_transform(score[order], happened[order])
    _, first, counts = np.unique(level, return_index=True, return_counts=True)
    steps = np.maximum.accumulate((level[first] * counts + 0.5) / (counts + 1.0))
    middle = np.add.reduceat(score[order], first) / counts
    return {"said": middle.tolist(), "meant": steps.tolist()}


WAYS: Mapping[Way, Callable[[Floats, Integers], Calibration]] = {"platt": platt, "isotonic": isotonic}


def crossed(way: Way, said: OutOfFold, truth: Integers) -> Floats:
    """The calibrated probabilities of each row, by the other folds of its round."""
    made = np.empty_like(said.values)
    for number in np.unique(said.round):
        for fold in np.unique(said.fold[said.round == number]):
            here = (said.round == number) & (said.fold == fold)
            others = (said.round == number) & ~here
            made[here] = calibrated(said.values[here], WAYS[way](said.values[others], truth[others]))
    return made


def _judged(way: Way, own: Floats, losses: Floats, units: Integers) -> Tried:
    gains = own - losses
    _, unit = np.unique(units, return_inverse=True)
    mean = float(gains.mean())
    error = math.sqrt(float((np.bincount(unit, weights=gains - mean) ** 2).sum())) / len(gains)
    return Tried(
        key=way, loss=float(losses.mean()), gain=mean, low=mean - 1.96 * error, high=mean + 1.96 * error,
        helps=mean > 0 and helps(gains, units),
    )  # fmt: skip


def _stored(run: RunFolder, key: str, n: int) -> Calibrators:
    """What the model's own file says: the powers of its members, and whether it is calibrated."""
    path = run.trial_folder(key) / "model" / "scoring.json"
    spec: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"members": []}
    powers = tuple(float(one["after"]["power"]) for one in spec["members"] if one.get("after"))
    return Calibrators(n=n, powers=powers, members=max(1, len(spec["members"])), applied="calibration" in spec)


def _losses(values: Floats, truth: Integers) -> Floats:
    return np.asarray(-np.log(np.clip(values[np.arange(len(truth)), truth], SMALLEST, 1.0)))


def _expit(value: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -500, 500))))
