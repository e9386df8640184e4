"""What the children of the engine do for jobs: plain arguments in, plain JSON out, everything else in files.

Only ever called inside a child process; the libraries are imported where they are needed.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from mlcore import files, records
from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run, Trial
from mlcore.workspace import processes

LISTING = "listing.lock"
"""In a run's folder: held while a model that was made after the run is compared with the others."""

if TYPE_CHECKING:
    from mlcore.evaluation.predictions import Task
    from mlcore.workspace.batch import Options


def look(table: str, schema: Mapping[str, Any], target: str | None, task: Task | None, folder: str) -> int:
    """Profile and check the table; writes `profile.json` and `findings.json`, and gives the number of findings."""
    from mlcore.data.profile import profile

    made = profile(Path(table), records.from_json(Schema, dict(schema)), target, task)
    records.write(Path(folder) / "profile.json", made)
    records.write(Path(folder) / "findings.json", made.findings)
    return len(made.findings)


def prepare(
    table: str,
    schema: Mapping[str, Any],
    fingerprint: str,
    goal: Mapping[str, Any],
    seconds: float,
    seed: int,
    models: Sequence[str] | None,
    folder: str,
    search: bool = True,
    origin: Mapping[str, Any] | None = None,
    raw: str | None = None,
) -> dict[str, Any]:
    """Plan the run and lay out its folder, unless that is done; findings, how long it took, and how many times longer
    than it computed: more than once where others use this machine, too."""
    from mlcore.data.load import read_table
    from mlcore.learning.audit import Origin
    from mlcore.learning.planning import make_plan
    from mlcore.learning.train import prepare as lay_out

    began, worked = time.monotonic(), time.process_time()
    place = Path(folder)
    _read_with_every_core()
    if not (place / "plan.json").is_file():
        agreed, columns = records.from_json(Goal, dict(goal)), records.from_json(Schema, dict(schema))
        frame = read_table(table)
        plan, findings = make_plan(
            frame,
            columns,
            fingerprint,
            agreed,
            seconds=seconds,
            seed=seed,
            models=tuple(models) if models else None,
            search=search,
            origin=None if origin is None else records.from_json(Origin, dict(origin)),
        )
        place.mkdir(parents=True, exist_ok=True)
        noticed = lay_out(Path(table), plan, place, None if raw is None else Path(raw), frame)
        records.write(place / "advice.json", (*findings, *noticed))
    advice = place / "advice.json"
    found = json.loads(advice.read_text(encoding="utf-8")) if advice.is_file() else []
    spent = time.monotonic() - began
    return {"findings": found, "seconds": spent, "waited": max(1.0, spent / max(1e-3, time.process_time() - worked))}


def fit(folder: str, key: str, seconds: float, fair: float | None = None, threads: int = 1) -> str:
    """Train one candidate; its state. The trial lies in the run folder. `fair` is its share of the time, in seconds."""
    from mlcore.learning import train

    return train.fit(Path(folder), key, deadline_seconds=seconds, fair_seconds=fair, threads=threads).state


def blend(folder: str, seconds: float = 60.0) -> dict[str, Any] | None:
    """Combine the best candidates, and try a second layer; the ensemble's trial, or None when it would not help.

    What came of the second layer lies in the run folder.
    """
    from mlcore.learning import train

    start, place = time.monotonic(), Path(folder)
    trial = train.blend(place, deadline_seconds=seconds)
    stacked = train.stack(place, deadline_seconds=seconds - (time.monotonic() - start))
    for made in (trial, stacked):
        if made is not None:
            _forget(place, made.key)
    return None if trial is None else dict(records.to_json(trial))


def compact(folder: str) -> dict[str, Any]:
    """Make a fast version of the ensemble, compare it with the others and list it among the trials of the run.

    The key of the model to take, and what is said of it: a member where it is as good alone; then nothing is made.
    """
    from mlcore.learning import train

    place = Path(folder)
    made = train.compact(place)
    told = {"key": made.trial.key, "said": made.said}
    if len(made.trial.weights) < 2:
        return told
    _listed(place, made.trial)
    return told


def calibrate(folder: str, key: str) -> str:
    """Make the calibrated version of a model, compare it with the others and list it; its key."""
    from mlcore.learning.calibrate import calibrate as made_from

    made = made_from(Path(folder), key)
    _listed(Path(folder), made)
    return made.key


