"""A model leaves the house: everything an engineer needs to score with it, proven before it is handed over."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import mlcore
from mlcore import files, records
from mlcore.data.prepare_table import raw_rows
from mlcore.data.schema import Column
from mlcore.errors import BundleError, ChoiceError
from mlcore.evaluation.evaluation import Evaluation
from mlcore.findings import Finding
from mlcore.handoff import archive, card, carried, golden, manifest, pins, proof
from mlcore.handoff.baseline import baseline
from mlcore.handoff.card import Facts
from mlcore.handoff.manifest import Manifest, Proof
from mlcore.handoff.rowschema import row_schema
from mlcore.learning.folder import RunFolder
from mlcore.learning.plan import Plan
from mlcore.learning.run import Run, Trial

if TYPE_CHECKING:
    from mlcore.learning.scoring import Scorer

SHIPPED = Path(__file__).parent / "shipped"
"""Files every bundle carries as they are."""

_SCORED = 5_000
_ENVIRONMENT = "python: '{python}'\nbuild_dependencies: [pip]\ndependencies: ['-r requirements.txt']\n"
_PYTEST = "[pytest]\ntestpaths = tests\naddopts = -p no:cacheprovider\n"


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle on disk: a folder, or a zip when its name ends in .zip."""

    path: str
    manifest: Manifest
    megabytes: float

    @property
    def proof(self) -> Proof | None:
        """What was replayed before it was handed over."""
        return self.manifest.proof


def bundle(run_folder: Path, key: str, out: Path) -> Bundle:
    """Build the bundle of trial `key` of a run, prove it in a clean process, and put it at `out`.

    `out` is a folder, or a zip when it ends in .zip; one that is there already is replaced only when it is a bundle.
    Raises `BundleError` when the copy does not score as the model does: then nothing is written.
    """
    free(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=out.parent) as name:
        folder, packed = Path(name) / "bundle", Path(name) / "bundle.zip"
        _fill(folder, RunFolder(run_folder), key)
        archive.pack(folder, packed)
        shown = proof.prove(packed)
        if not shown.ok:
            raise BundleError(
                f"The copy does not score as the model does: {_reason(shown)}", remedy="Nothing was written."
            )
        records.write(folder / manifest.NAME, replace(manifest.read(folder), proof=shown))
        _place(folder, out, packed=out.suffix == ".zip")
    return described(out)


def described(path: Path) -> Bundle:
    """The bundle at `path` (folder or zip), after every file was compared with its hash."""
    with archive.opened(path) as folder:
        found = proof.checked(folder)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return Bundle(path=str(path), manifest=found, megabytes=round(size / 1e6, 3))


def export(path: Path, out: Path, *, packed: bool | None = None) -> Bundle:
    """Write the bundle at `path` to `out` after checking it: a zip when `packed`, by default when it ends in .zip."""
    free(out)
    packed = out.suffix == ".zip" if packed is None else packed
    if packed and out.is_dir():
        raise BundleError("There is a folder where the zip should go", where=str(out), remedy="Give another name.")
    with archive.opened(path) as folder, tempfile.TemporaryDirectory(prefix=".bundle-", dir=_made(out.parent)) as name:
        found = proof.checked(folder)
        copy = Path(name) / "bundle"
        for file in (*found.files, manifest.NAME):
            (copy / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, copy / file)
        _place(copy, out, packed=packed)
    return described(out)


def free(out: Path) -> None:
    """Raise `BundleError` when something lies at `out` that is not a bundle, or nothing can be written there."""
    if not files.can_write(out):
        raise BundleError(
            "The bundle cannot be written there", where=str(out), remedy="Choose a folder in which you may write."
        )
    if not out.exists() or _is_bundle(out) or (out.is_dir() and not any(out.iterdir())):
        return
    raise BundleError(
        "There is something else where the bundle should go", where=str(out), remedy="Choose another name for it."
    )


def _is_bundle(path: Path) -> bool:
    if path.is_dir():
        return (path / manifest.NAME).is_file() and (path / "scoring.json").is_file()
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as packed:
        return {manifest.NAME, "scoring.json"} <= set(packed.namelist())


