"""A fast version of the ensemble: fewer members, as long as the loss is no more than chance and small.

Members are left out one by one, each time the one whose absence costs least, while the difference on out-of-fold
predictions from the best version so far, at first the whole ensemble, stays within one standard error (Breiman et al.
1984) and a small share of what the ensemble gains over the baseline: the rule by which a simpler model is recommended.
When one member alone is as good by this rule, nothing is made: that model is on the leaderboard already.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.averages import moved
from mlcore.evaluation.choice import GIVEN_UP
from mlcore.evaluation.draws import Sampler
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.paired import MOST_UNITS, paired
from mlcore.evaluation.predictions import Floats, Predictions
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer
from mlcore.learning.store import Member
from mlcore.learning.trial import save_model, save_out_of_fold, scored, speeds

KEY = "compact"
DRAWS = 200
TURNS = 3

NOTICED = 0.98  # of the ensemble's time or size; more than that is no gain

Weights = Mapping[str, float]
"""The share of each member by the key of its trial."""


@dataclass(frozen=True, kw_only=True)
class Fast:
    """The trial to take where the ensemble is too slow, one of its own or a member's, and what is given up for what."""

    trial: Trial
    said: str


def compact(folder: Path, *, key: str = "blend") -> Fast:
    """Make a fast version of an ensemble and store it as a trial of its own; or name the member that is as good alone.

    Raises `UserError` when there is no such ensemble, when every member of it is needed, or when nothing is gained.
    """
    start = time.monotonic()
    run = RunFolder(folder)
    whole = next(
        (trial for trial in run.trials() if trial.key == key and len(trial.weights) > 1 and not trial.all_rows), None
    )
    if whole is None:
        raise UserError(
            "There is no ensemble that could be made faster", remedy="A single model is as fast as it can be."
        )
    shares: dict[str, float] = {}
    for member, weight in whole.weights:
        shares[member] = shares.get(member, 0.0) + weight
    left = _pruned(run, whole, shares)
    if len(left) == len(shares):
        raise UserError(
            "Every member of the ensemble is needed: leaving any out costs more than chance explains",
            remedy="Take a single model of the leaderboard when speed matters more.",
        )
    return _alone(run, whole, next(iter(left))) if len(left) == 1 else _stored(run, whole, left, start)


def _pruned(run: RunFolder, whole: Trial, shares: Weights) -> Weights:
    """The members that are needed, with weights that sum to 1."""
    metric = METRICS[run.plan.goal.metric]
    said = {member: OutOfFold.read(run, member) for member in shares}
    most = _little(run, whole, metric)
    left = best = shares
    while len(left) > 1:
        found, cost = _cheapest(run, said, best, [_without(left, member) for member in left], most)
        if found is None:
            break
        left, best = found, found if cost < 0 else best
    alone, _ = _cheapest(run, said, best, [{member: 1.0} for member in left], most)
    return left if alone is None else alone


def _without(shares: Weights, member: str) -> dict[str, float]:
    left = {key: share for key, share in shares.items() if key != member}
    return {key: share / sum(left.values()) for key, share in left.items()}


def _cheapest(
    run: RunFolder, said: Mapping[str, OutOfFold], best: Weights, tried: Sequence[Weights], most: float
) -> tuple[Weights | None, float]:
    """The one of `tried` that costs least against the best there was, and what it costs; None when that is too much."""
    metric, sampler = METRICS[run.plan.goal.metric], Sampler(MOST_UNITS)
    made = {str(number): _predicted(run, said, weights) for number, weights in enumerate((best, *tried))}
    samples = {key: sampler.of(predictions) for key, predictions in made.items()}
    values: dict[str, float | None] = {key: metric.score(predictions) for key, predictions in made.items()}
    compared = paired(samples, values, metric, seed=run.plan.seed, draws=DRAWS)
    first = compared.scores["0"].value
    cost = {key: metric.gain(first, compared.scores[key].value) for key in made if key != "0"}
    key = min(cost, key=lambda one: cost[one])
    within = cost[key] <= min(most, _spread(compared.drawn[key] - compared.drawn["0"]))
    return (tried[int(key) - 1] if within else None), cost[key]


def _spread(drawn: Floats) -> float:
    drawn = drawn[np.isfinite(drawn)]
    return float(drawn.std(ddof=1)) if len(drawn) > 1 else 0.0


def _little(run: RunFolder, whole: Trial, metric: Metric) -> float:
    """A small share of the ensemble's gain over the baseline; no bound where that is not known."""
    baseline = next((trial.score for trial in run.trials() if trial.model == "baseline"), None)
    if baseline is None or whole.score is None:
        return float("inf")
    return GIVEN_UP * abs(metric.gain(whole.score, baseline))