def members_again(folder: str, key: str, seconds: float, lanes: int) -> list[str]:
    """The members of a model that can learn again within so many seconds; `UserError` when it cannot."""
    from mlcore.learning.again import members

    return list(members(Path(folder), key, seconds=seconds, lanes=lanes))


def member_again(folder: str, key: str) -> str:
    """Fit one of them on all rows and lay it down for `again`; its key."""
    from mlcore.learning.again import member

    member(Path(folder), key)
    return key


def again(folder: str, key: str, seconds: float | None = None) -> str:
    """Fit a model once more on all rows, after the locked ones have judged it, and list what was made; its key.

    Nothing is compared anew: it has the scores of the model that was judged. `UserError` when so many `seconds` will
    not do (None: they will).
    """
    from mlcore.learning.again import again as made_from
    from mlcore.learning.again import check_time

    place = Path(folder)
    check_time(place, key, seconds)
    made = made_from(place, key, threads=processes.usable_cores())
    with processes.in_turn(place / LISTING):
        _forget(place, made.key)
        run = records.read(Run, place / "run.json")
        others = tuple(one for one in run.trials if one.key != made.key)
        records.write(place / "run.json", replace(run, trials=(*others, made)))
    return made.key


def _listed(place: Path, made: Trial) -> None:
    """A trial that was made after the run is compared with the others and stands among them; one after another."""
    with processes.in_turn(place / LISTING):
        _forget(place, made.key)
        judged = judge(str(place))
        run = records.read(Run, place / "run.json")
        others = tuple(one for one in run.trials if one.key != made.key and not (one.all_rows and one.of == made.key))
        records.write(place / "run.json", replace(run, trials=(*others, made), best=judged["recommended"]))


def _forget(place: Path, key: str) -> None:
    """What was measured of a model that had this key before, and what learned again from it."""
    from mlcore.learning.again import key_of

    shutil.rmtree(place / "trials" / key_of(key), ignore_errors=True)
    for measured in ("evaluations", "holdout", "explanations"):
        (place / measured / f"{key}.json").unlink(missing_ok=True)
    for looked in ("closer", "cases", "explanations", "growth"):
        shutil.rmtree(place / looked / key, ignore_errors=True)
    for told in place.glob("beside/*/beside.json"):
        if key in json.loads(told.read_text(encoding="utf-8"))["keys"]:
            shutil.rmtree(told.parent, ignore_errors=True)


def judge(folder: str) -> dict[str, Any]:
    """Compare the trials that are there; writes `leaderboard.json`, the evaluation of the recommended one,
    `suspects.json`, the rows whose outcome it doubts, and `forecast.json`, what more time would bring."""
    from mlcore.evaluation.compare import leaderboard
    from mlcore.evaluation.metrics import METRICS
    from mlcore.learning.forecast import write_forecast
    from mlcore.learning.suspects import write_suspects
    from mlcore.learning.train import entries, trials

    place = Path(folder)
    plan = records.read(Plan, place / "plan.json")
    board = leaderboard(entries(place), METRICS[plan.goal.metric], seed=plan.seed)
    if not board.scored:
        raise UserError(_none_finished(trials(place)), remedy="Give the run more time, or leave columns out.")
    records.write(place / "leaderboard.json", board)
    if board.recommended is not None:
        evaluate(folder, board.recommended)
        write_suspects(place, board.recommended)
    if (place / "run.json").is_file():  # says when each candidate ended
        write_forecast(place)
    return {"recommended": board.recommended, "best": board.best}


def evaluate(folder: str, key: str) -> str:
    """Measure one model on rows it was not trained on; writes `evaluations/<key>.json`."""
    from mlcore.evaluation.evaluate import evaluate as measure
    from mlcore.learning.train import out_of_fold

    place = Path(folder)
    path = place / "evaluations" / f"{key}.json"
    if not path.is_file():
        plan = records.read(Plan, place / "plan.json")
        records.write(path, measure(out_of_fold(place, key), threshold=plan.goal.threshold, seed=plan.seed))
    return key


def open_holdout(folder: str, key: str) -> str:
    """Measure one model on the rows that were locked away; writes `holdout/<key>.json`."""
    from mlcore.evaluation.evaluate import evaluate as measure
    from mlcore.learning.train import holdout

    place = Path(folder)
    cut = records.read(Plan, place / "plan.json").goal.threshold
    records.write(place / "holdout" / f"{key}.json", measure(holdout(place, key), threshold=cut))
    return key


