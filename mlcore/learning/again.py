"""A model learned again from every row with a known answer, as a trial of its own beside the one that was judged.

Its members are fitted once more with the settings that were found before, in as many rounds as so many rows bear, the
locked ones among those they learn from. All else is as it was: weights, second layer, calibrator, powers, interval,
fields, policy. No row is left that could judge it, so what is said of it are the scores of the model it comes from, and
it is never compared with others. More rows of the same kind make a model better on average, not in every single case.

Members can be fitted side by side beforehand, each in a process of its own (`members`, `member`); nothing is made of
them before the locked rows have judged the model.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mlcore import files, records
from mlcore.errors import ChoiceError, UserError
from mlcore.evaluation.policy import FILE as POLICY
from mlcore.evaluation.predictions import Integers
from mlcore.learning.costs import learning_again
from mlcore.learning.fold import Fitted, Making, fitted, rounds_for
from mlcore.learning.folder import RunFolder, spelled
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate
from mlcore.learning.rounds import drawn, keeps_part, learned_from, material_of
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer, settled
from mlcore.learning.search import fit_seconds
from mlcore.learning.store import Member, store_model
from mlcore.learning.trial import single_thread

TITLE = "learned from all rows"
LEARNED = "learned"
"""In a run's folder: members that were fitted on all rows beforehand, until something is made of them."""
SPENT = "seconds.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """The model that is to learn again: its trial, and what its folder says of it and of its members."""

    run: RunFolder
    trial: Trial
    spec: dict[str, Any]

    @property
    def members(self) -> tuple[Member, ...]:
        """Its members, in the order of their pipelines."""
        return tuple(records.from_json(Member, entry) for entry in self.spec["members"])

    @property
    def candidates(self) -> dict[str, Candidate]:
        """What was tried to get each of them, by key."""
        return {key: self.run.candidate(key) for key in dict.fromkeys(member.key for member in self.members)}


def key_of(key: str) -> str:
    """The key of the version of a trial that learned from all rows."""
    return f"{key}-all"


def again(folder: Path, key: str, *, threads: int = 1) -> Trial:
    """Fit the model `key` once more on all rows, training and locked, and store it as a trial of its own.

    Raises `UserError` when the locked rows were not opened for it, and when it would learn nothing more.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    start = time.monotonic()
    run = RunFolder(folder)
    source = _source(run, key)
    _check(source)
    with threadpool_limits(limits=threads):
        fits = {name: _fitted(run, one, threads) for name, one in source.candidates.items()}
    name, title = key_of(key), f"{source.trial.title}, {TITLE}"
    shutil.rmtree(run.trial_folder(name), ignore_errors=True)
    made = replace(
        source.trial,
        key=name,
        title=title,
        of=key,
        all_rows=len(run.truth),
        notes=(note(run), *_limited(source), *source.trial.notes),
        megabytes=_store(source, {key: pipeline for key, (pipeline, _) in fits.items()}, (name, title)),
        ended=None,
        round_seconds=None,
    )
    shutil.rmtree(run.path / LEARNED, ignore_errors=True)
    spent = time.monotonic() - start + sum(seconds for _, seconds in fits.values())
    return run.write_trial(replace(made, seconds=source.trial.seconds + spent))


def members(folder: Path, key: str, *, seconds: float | None = None, lanes: int = 1) -> tuple[str, ...]:
    """The keys of the members of a model that can learn again, those first that take longest.

    Raises `UserError` when it would learn nothing more, and when so many `seconds` will not do in so many `lanes`
    (None: they will). That the locked rows were opened for it is not asked here.
    """
    run = RunFolder(folder)
    source = _source(run, key)
    _check_more(source)
    spent = _spent(source)
    _check_seconds(spent, seconds, lanes)
    return tuple(sorted(source.candidates, key=lambda name: -spent.get(name, 0.0)))


def member(folder: Path, key: str) -> None:
    """Fit the trial `key` on all rows, and lay it down where `again` looks for it."""
    from threadpoolctl import threadpool_limits

    start, run = time.monotonic(), RunFolder(folder)
    with threadpool_limits(limits=1):
        made = learned(run, run.candidate(key), 1)
    alone = Member(key=key, model=run.candidate(key).model, title=key, weight=1.0)
    with files.whole_folder(run.path / LEARNED / key) as unfinished:
        store_model(unfinished, run.spec, [alone], [made.pipeline], run.path)
        records.write(unfinished / SPENT, time.monotonic() - start)


def _fitted(run: RunFolder, candidate: Candidate, threads: int) -> tuple[Any, float]:
    """The pipeline of a member, fitted beforehand or now, and the seconds that were spent on it beforehand."""
    place = run.path / LEARNED / candidate.key
    if place.is_dir():
        return Scorer.load(place).members[0][1], float(json.loads((place / SPENT).read_text(encoding="utf-8")))
    return learned(run, candidate, threads).pipeline, 0.0


def learned(run: RunFolder, candidate: Candidate, threads: int) -> Fitted:
    """The candidate fitted on all rows, in as many rounds as they bear; fields are what they were."""
    kind = MODELS[candidate.model]
    making = Making(kind=kind, settings=kind.settings(candidate.params), seed=run.plan.seed, threads=threads)
    places = everyone(run, candidate)
    material = replace(material_of(run, candidate, places), cache=None)
    if any(field.get("lessons") for field in material.fields):
        material = replace(material, features=settled(spelled(material.features), material.fields))
    made = fitted(material, making, np.arange(len(places)), rounds=rounds_of(run, candidate), until=None)
    single_thread(made)
    return made


