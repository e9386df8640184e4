"""A weighted blend of the trials, chosen greedily on their out-of-fold predictions.

Caruana et al., "Ensemble selection from libraries of models", ICML 2004: start from the best, add again and again the
model that helps the average most, keep the best average seen. Chosen on the rows it is scored on, the gain is slightly
flattered; the members' predictions are out-of-fold, the weights few, and the hold-out knows nothing of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.averages import greedy, moved
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.predictions import Floats, Predictions
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import Trial, best_first
from mlcore.learning.scoring import Scorer
from mlcore.learning.store import Member
from mlcore.learning.trial import save_model, save_out_of_fold, scored

KEY = "blend"
POOL = 16  # so many of the best are looked at, and besides them the best of every kind
STEPS = 24
JUDGED_ROWS = 20_000  # more rows than this are sampled while choosing; the result is judged on all


@dataclass(frozen=True, kw_only=True, eq=False)
class Mix:
    """Trials with weights to be stored as one; `said` is of rows that none of them saw, `stack` as in `save_model`."""

    key: str
    title: str
    members: tuple[tuple[Trial, float], ...]
    said: OutOfFold
    note: str
    stack: Mapping[str, object] | None = None


def blend(folder: Path, *, deadline_seconds: float = 60.0) -> Trial | None:
    """Blend the trials that ended well, store the blend as a trial and a model folder of its own.

    None when no blend scores better than the best single trial in the rounds of folds that all of them finished: there
    its out-of-fold score is never worse than that.
    """
    start = time.monotonic()
    run = RunFolder(folder)
    metric = METRICS[run.plan.goal.metric]
    able = pool(run, metric)
    if len(able) < 2:
        return None
    left = [OutOfFold.read(run, trial.key) for trial in able]
    shared = min(int(part.round.max()) for part in left) + 1
    said = [part.rounds(shared).predictions(run) for part in left]
    weights = _weights(said, metric, run.plan.seed, start + 0.6 * deadline_seconds)
    chosen = [(trial, float(weight)) for trial, weight in zip(able, weights, strict=True) if weight > 0]
    values = np.asarray(sum(weight * part.values for weight, part in zip(weights, said, strict=True)))
    if len(chosen) < 2 or _worth(moved(said[0], values), metric) <= _worth(said[0], metric):
        return None
    mix = Mix(
        key=KEY,
        title=f"Blend of {len(chosen)} models",
        members=tuple(chosen),
        said=replace(left[0].rounds(shared), values=values),
        note="Weights chosen on the out-of-fold predictions it is scored on, which flatters it slightly.",
    )
    return store_mix(run, mix, start)


def pool(run: RunFolder, metric: Metric) -> list[Trial]:
    """The best trials that ended well and the best of each kind of model, best first; no ensemble, no baseline,
    nothing calibrated.

    A search leaves many of one kind at the top, and what helps an average is what errs differently.
    """
    single = (trial for trial in run.trials() if not trial.weights and not trial.of and trial.model != "baseline")
    able = best_first(single, metric)
    first = {trial.model: trial for trial in reversed(able)}
    return [trial for place, trial in enumerate(able) if place < POOL or first[trial.model] is trial]


def _weights(said: Sequence[Predictions], metric: Metric, seed: int, until: float) -> Floats:
    """Each member's share of the best average met on the way."""
    sample = _sample(len(said[0]), seed)
    parts = [part.take(sample) for part in said]
    return greedy(parts, lambda one: _worth(one, metric), steps=STEPS, going=lambda: time.monotonic() <= until).shares


def _sample(n: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    if n <= JUDGED_ROWS:
        return np.arange(n, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(n, JUDGED_ROWS, replace=False)).astype(np.int64)


def _worth(said: Predictions, metric: Metric) -> float:
    """How good this is, larger is better; minus infinity where the metric is not defined."""
    try:
        gain = metric.gain(metric.score(said), 0.0)
    except UserError:
        return -np.inf
    return gain if np.isfinite(gain) else -np.inf


def store_mix(run: RunFolder, mix: Mix, start: float) -> Trial:
    """Store several trials put together, with what that says of the rows, as a trial of its own."""
    said = save_out_of_fold(run, mix.key, mix.said)
    scorers = [Scorer.load(run.trial_folder(trial.key) / "model") for trial, _ in mix.members]
    members = [
        replace(records.from_json(Member, scorer.spec["members"][0]), weight=weight)
        for (_, weight), scorer in zip(mix.members, scorers, strict=True)
    ]
    pipelines = [scorer.members[0][1] for scorer in scorers]
    whole = sum(member.weight for member in members)
    trial = Trial(
        key=mix.key,
        model=mix.key,
        title=mix.title,
        state="done",
        megabytes=save_model(run, mix.key, said, members, pipelines, mix.stack),
        weights=tuple((member.key, member.weight / whole) for member in members),
        notes=(mix.note,),
    )
    trial = scored(run, trial, said)
    return run.write_trial(replace(trial, seconds=time.monotonic() - start))
