"""One candidate tried: judged on every fold, then fitted on all training rows and stored."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow.parquet as pq

from mlcore import records
from mlcore.data.picked import picked
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.evaluation.predictions import Predictions
from mlcore.learning import wide
from mlcore.learning.fold import Fitted, Making, rounds_for
from mlcore.learning.folder import RunFolder, whole_npz
from mlcore.learning.judgeable import SAMPLED
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate
from mlcore.learning.results import OutOfFold, with_interval
from mlcore.learning.rounds import Behind, Clock, Judging, OutOfTime, fewest, whole_rounds
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer
from mlcore.learning.sharpen import sharpened
from mlcore.learning.store import Member, offsets, store_model

TRAINING_SAMPLE = 5_000
TRAINING_CELLS = 1_000_000  # of very wide tables fewer rows
TIMED_ROWS, TIMED_CELLS = 1_000, 300_000


def fit(
    folder: Path,
    candidate_key: str,
    *,
    deadline_seconds: float = 3600.0,
    fair_seconds: float | None = None,
    threads: int = 1,
) -> Trial:
    """Judge a candidate on every fold, then fit it on all training rows and store it.

    Boosted models stop growing when their share of the time is up. Where the plan asks for several rounds of folds, the
    first is always finished and another is begun only while all of them fit into `fair_seconds` (None: the deadline). A
    candidate that cannot finish one round in time, or that raises, is a failed `Trial` with the reason; the baseline
    takes the time it takes. A variation that does worse than what it varies in the first folds is a skipped one. Never
    raises for what a model does.
    """
    import scipy.linalg  # noqa: F401 - only what is loaded can be limited
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    start = time.monotonic()
    run = RunFolder(folder)
    candidate = run.candidate(candidate_key)
    deadline = math.inf if candidate.model == "baseline" else deadline_seconds
    clock = Clock(start, deadline, deadline_seconds if fair_seconds is None else fair_seconds)
    try:
        with threadpool_limits(limits=threads):
            trial = _tried(run, candidate, clock, threads)
    except OutOfTime as late:
        trial = replace(_ended(candidate, "failed", str(late)), round_seconds=late.needed)
    except Behind as worse:
        trial = _ended(candidate, "skipped", str(worse))
    except Exception as error:  # whatever a model does is a result with a reason
        trial = _ended(candidate, "failed", _sentence(error))
    return run.write_trial(replace(trial, seconds=time.monotonic() - start))


def _tried(run: RunFolder, candidate: Candidate, clock: Clock, threads: int) -> Trial:
    kind = MODELS[candidate.model]
    making = Making(kind=kind, settings=kind.settings(candidate.params), seed=run.plan.seed, threads=threads)
    judging = Judging(run=run, candidate=candidate, making=making, clock=clock)
    said, fits = judging.carried_out()
    said, power = sharpened(run, said)
    judged = time.monotonic()
    said = save_out_of_fold(run, candidate.key, said)
    often = _often(judging, fits)
    final = fits[-1] if judging.kept else judging.final(often)
    single_thread(final)
    member = Member(key=candidate.key, model=candidate.model, title=candidate.title, weight=1.0, after=_after(power))
    megabytes = save_model(run, candidate.key, said, [member], [final.pipeline])
    trial = scored(
        run,
        Trial(
            key=candidate.key,
            model=candidate.model,
            title=candidate.title,
            state="done",
            megabytes=megabytes,
            notes=(*_notes(judging, often, fits), *_sharper(power)),
            rounds=often,
            part=final.part,
        ),
        said,
    )
    once = (judged - clock.start) / whole_rounds(judging, fits)
    return replace(trial, round_seconds=once + time.monotonic() - judged)


def save_out_of_fold(run: RunFolder, key: str, said: OutOfFold) -> OutOfFold:
    """Store what was said about rows by models that did not see them, with honest intervals for numbers; as stored."""
    if not np.isfinite(said.values).all():
        raise ValueError("it predicted something that is not a number")
    if run.labels and (said.values.min() < -1e-6 or np.abs(said.values.sum(axis=1) - 1).max() > 1e-3):
        raise ValueError("its probabilities of the labels of a row are negative, or do not add up to 1")
    if not run.labels:
        said = said.bounded(np.asarray(run.truth[said.chosen] - said.values))
    with whole_npz(run.trial_folder(key) / "oof.npz") as arrays:
        arrays |= said.arrays()
    return said


def save_model(
    run: RunFolder,
    key: str,
    said: OutOfFold,
    members: Sequence[Member],
    pipelines: Sequence[object],
    stack: Mapping[str, object] | None = None,
) -> float:
    """Store the final model with the interval that its out-of-fold residuals give; returns megabytes.

    `stack` says how to put its members together, as `scoring.combined` wants it; None: they are averaged.
    """
    plan = run.plan
    how = "Blend" if stack is None else "Stack"
    title = members[0].title if len(members) == 1 else f"{how} of {len(members)} models"
    card = {
        "key": key,
        "title": title,
        "goal": plan.goal,
        "schema": plan.schema,
        "plan": run.spec.get("plan") or plan.id,
    }
    card |= {} if plan.inputs is None else {"inputs": plan.inputs}
    spec = {**run.spec, "card": records.to_json(card)} | ({} if stack is None else {"stack": dict(stack)})
    if not run.labels:
        repeats = len(said.chosen) // len(np.unique(said.chosen))
        spec["interval"] = offsets(np.asarray(run.truth[said.chosen] - said.values), repeats)
    return store_model(run.trial_folder(key) / "model", spec, members, pipelines, run.path)


def scored(run: RunFolder, trial: Trial, said: OutOfFold) -> Trial:
    """The trial with its scores, and the speed of its stored model."""
    predictions = said.predictions(run)
    metric = METRICS[run.plan.goal.metric]
    scorer = Scorer.load(run.trial_folder(trial.key) / "model")
    training = run.split.training
    most = max(1, min(TRAINING_SAMPLE, TRAINING_CELLS // max(1, len(scorer.fields))))
    sample = training[:: max(1, len(training) // most)]
    seen = run.predictions(scorer.values_of(run.ready_of(sample)), sample, run.measured)
    seen = with_interval(seen, scorer.spec.get("interval"))
    return replace(
        trial,
        score=metric.score(predictions),
        train_score=metric.score(seen),
        fold_scores=_fold_scores(metric, said, predictions),
        ms_per_1000=speeds(run, (scorer,), turns=1 if len(scorer.fields) > wide.WIDE else 2)[0],
    )


def _fold_scores(metric: Metric, said: OutOfFold, predictions: Predictions) -> tuple[float, ...]:
    """The metric in each fold of the first round; nan where a fold cannot be scored, such as one label only."""
    scores = []
    for fold in np.unique(said.fold[said.round == 0]):
        try:
            scores.append(metric.score(predictions.take(np.flatnonzero(said.fold == fold))))
        except UserError:
            scores.append(float("nan"))
    return tuple(scores)


def speeds(run: RunFolder, scorers: Sequence[Scorer], *, turns: int = 2) -> tuple[float, ...]:
    """Milliseconds of each for 1,000 raw rows, the quickest of its turns; several take turns, so they compare."""
    path = run.path / "background.parquet"
    sample = picked(path, np.arange(pq.read_metadata(path).num_rows))
    count = max(1, min(TIMED_ROWS, TIMED_CELLS // max(1, sample.shape[1])))
    rows = sample.iloc[np.arange(count) % len(sample)]
    spent: list[list[float]] = [[] for _ in scorers]
    for _ in range(turns):
        for scorer, times in zip(scorers, spent, strict=True):
            start = time.perf_counter()
            scorer.values(rows)
            times.append(time.perf_counter() - start)
    return tuple(min(times) * 1000 * TIMED_ROWS / count for times in spent)


def single_thread(final: Fitted) -> None:
    """A stored model answers from one thread: quicker for a row, and the same on every machine."""
    model = final.pipeline.named_steps["model"]
    if "n_jobs" in model.get_params():
        model.set_params(n_jobs=1)


def _often(judging: Judging, fits: list[Fitted]) -> int | None:
    """How often the final model is boosted, by what its folds were in the mean; or the trees of a forest that was not
    given time for all."""
    if judging.making.kind.plant is not None:
        return fewest(fits)
    rows = fits[-1].rows if judging.kept else len(judging.portion.final)
    rounds = [rounds_for(rows, fit.rounds, of=fit.rows or rows) for fit in fits if fit.rounds is not None]
    return max(1, round(float(np.mean(rounds)))) if rounds else None


def _notes(judging: Judging, often: int | None, fits: list[Fitted]) -> tuple[str, ...]:
    notes, kind = sorted(frozenset[str]().union(*(fit.notes for fit in fits))), judging.making.kind
    if often and kind.plant is None:
        notes.insert(0, f"{often} rounds, by rows held aside inside each training part; more of them for more rows.")
    elif often:
        wanted = judging.making.estimator(judging.run.plan.goal.task).get_params()[kind.rounds]
        notes.insert(0, f"{often} of {wanted} trees, as many as its time allowed.")
    part, everyone = judging.portion, len(judging.run.split.training)
    learned = len(part.pairs[-1][0] if judging.kept else part.final)
    if learned < everyone:
        judged = " It was judged on others and is kept as it was judged." if judging.kept else ""
        notes.append(f"Learned from {learned:,} of {everyone:,} rows.{judged}")
    notes += wide.said(len(judging.run.spec["fields"]), judging.making.kind.widest)
    notes += [finding.what for finding in judging.run.findings if finding.code == SAMPLED]
    done = whole_rounds(judging, fits)
    if done > 1:
        notes.append(f"Scored in {done} rounds of folds, so every row was predicted {done} times.")
    return tuple(notes)


def _after(power: float | None) -> dict[str, float] | None:
    return None if power is None else {"power": power}


def _sharper(power: float | None) -> tuple[str, ...]:
    if power is None:
        return ()
    how = "sharper" if power > 1 else "softer"
    return (f"Its probabilities are made {how} (power {power:.2f}): then they fit better to rows it had not seen.",)


def _ended(candidate: Candidate, state: Literal["failed", "skipped"], reason: str) -> Trial:
    return Trial(key=candidate.key, model=candidate.model, title=candidate.title, state=state, reason=reason)


def _sentence(error: Exception) -> str:
    """The first line of what was raised, short enough for a table."""
    if isinstance(error, MemoryError):
        return "ran out of memory"
    if isinstance(error, UserError):
        return str(error)
    lines = str(error).strip().splitlines() or [""]
    return f"{lines[0][:300]} ({type(error).__name__})".strip()