def blended(said: Mapping[str, OutOfFold], shares: Weights) -> OutOfFold:
    """The weighted mean of what members said, in the rounds of folds that all of them finished."""
    parts = {key: said[key] for key in shares}
    rounds = min(int(part.round.max()) for part in said.values()) + 1
    first = next(iter(parts.values())).rounds(rounds)
    values = np.asarray(sum(share * parts[key].rounds(rounds).values for key, share in shares.items()))
    return replace(first, values=values)


def _predicted(run: RunFolder, said: Mapping[str, OutOfFold], shares: Weights) -> Predictions:
    """The same beside the truth; an interval is that of a member, moved along."""
    mean, first = blended(said, shares), said[next(iter(shares))]
    like = first.rounds(int(mean.round.max()) + 1)
    return moved(like.predictions(run), mean.values)


def _alone(run: RunFolder, whole: Trial, key: str) -> Fast:
    """The member that is as good as all."""
    trial = next(trial for trial in run.trials() if trial.key == key)
    said = _sentence(_compared(run, trial, whole), whole, METRICS[run.plan.goal.metric], f"“{trial.title}” alone")
    return Fast(trial=trial, said=f"{said} It is on the leaderboard already: take it where speed matters.")


def _stored(run: RunFolder, whole: Trial, left: Weights, start: float) -> Fast:
    said = save_out_of_fold(run, KEY, blended({key: OutOfFold.read(run, key) for key in left}, left))
    members, pipelines = _members(run, whole, left)
    trial = Trial(
        key=KEY,
        model=KEY,
        title=f"Fast version: {len(left)} models",
        state="done",
        megabytes=save_model(run, KEY, said, members, pipelines),
        weights=tuple(left.items()),
    )
    trial = _compared(run, scored(run, trial, said), whole)
    if not _gains(trial, whole):
        shutil.rmtree(run.trial_folder(KEY))
        raise UserError(
            f"With {len(left)} of its {len(whole.weights)} models the ensemble is neither quicker nor smaller",
            remedy="Take a single model of the leaderboard when speed matters more.",
        )
    note = _sentence(trial, whole, METRICS[run.plan.goal.metric], f"{len(left)} of {len(whole.weights)} models")
    made = replace(trial, notes=(note,), seconds=time.monotonic() - start)
    return Fast(trial=run.write_trial(made), said=note)


def _members(run: RunFolder, whole: Trial, left: Weights) -> tuple[list[Member], list[object]]:
    """The pipelines of the ensemble that are kept; a trial may have several of them, which keep their proportions."""
    scorer = Scorer.load(run.trial_folder(whole.key) / "model")
    stored = [records.from_json(Member, entry) for entry in scorer.spec["members"]]
    kept = [(one, pipe) for one, (_, pipe) in zip(stored, scorer.members, strict=True) if one.key in left]
    total = {key: sum(one.weight for one, _ in kept if one.key == key) for key in left}
    members = [replace(one, weight=left[one.key] * one.weight / total[one.key]) for one, _ in kept]
    return members, [pipe for _, pipe in kept]


def _compared(run: RunFolder, trial: Trial, whole: Trial) -> Trial:
    """With a speed that can be compared with that of the ensemble, which was measured at another time: both in turn."""
    if not whole.ms_per_1000:
        return trial
    scorers = [Scorer.load(run.trial_folder(one.key) / "model") for one in (trial, whole)]
    fast, slow = speeds(run, scorers, turns=TURNS)
    return replace(trial, ms_per_1000=whole.ms_per_1000 * fast / slow)


def _sentence(trial: Trial, whole: Trial, metric: Metric, who: str) -> str:
    """What is given up for what."""
    cost = 0.0 if trial.score is None or whole.score is None else metric.gain(whole.score, trial.score)
    lost = f"{metric.shown(trial.score)} instead of {metric.shown(whole.score)} {metric.term}"
    if cost <= 0:
        lost += ", so nothing is given up"
    gained = _gains(trial, whole)
    return f"{who}: {lost}; {' and '.join(gained)}." if gained else f"{who}: {lost}."


def _gains(trial: Trial, whole: Trial) -> list[str]:
    """In what it is better than the ensemble, apart from the score; only what is more than a trifle."""
    gained = []
    if trial.ms_per_1000 and whole.ms_per_1000 and trial.ms_per_1000 < NOTICED * whole.ms_per_1000:
        gained.append(f"1,000 rows take {trial.ms_per_1000:,.0f} instead of {whole.ms_per_1000:,.0f} ms")
    if trial.megabytes and whole.megabytes and trial.megabytes < NOTICED * whole.megabytes:
        gained.append(f"the model has {trial.megabytes:,.2g} instead of {whole.megabytes:,.2g} MB")
    return gained