def rounds_of(run: RunFolder, candidate: Candidate) -> int | None:
    """How often the candidate is boosted when it learns from all rows, by what was found before; as many trees."""
    found = next(trial.rounds for trial in run.trials() if trial.key == candidate.key)
    if found is None or MODELS[candidate.model].grow is None:
        return found
    return rounds_for(len(everyone(run, candidate)), found, of=len(learned_from(run, candidate)[1]))


def everyone(run: RunFolder, candidate: Candidate) -> Integers:
    """All of the run's n rows, or as many of them as a candidate limited in rows draws."""
    return drawn(run, candidate, np.arange(len(run.truth), dtype=np.int64))


def check_time(folder: Path, key: str, seconds: float | None) -> None:
    """Raise `UserError` when so many seconds will not do in one lane, by what judging its members took: all folds and a
    last fit. None: they will.
    """
    _check_seconds(_spent(_source(RunFolder(folder), key)), seconds, 1)


def _check_seconds(spent: Mapping[str, float], seconds: float | None, lanes: int) -> None:
    needed = learning_again(spent.values(), lanes=lanes)
    if seconds is not None and needed > seconds:
        raise UserError(
            f"That would take about {needed:.0f} s, and {max(seconds, 0.0):.0f} s of the budget are left for it",
            remedy="Give the run more time.",
        )


def _spent(source: Source) -> dict[str, float]:
    """Seconds that one of the fits of each member took, by its key."""
    fits, validation = {trial.key: trial for trial in source.run.trials()}, source.run.plan.validation
    return {name: fit_seconds(fits[name], validation) for name in source.candidates if name in fits}


def note(run: RunFolder) -> str:
    """What it learned from, and what its scores rest on."""
    return (
        f"Learned from all {len(run.truth):,} rows with a known answer. Its scores are those of the same settings "
        f"learned from {len(run.split.training):,} rows; the locked rows can judge it no more."
    )


def _source(run: RunFolder, key: str) -> Source:
    done = {trial.key: trial for trial in run.trials() if trial.state == "done"}
    if key not in done:
        raise ChoiceError(key, done, of="trained model")
    spec = json.loads((run.trial_folder(key) / "model" / "scoring.json").read_text(encoding="utf-8"))
    return Source(run=run, trial=done[key], spec=spec)


def _check(source: Source) -> None:
    """Raise `UserError` when the model has nothing more to learn from, or the locked rows have not judged it."""
    run, trial = source.run, source.trial
    _check_more(source)
    if not (run.path / "holdout" / f"{trial.key}.json").is_file():
        raise UserError(
            f"The locked rows were not opened for “{trial.title}”: once it learned from them, nothing could judge it",
            remedy="Open them on the Evaluate page first.",
        )


def _check_more(source: Source) -> None:
    """Raise `UserError` when the model has nothing more to learn from."""
    run, trial = source.run, source.trial
    if trial.all_rows:
        raise UserError("This model has learned from all rows already", remedy="Take it as it is.")
    if not run.split.holdout.any():
        raise UserError(
            "No rows were locked away in this run, so the model has learned from all rows already",
            remedy="Take it as it is.",
        )
    _check_members(source)


def _check_members(source: Source) -> None:
    """Raise `UserError` when fitting them again would not give the same model of more rows."""
    run = source.run
    try:
        candidates = source.candidates
    except KeyError:
        raise UserError("A member of it was not trained in this run", remedy="Train once more.") from None
    rounds = {trial.key: trial.rounds for trial in run.trials()}
    for name, one in candidates.items():
        _, judged = learned_from(run, one)
        if keeps_part(run, len(judged)):
            raise UserError(
                "On so large a table models are kept as they were judged, and none is fitted again",
                remedy="The locked rows would add little; take it as it is.",
            )
        if MODELS[one.model].grow is not None and rounds.get(name) is None:
            raise UserError(
                "The run is of an earlier version, which did not note how long it trained", remedy="Train once more."
            )
    if all(len(everyone(run, one)) == len(learned_from(run, one)[1]) for one in candidates.values()):
        raise UserError("It learns from so many rows and no more, however many there are", remedy="Take it as it is.")


def _limited(source: Source) -> tuple[str, ...]:
    """That some members learned from a part of the rows."""
    sizes = [len(everyone(source.run, one)) for one in source.candidates.values()]
    few = [size for size in sizes if size < len(source.run.truth)]
    if not few:
        return ()
    return (f"{len(few)} of its {len(sizes)} models learned from {min(few):,} of them, as their settings have it.",)


def _store(source: Source, fits: dict[str, Any], named: tuple[str, str]) -> float:
    """The model's folder again with other pipelines, and what was said out of fold; megabytes of the model."""
    run, (key, title) = source.run, named
    old, new = run.trial_folder(source.trial.key), run.trial_folder(key)
    new.mkdir(parents=True)
    shutil.copyfile(old / "oof.npz", new / "oof.npz")
    spec = {name: part for name, part in source.spec.items() if name not in ("members", "trusted")}
    spec["card"] = {**source.spec["card"], "key": key, "title": title}
    pipelines = [fits[member.key] for member in source.members]
    megabytes = store_model(new / "model", spec, source.members, pipelines, run.path)
    if (old / "model" / POLICY).is_file():
        shutil.copyfile(old / "model" / POLICY, new / "model" / POLICY)
    return megabytes
