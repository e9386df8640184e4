"""Work on one model of a run: evaluate it, open its hold-out, explain it, bundle it, score a file with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcore.errors import UserError
from mlcore.learning.folder import RunFolder
from mlcore.learning.plan import Plan
from mlcore.workspace import batch, places
from mlcore.workspace.runs import titles_of
from mlcore.workspace.task import Task, value_of
from mlcore.workspace.work.errand import Done, Errand, Work
from mlcore.workspace.work.noted import noted

FORMATS = ("csv", "parquet", "xlsx")
SCORING_SECONDS = 24 * 3600.0
AGAIN_SECONDS = 3600.0
EXPLAINED_ROWS = 500
LOOKING_SECONDS = 30.0
EXPLAINING_SECONDS = 7.0  # with starting, reading and drawing, the first view is there in a quarter of a minute


async def _evaluate(errand: Errand) -> Done:
    """Args: `run`, `key`."""
    await errand.run(_task(errand, "evaluate", "Measuring the model", {}, 300))
    return _done(errand, {})


async def _open_holdout(errand: Errand) -> Done:
    """Args: `run`, `key`. That the rows were looked at is noted before anyone can see what they say."""
    run, key = errand.job.args["run"], errand.job.args["key"]
    if errand.store.plan(run).validation.holdout == 0:
        raise UserError("No rows were locked away in this run", remedy="Bring more rows, or rely on the folds.")
    for trial in errand.store.trials(run):
        if trial.key == key:
            trial.check_locked()
    if not errand.store.holdout_path(run, key).is_file():
        errand.store.record_opening(run, key)
        await errand.run(_task(errand, "open_holdout", "Measuring on the rows that were locked away", {}, 300))
    return _done(errand, {})


async def _explain(errand: Errand) -> Done:
    """Args: `run`, `key`, and optionally `rows` and `seconds`."""
    args = errand.job.args
    run, key = args["run"], args["key"]
    seconds = float(args.get("seconds", EXPLAINING_SECONDS))
    more = {
        "table": str(_table(errand, run)),
        "rows": int(args.get("rows", EXPLAINED_ROWS)),
        "seconds": seconds,
        "out": str(errand.store.explanation_place(run, key)),
    }
    await errand.run(_task(errand, "explain", "Explaining the model", more, 60 + 5 * seconds))
    return _done(errand, {})


async def _probe(errand: Errand) -> Done:
    """Args: `run`, `key`, and optionally `seconds`."""
    args = errand.job.args
    run, key = args["run"], args["key"]
    seconds = float(args.get("seconds", LOOKING_SECONDS))
    more = {
        "table": str(_table(errand, run)),
        "seconds": seconds,
        "explained": str(errand.store.explanation_place(run, key)),
        "out": str(errand.store.probe_path(run, key)),
    }
    await errand.run(_task(errand, "probe", "Looking closer at the model", more, 120 + 5 * seconds))
    return _done(errand, {})


async def _gather(errand: Errand) -> Done:
    """Args: `run`, `key`. What decisions about a model are found on: what it said about rows it had not seen."""
    out = errand.store.cases_place(errand.job.args["run"], errand.job.args["key"])
    await errand.run(_task(errand, "gather", "Gathering its answers to unseen rows", {"out": str(out)}, 300))
    return _done(errand, {})


async def _bundle(errand: Errand) -> Done:
    """Args: `run`, `key`. A bundle is listed only after it was proven."""
    bundle, key = errand.job.id, errand.job.args["key"]
    name = f"{key}.zip"
    out = places.bundle_folder(errand.store.home, bundle) / name
    proof = await errand.run(_task(errand, "bundle", "Building and proving the bundle", {"out": str(out)}, 600))
    errand.store.add_bundle(bundle, run=errand.job.args["run"], model=key, file=name, proof=proof)
    await noted(errand, errand.job.args["run"], out)
    return _done(errand, {"bundle": bundle})


async def _export(errand: Errand) -> Done:
    """Args: `run`, `key`, `bundle`, `format`: a proven bundle in another form, as one file."""
    args = errand.job.args
    found = next((one for one in errand.store.bundles(args["run"]) if one.id == args["bundle"]), None)
    if found is None:
        raise UserError("This bundle is not there (any more)", remedy="Build it again.")
    task = Task(
        call="mlcore.workspace.errands:export",
        title="Making it and checking it",
        args={
            "bundle": found.path,
            "format": args["format"],
            "folder": str(places.job_folder(errand.store.home, errand.job.id)),
        },
        seconds=900,
    )
    return _done(errand, {"format": args["format"], **await errand.run(task)})


async def _compact(errand: Errand) -> Done:
    """Args: `run`. Makes a fast version of its ensemble, as a model beside the others."""
    folder = places.run_folder(errand.store.home, errand.job.args["run"])
    task = Task(
        call="mlcore.workspace.errands:compact",
        title="Making a fast version",
        args={"folder": str(folder)},
        seconds=600,
    )
    made = await errand.run(task)
    return Done(result={"run": errand.job.args["run"], **made})


async def _calibrate(errand: Errand) -> Done:
    """Args: `run`, `key`. Makes the calibrated version of a model, as a model beside the others."""
    made = await errand.run(_task(errand, "calibrate", "Making the calibrated version", {}, 600))
    return _done(errand, {"made": made})


async def _again(errand: Errand) -> Done:
    """Args: `run`, `key`. Fits a model once more on all rows, after its hold-out was opened, as a model beside it."""
    run, key = errand.job.args["run"], errand.job.args["key"]
    if key not in errand.store.opened(run):
        raise UserError(
            "The locked rows were not opened for this model", remedy="Open them on the Evaluate page first."
        )
    made = await errand.run(_task(errand, "again", "Learning from all rows", {}, AGAIN_SECONDS))
    return _done(errand, {"made": made})


async def _score_file(errand: Errand) -> Done:
    """Args: `run`, `key`, `path`, and optionally `format` (csv, parquet or xlsx), `name` (its own), `choices`,
    `reasons`, `handling` (an action for each kind of fault), `keep` and `unlike`.

    Begun again after a crash it starts anew: the predictions are there whole or not at all.
    """
    args, folder = errand.job.args, places.job_folder(errand.store.home, errand.job.id)
    ending = args.get("format") if args.get("format") in FORMATS else "csv"
    out = folder / f"predictions.{ending}"
    options = {name: args[name] for name in ("choices", "handling", "keep", "unlike") if args.get(name) is not None}
    task = Task(
        call="mlcore.workspace.errands:score",
        title="Scoring the rows",
        args={
            "model": str(_model(errand)),
            "source": args["path"],
            "out": str(out),
            "format": ending,
            "name": args.get("name") or "",
            "reasons": int(args.get("reasons") or 0),
            "titles": titles_of(
                errand.store.plan(args["run"]), errand.store.dictionary(errand.store.job(args["run"]).dataset or "")
            ),
            **options,
        },
        seconds=SCORING_SECONDS,
    )
    folder.mkdir(parents=True, exist_ok=True)
    batch.tidy(folder)
    try:
        scored = await _advancing(errand, task, folder)
    finally:
        batch.tidy(folder)
    return _done(errand, {"file": str(out), **scored})


async def _advancing(errand: Errand, task: Task, folder: Path) -> Any:
    """Execute the task; how far it has come stands in its folder."""
    seen = 0.0
    errand.tell(seen, task.title)

    def wanted() -> bool:
        nonlocal seen
        come = batch.progress(folder)
        if come is not None and come[0] > seen:
            seen = come[0]
            errand.tell(min(0.99, seen), come[1])
        return errand.wish() is None

    return await errand.step("score", lambda: value_of(errand.engine.run(task, wanted)))


def _task(errand: Errand, verb: str, title: str, more: Mapping[str, Any], seconds: float) -> Task:
    folder = places.run_folder(errand.store.home, errand.job.args["run"])
    _model(errand)
    args = {"folder": str(folder), "key": errand.job.args["key"], **more}
    return Task(call=f"mlcore.workspace.errands:{verb}", title=title, args=args, seconds=seconds)


def _model(errand: Errand) -> Path:
    folder = errand.store.model_folder(errand.job.args["run"], errand.job.args["key"])
    if not folder.is_dir():
        raise UserError("This model is not there (any more)", remedy="Choose one that finished training.")
    return folder


def _table(errand: Errand, run: str) -> Path:
    dataset = errand.store.job(run).dataset
    plan: Plan = errand.store.plan(run)
    path = places.dataset_folder(errand.store.home, dataset or "") / "table.parquet"
    if plan.inputs is not None:
        path = RunFolder(places.run_folder(errand.store.home, run)).table_path
    if not path.is_file():
        raise UserError(
            "The table of this run was removed", where=f"target {plan.goal.target}", remedy="Import it again."
        )
    return path


def _done(errand: Errand, more: Mapping[str, Any]) -> Done:
    return Done(result={"run": errand.job.args["run"], "key": errand.job.args["key"], **more})


EVALUATE = Work(key="evaluate", queue="quick", carry_out=_evaluate)
OPEN_HOLDOUT = Work(key="open_holdout", queue="quick", carry_out=_open_holdout)
EXPLAIN = Work(key="explain", queue="quick", carry_out=_explain)
PROBE = Work(key="probe", queue="quick", carry_out=_probe)
GATHER = Work(key="gather", queue="quick", carry_out=_gather)
BUNDLE = Work(key="bundle", queue="quick", carry_out=_bundle)
EXPORT = Work(key="export", queue="quick", carry_out=_export)
COMPACT = Work(key="compact", queue="quick", carry_out=_compact)
CALIBRATE = Work(key="calibrate", queue="quick", carry_out=_calibrate)
AGAIN = Work(key="again", queue="quick", carry_out=_again)
SCORE_FILE = Work(key="score_file", queue="quick", carry_out=_score_file)