def explain(folder: str, key: str, table: str, rows: int, seconds: float, out: str) -> str:
    """Explain one model on a sample of the table; the explanation's folder appears whole."""
    import mlcore.explanation as explanation
    from mlcore.data.load import read_table
    from mlcore.learning.model import Model

    model = Model.load(Path(folder) / "trials" / key / "model")
    frame = read_table(table, list(model.columns))
    made = explanation.explain(model, frame, rows=rows, seconds=seconds)
    with files.whole_folder(Path(out)) as unfinished:
        explanation.store(made, unfinished)
    return out


def probe(folder: str, key: str, table: str, seconds: float, explained: str, out: str) -> str:
    """Ask one model about changed rows of the table; writes `out`. The columns that matter most come first."""
    from mlcore.data.load import read_table
    from mlcore.explanation import importance, read
    from mlcore.explanation.probe import look
    from mlcore.learning.model import Model

    model = Model.load(Path(folder) / "trials" / key / "model")
    known = Path(explained).is_dir()
    order = tuple(importance(read(Path(explained)))["column"]) if known else model.columns
    frame = read_table(table, [*model.columns, model.goal.target])
    records.write(Path(out), look(model, frame, order, seconds=seconds))
    return out


def gather(folder: str, key: str, out: str) -> str:
    """Lay down what decisions about a model are found on; its folder appears whole."""
    from mlcore.evaluation import cases
    from mlcore.learning.gathering import gathered

    with files.whole_folder(Path(out)) as unfinished:
        cases.store(gathered(Path(folder), key), unfinished)
    return out


def bundle(folder: str, key: str, out: str, seconds: float | None = None) -> dict[str, Any]:
    """Build a bundle at `out` and prove it in a clean process; what was proven, as JSON.

    Beside it the hash of its policy, and the forms that it cannot be had in, each with the reason. It gets a graph only
    when that is ready within so many `seconds` (None: whenever).
    """
    from mlcore.evaluation.policy import FILE
    from mlcore.handoff.bundle import bundle as hand_over
    from mlcore.handoff.exporting import refused
    from mlcore.workspace import graphs

    until = None if seconds is None else time.monotonic() + seconds
    _read_with_every_core()
    made = hand_over(Path(folder), key, Path(out), until=until)
    graphs.keep(Path(folder) / "trials" / key / "model", Path(out), made.manifest.files)
    told = {"policy": made.manifest.files[FILE], "refused": refused(Path(out))}
    return {**(records.to_json(made.proof) or {}), **told}


def draft(folder: str, key: str, place: str, seconds: float) -> str:
    """Build a bundle in an unfinished folder, for another process to prove and put in its place; its key.

    It gets a graph only when that is ready within so many seconds.
    """
    from mlcore.handoff import bundle as handed

    until = time.monotonic() + seconds
    _read_with_every_core()
    handed.draft(Path(folder), key, Path(place), until=until)
    return key


def export(bundle: str, format: str, folder: str) -> dict[str, Any]:
    """Write a bundle in another form into a folder, as one file; what was made, and how it was checked, as JSON."""
    from mlcore.handoff.exporting import export_as, file_name

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    made = export_as(Path(bundle), format, place / file_name(format))
    told: dict[str, Any] = records.to_json(made)
    return {"file": told.pop("path"), **told}


def note_at_mlflow(folder: str, run: str, bundle: str | None = None) -> str:
    """Note a run, and the model of its bundle, on the tracking server that the environment names; what came of it."""
    from mlcore.handoff import tracking

    return tracking.log(Path(folder), run, None if bundle is None else Path(bundle))


def check_model(key: str) -> list[str]:
    """Hold a kind of model to the contract; what was checked, a line each."""
    from mlcore.learning import contract
    from mlcore.learning.models import MODELS

    return list(contract.check_model(MODELS[key]))


def score(model: str, source: str, out: str, format: str, **options: Unpack[Options]) -> dict[str, Any]:
    """Score a file of rows into `out` (format csv, parquet or xlsx), in its order; how many rows there were, and how
    many were flagged. What else lies beside `out`, see `mlcore.workspace.batch`."""
    from mlcore.workspace.batch import scored

    return scored(model, source, out, format, **options)


def _read_with_every_core() -> None:
    """For an errand that has nothing beside it: children keep to one thread otherwise."""
    import pyarrow

    pyarrow.set_cpu_count(processes.usable_cores())


def _none_finished(trials: Sequence[Trial]) -> str:
    reasons = [trial.reason for trial in trials if trial.reason]
    return f"No model could be trained: {reasons[0].rstrip('.')}" if reasons else "No model could be trained"
