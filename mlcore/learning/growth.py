"""How a model of a run does when it learns from parts of the rows: fold by fold, so that it can be ended at any time.

Each fold's training rows are cut down to growing parts, one inside the next, whole groups kept together and labels in
proportion; a model learns from each and is judged on the rows of the fold. What it reached with all of them is known
from the run.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.growing import Growth, growth
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.fold import Making, fitted
from mlcore.learning.folder import RunFolder, whole_npz
from mlcore.learning.models import MODELS
from mlcore.learning.results import OutOfFold
from mlcore.learning.rounds import Portion
from mlcore.learning.run import Trial
from mlcore.learning.scoring import CHUNK, raised
from mlcore.learning.split import Rows
from mlcore.learning.split.dealing import part

SMALLEST = 40
"""Rows that the smallest part has at least."""

SPREAD = 0.15
"""And the share of all that it has at least: a curve needs its steep end, but not all of it."""

LARGEST, STEPS = 0.7, 4
PREPARED, FILE = "growth", "growth.json"


def folds(folder: Path) -> tuple[int, ...]:
    """The folds to learn in: all of the first round, or the last one where each has longer to learn from than before.

    Forward in time the parts of one fold would be as large as all of another; the last one has the longest history.
    """
    run = RunFolder(folder)
    every = range(sum(1 for _ in run.split.pairs()) // run.plan.validation.repeats)
    return tuple(every)[-1:] if run.split.forward else tuple(every)


def place_of(folder: Path, key: str) -> Path:
    """Where a run's folder keeps what is known about the growth of a model."""
    return folder / PREPARED / key


def grow(folder: Path, key: str, fold: int, *, seconds: float, threads: int = 1) -> tuple[int, ...]:
    """Let the model learn from parts of one fold's training rows; gives the sizes of the parts.

    `seconds` is what boosted models may take to grow. `UserError` when there are too few rows to take parts of.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    began = time.monotonic()
    run = RunFolder(folder)
    with threadpool_limits(limits=threads):
        sizes, values, test = _learned(run, _measured(run, key).key, fold, seconds, threads)
    place = place_of(folder, key)
    place.mkdir(parents=True, exist_ok=True)
    with whole_npz(place / f"{fold}.npz") as arrays:
        arrays |= {"sizes": sizes, "values": values, "chosen": test, "seconds": np.array([time.monotonic() - began])}
    return tuple(int(size) for size in sizes)


def write_growth(folder: Path, key: str) -> Growth:
    """The curve through all folds that were done, kept in the run's folder."""
    run = RunFolder(folder)
    trial, metric = _measured(run, key), METRICS[run.plan.goal.metric]
    done = [_read(path) for path in sorted(place_of(folder, key).glob("*.npz"))]
    if not done:
        raise UserError("No fold was learned from yet", remedy="Ask again.")
    chosen = np.concatenate([one["chosen"] for one in done]).astype(np.int64)
    sizes = np.atleast_1d(np.round(np.stack([one["sizes"] for one in done]).mean(axis=0)).astype(np.int64))
    parts = {
        int(size): run.predictions(np.concatenate([one["values"][at] for one in done]), chosen, run.measured)
        for at, size in enumerate(sizes[:-1])
    }
    whole = _whole(run, trial.key, chosen)
    parts[int(sizes[-1])] = run.predictions(whole, chosen, run.measured)
    everyone = Portion.of(run, run.candidate(trial.key)).final
    made = growth(parts, metric, rows=len(everyone), title=trial.title, floor=_floor(run), seed=run.plan.seed)
    made = replace(made, seconds=sum(float(one["seconds"][0]) for one in done), note=_note(run, key, trial))
    records.write(place_of(folder, key) / FILE, made)
    return made


def _read(path: Path) -> dict[str, Any]:
    with np.load(path) as stored:
        return {name: stored[name] for name in stored.files}


def _measured(run: RunFolder, key: str) -> Trial:
    """The trial itself, or of an ensemble the member that counts most and is a model of its own."""
    trials = {trial.key: trial for trial in run.trials()}
    while trials[key].of in trials:
        key = trials[key].of
    for name in (key, *(name for name, _ in sorted(trials[key].weights, key=lambda one: -one[1]))):
        if name in trials and not trials[name].weights and trials[name].model in MODELS:
            return trials[name]
    raise UserError(
        f"{trials[key].title} cannot be trained on parts of the rows", remedy="Ask for a single model of this run."
    )


def _learned(run: RunFolder, key: str, fold: int, seconds: float, threads: int) -> tuple[Integers, Floats, Integers]:
    """The sizes of the parts and of all (k + 1), what was said on each part (k, rows tested, …), and about which."""
    candidate = run.candidate(key)
    kind = MODELS[candidate.model]
    portion = Portion.of(run, candidate)
    train, test = portion.pairs[fold]
    shares = _shares(len(train))
    material, chance = portion.material, np.random.default_rng([run.plan.seed, fold])
    power, said = _power(run, key), list[Floats]()
    nested = _nested(material.rows, train, shares, chance)
    for rows in nested:
        settings = kind.settings(candidate.params)
        making = Making(kind=kind, settings=settings, seed=run.plan.seed + fold, threads=threads)
        known = material.taught(rows)
        fit = fitted(known, making, rows, rounds=None, until=time.monotonic() + seconds / len(nested))
        blocks = (known.cells(test[start : start + CHUNK]) for start in range(0, len(test), CHUNK))
        values = np.concatenate([fit.values(block, known.labels) for block in blocks])
        said.append(values if power is None else raised(values, power))
    return np.array([*map(len, nested), len(train)]), np.stack(said), portion.places[test]


def _shares(rows: int) -> Floats:
    """The shares of the rows to learn from, growing by equal factors."""
    smallest = max(SMALLEST / rows, SPREAD)
    if smallest > LARGEST / 2:
        raise UserError(
            f"{rows} rows are too few to learn from parts of them",
            remedy=f"There must be at least {round(2 * SMALLEST / LARGEST)}.",
        )
    return np.geomspace(smallest, LARGEST, STEPS)


def _nested(rows: Rows, train: Integers, shares: Floats, chance: np.random.Generator) -> list[Integers]:
    """Parts of the rows to learn from, the smallest first, each inside the next."""
    parts = [train]
    for share in reversed(shares):
        parts.insert(0, part(rows, parts[0], min(1.0, share * len(train) / len(parts[0])), chance))
    return parts[:-1]


def _power(run: RunFolder, key: str) -> float | None:
    """The power to which the model's probabilities are raised; None when they stay as they are."""
    spec = json.loads((run.trial_folder(key) / "model" / "scoring.json").read_text(encoding="utf-8"))
    after = spec["members"][0].get("after")
    return None if after is None else float(after["power"])


def _whole(run: RunFolder, key: str, chosen: Integers) -> Floats:
    """What models of all training rows said about these rows in the first round."""
    said = OutOfFold.read(run, key)
    said = said.take(np.flatnonzero(said.round == 0))
    places = np.argsort(said.chosen, kind="stable")
    return np.asarray(said.values[places[np.searchsorted(said.chosen[places], chosen)]])


def _floor(run: RunFolder) -> float | None:
    return next((trial.score for trial in run.trials() if trial.key == "baseline"), None)


def _note(run: RunFolder, key: str, measured: Trial) -> str:
    if measured.key == key:
        return ""
    title = next(trial.title for trial in run.trials() if trial.key == key)
    return f"Measured on “{measured.title}”, the member of “{title}” that counts most."