def _fill(folder: Path, run: RunFolder, key: str) -> None:
    from mlcore.learning import scoring
    from mlcore.learning.train import out_of_fold

    trial = _trial(run, key)
    shutil.copytree(run.trial_folder(key) / "model", folder)
    carried.carry(folder)
    plan, scorer = run.plan, scoring.Scorer.load(folder)
    table, truth = _training_rows(run, scorer)
    facts = replace(_facts(run, trial, scorer, len(table)), plugins=carried.files(folder))
    _write_golden(folder / "golden", scorer, (table, truth), plan, facts.columns)
    records.write(folder / "plan.json", plan)
    records.write(folder / "policy.json", _policy(scorer))
    schema = row_schema(facts.columns, title=facts.title, target=plan.goal.target)
    files.write_text(folder / "schema.json", json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
    records.write(folder / "baseline.json", baseline(table, facts.columns, out_of_fold(run.path, key)))
    _ship(folder, with_recipe=scorer.recipe is not None)
    _describe(folder, plan, facts)
    _seal(folder, plan, facts, key)


def _training_rows(run: RunFolder, scorer: Scorer) -> tuple[pd.DataFrame, pd.Series]:
    """The rows the model was fitted on, as rows to score come: raw, where there is a recipe; and their target."""
    goal, chosen = run.plan.goal, run.positions[~run.split.holdout]
    names = [str(field["name"]) for field in scorer.inputs]
    if run.raw_path is None:
        table = pd.read_parquet(run.table_path, columns=list(dict.fromkeys([*names, goal.target])))
        table = table.iloc[chosen].reset_index(drop=True)
        return table, table[goal.target]
    truth = pd.read_parquet(run.table_path, columns=[goal.target])[goal.target]
    places = raw_rows(run.table_path, len(truth))[chosen]
    own = places >= 0  # rows that were appended are not in the raw table
    raw = pd.read_parquet(run.raw_path, columns=names).iloc[places[own]].reset_index(drop=True)
    return raw, truth.iloc[chosen[own]].reset_index(drop=True)


def _facts(run: RunFolder, trial: Trial, scorer: Scorer, rows: int) -> Facts:
    titles = {candidate.key: candidate.title for candidate in run.plan.candidates}
    return Facts(
        title=trial.title,
        rows=rows,
        columns=tuple((run.plan.inputs or run.plan.schema)[str(field["name"])] for field in scorer.inputs),
        labels=tuple(scorer.labels),
        ingredients=tuple(f"{titles.get(member, member)} ({weight:.0%})" for member, weight in trial.weights),
        evaluations=_evaluations(run, trial.key),
        expected=_expected(run, trial.key),
        findings=_findings(run),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        run=run.path.name,
        product=f"tablesmith {mlcore.__version__}",
        recipe=tuple(scorer.recipe["text"]) if scorer.recipe is not None else (),
        points=_points(scorer),
    )


def _points(scorer: Scorer) -> tuple[tuple[str, str, int], ...]:
    """The points of a scorecard that stands alone."""
    from mlcore.learning.points import lines_of

    if len(scorer.members) > 1:
        return ()
    lines = lines_of(scorer.members[0][1], scorer.fields)
    return tuple((line.column, line.values, line.points) for line in lines)


def _trial(run: RunFolder, key: str) -> Trial:
    trials = {trial.key: trial for trial in run.trials() if trial.state == "done"}
    if key not in trials:
        raise ChoiceError(key, trials, of="trained model")
    return trials[key]


def _evaluations(run: RunFolder, key: str) -> tuple[Evaluation, ...]:
    """What cross-validation says, and what the hold-out rows say when a person has opened them."""
    from mlcore.evaluation.evaluate import evaluate
    from mlcore.learning.train import out_of_fold

    judged, opened = run.path / "evaluations" / f"{key}.json", run.path / "holdout" / f"{key}.json"
    if judged.is_file():
        first = records.read(Evaluation, judged)
    else:
        first = evaluate(out_of_fold(run.path, key), threshold=run.plan.goal.threshold, seed=run.plan.seed)
    return (first, records.read(Evaluation, opened)) if opened.is_file() else (first,)


def _expected(run: RunFolder, key: str) -> str:
    """What to expect after the choice, when the model is the one that was chosen."""
    from mlcore.evaluation.compare import Leaderboard
    from mlcore.evaluation.metrics import METRICS
    from mlcore.evaluation.selection import expected

    path = run.path / "leaderboard.json"
    made = records.read(Leaderboard, path).expected_of(key) if path.is_file() else None
    return expected(made, METRICS[run.plan.goal.metric]) if made is not None else ""


def _findings(run: RunFolder) -> tuple[Finding, ...]:
    """What was noticed when the run was planned and prepared."""
    told = run.path / "run.json"
    return records.read(Run, told).findings if told.is_file() else run.findings


def _write_golden(
    folder: Path, scorer: Scorer, rows: tuple[pd.DataFrame, pd.Series], plan: Plan, columns: tuple[Column, ...]
) -> None:
    """Golden rows from up to 5,000 training rows: first one predicted as each label, then a spread over the truth."""
    from mlcore.learning.scoring import labels_of

    table, truth = rows
    places = golden.chosen(pd.Series([""] * len(table)), count=_SCORED, seed=plan.seed)
    few, truth = table.iloc[places], truth.iloc[places]
    said = scorer.frame(few)["prediction"]
    words = labels_of(truth) if scorer.labels else pd.Series(pd.qcut(truth.rank(method="first"), 10, labels=False))
    likely = golden.chosen(
        pd.Series(said) if scorer.labels else words.reset_index(drop=True), count=golden.ORDINARY // 2
    )
    spread = golden.chosen(words.reset_index(drop=True), count=golden.ORDINARY // 2, seed=1)
    positions = list(dict.fromkeys([*likely, *spread]))
    given = golden.golden(few.iloc[positions], columns, seed=plan.seed)
    folder.mkdir()
    given.to_parquet(folder / "input.parquet", index=False)
    scorer.frame(pd.read_parquet(folder / "input.parquet")).to_parquet(folder / "output.parquet", index=False)


def _policy(scorer: Scorer) -> dict[str, Any]:
    """How a probability becomes a prediction. Costs, a band for people and overrides come with the decide page."""
    binary = scorer.spec["task"] == "binary"
    return {
        "labels": scorer.labels,
        "positive": scorer.spec["positive"] if binary else None,
        "threshold": scorer.spec.get("threshold", 0.5) if binary else None,
    }


def _ship(folder: Path, *, with_recipe: bool) -> None:
    from mlcore.data import formula, replay
    from mlcore.learning import scoring

    (folder / "tests").mkdir()
    runtime = (scoring, replay, formula) if with_recipe else (scoring,)
    for source in (*(Path(str(module.__file__)) for module in runtime), *SHIPPED.glob("*.py")):
        if source.name == "__init__.py":
            continue
        place = folder / "tests" if source.name.startswith("test_") else folder
        files.write_text(place / source.name, _without_our_lint(source.read_text(encoding="utf-8")))
    files.write_text(folder / "pytest.ini", _PYTEST)
    files.write_text(folder / "python_env.yaml", _ENVIRONMENT.format(python=pins.python()))


def _without_our_lint(code: str) -> str:
    """The code without the remarks for the tools of this project."""
    for remark in ("  # noqa: E402", "  # noqa: ARG002", "  # type: ignore[import-not-found]"):
        code = code.replace(remark, "")
    return code


def _describe(folder: Path, plan: Plan, facts: Facts) -> None:
    versions, imported = _versions(folder)
    files.write_text(folder / "requirements.txt", pins.requirements(versions, imported))
    files.write_text(folder / "README.md", card.readme(plan, facts))
    files.write_text(folder / "model_card.md", card.model_card(plan, facts))
    files.write_text(folder / "MLmodel", card.mlmodel(facts, versions, pins.python()))


def _versions(folder: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """The pins of what is inside: a library of models counts when the stored model names its types."""
    with zipfile.ZipFile(folder / "model.skops") as store:
        inside = store.read("schema.json").decode("utf-8")
    libraries = tuple(name for name in pins.OPTIONAL if f'"{name}.' in inside)
    libraries += tuple(name for name in carried.packages(folder) if name not in (*pins.IMPORTED, *libraries))
    return pins.pins(libraries), (*pins.IMPORTED, *libraries)


def _seal(folder: Path, plan: Plan, facts: Facts, key: str) -> None:
    sealed = Manifest(
        format=manifest.FORMAT,
        title=facts.title,
        task=plan.goal.task,
        target=plan.goal.target,
        product=facts.product,
        made=facts.made,
        run=facts.run,
        model=key,
        python=pins.python(),
        versions=_versions(folder)[0],
        files=manifest.contents(folder),
    )
    records.write(folder / manifest.NAME, sealed)


def _place(folder: Path, out: Path, *, packed: bool) -> None:
    """Put the finished folder at `out` in one step, in place of the bundle that was there."""
    if packed:
        archive.pack(folder, out)
        return
    old = folder.with_name("replaced")
    if out.exists():
        out.rename(old)
    folder.rename(out)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _reason(shown: Proof) -> str:
    failed = next(path for path in shown.paths if not path.ok)
    return f"{failed.title} {failed.note or f'differs by {failed.difference:.2g}'}"
