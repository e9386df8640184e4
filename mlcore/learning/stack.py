"""A stack: a second layer that learns from what the trials said how to put their answers together.

Wolpert, "Stacked generalization" (Neural Networks 5, 1992), with weights that cannot be negative (Breiman, "Stacked
regressions", Machine Learning 24, 1996) and are drawn towards equal ones. Numbers: least squares, weights that need not
sum to 1, and a constant. Labels: the members' log probabilities added up with weights and a constant for each label,
and shared out again, by log loss. A blend can do neither: it never says more than its members.

The second layer learns from out-of-fold predictions only. What is said of a fold, and scored, is said by a layer that
learned from rows that this fold's models learned from: never from the fold, its groups, or, forward in time, anything
later. A stack is kept only where that score beats the blend and the best single model beyond chance.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.ensemble import KEY as BLEND
from mlcore.learning.ensemble import Mix, pool, store_mix
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import STACK, Trial
from mlcore.learning.scoring import combined
from mlcore.learning.sharpen import SMALLEST, helps

TITLE = "Stacked models"
FITTING = ("log_loss", "brier", "rmse", "r2")
"""Metrics that are good when log loss, or the squared error, is low: what a stack learns by."""
LEAST_ROWS = 200
PENALTY = 0.01
MOST_MEMBERS = 6
LEAST_SHARE = 0.02  # of all weights; members below it are left out
MOST_CELLS = 5_000_000  # numbers to learn from; a layer of a few weights needs no more
SURE = 1.0  # standard errors
FLOOR = 1e-6  # below this a probability counts as this
NOTE = "Members and weights were learned on other folds than the one that is scored, so its score is not flattered."


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """`weights` (k,) of the members, 0 for those left out; `bias` (1,) or, for labels, (c,)."""

    weights: Floats
    bias: Floats

    def said(self, parts: Sequence[Floats]) -> Floats:
        """What it makes of what the members say."""
        used = np.flatnonzero(self.weights) if self.weights.any() else np.arange(1)
        return combined([parts[int(place)] for place in used], self.weights[used], self.stored)

    @property
    def stored(self) -> dict[str, object]:
        """As it stands in scoring.json."""
        return {"bias": self.bias.tolist(), "floor": FLOOR}


def stack(folder: Path, *, deadline_seconds: float = 60.0) -> Trial:
    """Learn a second layer over the best trials; a trial of its own, skipped with the reason where it does not pay."""
    start = time.monotonic()
    run = RunFolder(folder)
    metric = METRICS[run.plan.goal.metric]
    able = pool(run, metric)
    reason = _unfit(run, able)
    if reason:
        return _skipped(run, reason)
    left = [OutOfFold.read(run, trial.key) for trial in able]
    shared = min(int(part.round.max()) for part in left) + 1
    left = [part.rounds(shared) for part in left]
    parts, truth = [part.values for part in left], run.truth[left[0].chosen]
    layer = learned(parts, truth)
    spent = time.monotonic() - start
    if spent * (1 + len(np.unique(left[0].fold))) + _storing(run) > deadline_seconds:
        return _skipped(run, "there was no time left to try a second layer")
    if not layer.weights.any():
        return _skipped(run, "a second layer found no model that says more than their mean")
    values = crossed(run, left, truth)
    if values is None:
        return _skipped(
            run, "no rows were predicted from which a second layer could learn before it is judged on others"
        )
    said = replace(left[0], values=values)
    worse = _no_better(run, said, [left[0], *_blend(run, said)])
    if worse:
        return _skipped(run, worse)
    chosen = tuple((able[place], float(layer.weights[place])) for place in np.flatnonzero(layer.weights))
    mix = Mix(
        key=STACK,
        title=f"Stack of {len(chosen)} model{'s'[: len(chosen) > 1]}",
        members=chosen,
        said=said,
        note=NOTE,
        stack=layer.stored,
    )
    return store_mix(run, mix, start)


def learned(parts: Sequence[Floats], truth: Floats | Integers) -> Layer:
    """The layer of these members' out-of-fold predictions, (n,) or (n, c) each; the weakest members are left out."""
    step = max(1, -(-sum(part.size for part in parts) // MOST_CELLS))
    parts, truth = [part[::step] for part in parts], truth[::step]
    fit = _of_labels if parts[0].ndim == 2 else _of_numbers
    everyone = fit(parts, truth)
    order = np.argsort(-everyone.weights, kind="stable")[:MOST_MEMBERS]
    kept = np.sort(order[everyone.weights[order] >= LEAST_SHARE * max(float(everyone.weights.sum()), SMALLEST)])
    if not len(kept) or len(kept) == len(parts):
        return everyone
    few = fit([parts[place] for place in kept], truth)
    weights = np.zeros(len(parts))
    weights[kept] = few.weights
    return replace(few, weights=weights)


def crossed(run: RunFolder, left: Sequence[OutOfFold], truth: Floats | Integers) -> Floats | None:
    """What layers say of folds they did not learn from; None when no fold has rows to learn from.

    The first block of a split forward in time has none before it: there the members count alike.
    """
    parts, first = [part.values for part in left], left[0]
    values, any_learned = np.asarray(np.mean(parts, axis=0)), False
    for fold, (train, _) in enumerate(run.split.pairs()):
        here = first.fold == fold
        others = np.flatnonzero(~here & np.isin(first.chosen, train))
        if not here.any() or len(others) < LEAST_ROWS / 4:
            continue
        layer = learned([part[others] for part in parts], truth[others])
        values[here], any_learned = layer.said([part[here] for part in parts]), True
    return values if any_learned else None


def _storing(run: RunFolder) -> float:
    """Seconds that storing takes, by what making the blend took."""
    return sum(trial.seconds for trial in run.trials() if trial.key == BLEND)


def _unfit(run: RunFolder, able: Sequence[Trial]) -> str:
    metric = METRICS[run.plan.goal.metric]
    if metric.key not in FITTING:
        return f"a second layer learns by log loss or squared error; by {metric.term} blends chosen for it were as good"
    if len(able) < 2:
        return "a second layer needs two models to put together"
    rows = int(run.split.judged.sum())
    return f"a second layer needs {LEAST_ROWS} rows, and {rows} were predicted" if rows < LEAST_ROWS else ""


def _blend(run: RunFolder, like: OutOfFold) -> list[OutOfFold]:
    """The blend of the run, when it is of the same rows."""
    if not (run.trial_folder(BLEND) / "trial.json").is_file():
        return []
    said = OutOfFold.read(run, BLEND)
    return [said] if np.array_equal(said.chosen, like.chosen) and np.array_equal(said.round, like.round) else []


def _no_better(run: RunFolder, said: OutOfFold, others: Sequence[OutOfFold]) -> str:
    """Why the stack is not worth having; empty when it beats all others beyond chance."""
    metric, truth = METRICS[run.plan.goal.metric], run.truth[said.chosen]
    units = said.chosen if run.groups is None else run.groups[said.chosen]
    own = metric.score(said.predictions(run))
    for other in others:
        theirs = metric.score(other.predictions(run))
        gains = _losses(other.values, truth) - _losses(said.values, truth)
        if metric.gain(own, theirs) <= 0 or not helps(gains, units, errors=SURE):
            return f"a second layer reached {metric.shown(own)} where {metric.shown(theirs)} was reached without it"
    return ""


def _losses(values: Floats, truth: Floats | Integers) -> Floats:
    """Log loss or squared error of each row."""
    if values.ndim == 1:
        return np.asarray((values - truth) ** 2)
    own = values[np.arange(len(truth)), truth.astype(np.int64)]
    return np.asarray(-np.log(np.clip(own, SMALLEST, 1.0)))


def _of_numbers(parts: Sequence[Floats], truth: Floats | Integers) -> Layer:
    from scipy.optimize import nnls

    said = np.stack(parts, axis=1)
    spread, centre = float(said.std()) or 1.0, said.mean(axis=0)
    near, far = (said - centre) / spread, (truth - truth.mean()) / spread
    k = len(parts)
    squares = near.T @ near / len(truth) + PENALTY * np.eye(k)
    root = np.linalg.cholesky(squares).T
    weights, _ = nnls(root, np.linalg.solve(root.T, near.T @ far / len(truth) + PENALTY / k))
    return Layer(weights=weights, bias=np.array([truth.mean() - centre @ weights]))


def _of_labels(parts: Sequence[Floats], truth: Floats | Integers) -> Layer:
    from scipy.optimize import minimize

    logs = np.log(np.clip(np.stack(parts), FLOOR, None))
    k, n, c = logs.shape
    truth = truth.astype(np.int64)
    rows, true = np.arange(n), np.zeros((n, c))
    true[rows, truth] = 1.0

    def cost(point: Floats) -> tuple[float, Floats]:
        weights, bias = point[:k], point[k:]
        margins = np.tensordot(weights, logs, 1) + bias
        margins -= margins.max(axis=1, keepdims=True)
        shares = np.exp(margins)
        total = shares.sum(axis=1)
        slope = (shares / total[:, None] - true) / n
        loss = float((np.log(total) - margins[rows, truth]).mean())
        away = weights - 1 / k
        steep = np.concatenate([np.tensordot(logs, slope, ([1, 2], [0, 1])), slope.sum(axis=0)])
        steep += 2 * PENALTY * np.concatenate([away, bias])
        return loss + PENALTY * float(away @ away + bias @ bias), steep

    begin = np.concatenate([np.full(k, 1 / k), np.zeros(c)])
    bounds = [(0.0, None)] * k + [(None, None)] * c
    found = minimize(cost, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200}).x
    return Layer(weights=np.asarray(found[:k]), bias=np.asarray(found[k:]))


def _skipped(run: RunFolder, reason: str) -> Trial:
    return run.write_trial(Trial(key=STACK, model=STACK, title=TITLE, state="skipped", reason=reason))
