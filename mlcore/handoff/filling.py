"""Fill the folder of a bundle: the stored model, the code that scores, rows to prove it by, words about it."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from mlcore import files, records
from mlcore.data.picked import picked
from mlcore.data.row_numbers import raw_rows
from mlcore.data.schema import Column
from mlcore.errors import ChoiceError
from mlcore.evaluation.policy import FILE
from mlcore.evaluation.predictions import Integers
from mlcore.handoff import card, carried, golden, manifest, pins, rebuilding
from mlcore.handoff.baseline import baseline
from mlcore.handoff.card import Facts
from mlcore.handoff.facts import facts_of
from mlcore.handoff.manifest import Manifest
from mlcore.handoff.rowschema import row_schema
from mlcore.learning import ruling
from mlcore.learning.folder import RunFolder
from mlcore.learning.plan import Plan
from mlcore.learning.run import Trial

if TYPE_CHECKING:
    from mlcore.learning.scoring import Scorer

SHIPPED = Path(__file__).parent / "shipped"
"""Files every bundle carries as they are."""

_SCORED, _SCORED_CELLS = 5_000, 2_000_000
_DESCRIBED, _DESCRIBED_CELLS = 200_000, 20_000_000
"""Rows that say how columns are distributed, and cells of very wide tables; more would say the same."""

_LEAST = 200
_GATED = 200
"""Rows that were held out, and rows that were learned from, on which the graph is held to the model."""

_ENVIRONMENT = "python: '{python}'\nbuild_dependencies: [pip]\ndependencies: ['-r requirements.txt']\n"
_UNNEEDED = "**/__pycache__\n**/.pytest_cache\n.venv\ntests\napi-key\n"
_ROOMS = re.compile(r"\bmlcore\.(?:handoff\.shipped|learning)\.")
"""Where at home lies what lies in the folder of a bundle."""

_PYTEST = "[pytest]\ntestpaths = tests\naddopts = -p no:cacheprovider\n"


def fill(folder: Path, run: RunFolder, key: str, *, until: float | None = None) -> None:
    """Everything of trial `key` but its proof; `folder` is not there yet. Without a graph that would be late."""
    from mlcore.handoff.graph.make import made
    from mlcore.learning import scoring
    from mlcore.learning.train import out_of_fold

    trial = _trial(run, key)
    shutil.copytree(run.trial_folder(key) / "model", folder)
    carried.carry(folder)
    records.write(folder / FILE, ruling.read(folder))
    plan, scorer = run.plan, scoring.Scorer.load(folder)
    table, truth, learned = _training_rows(run, scorer, everyone=trial.all_rows > 0)
    facts = facts_of(run, trial, scorer, rows=learned, plugins=carried.files(folder))
    _write_golden(folder / "golden", scorer, (table, truth), plan, facts.columns)
    records.write(folder / "plan.json", plan)
    seen = scorer.fields if scorer.recipe is None else ()
    schema = row_schema(facts.columns, title=facts.title, target=plan.goal.target, fields=seen)
    files.write_text(folder / "schema.json", json.dumps(schema, indent=1, ensure_ascii=False) + "\n")
    records.write(folder / "baseline.json", baseline(table, facts.columns, out_of_fold(run.path, key), learned))
    graph = made(folder, scorer, pd.concat([_held_out(run, scorer), table.head(_GATED)]), until=until)
    rebuilding.note(folder, run, scorer.spec["members"], everyone=trial.all_rows > 0)
    _ship(folder, with_recipe=scorer.recipe is not None)
    versions, imported = _versions(folder)
    files.write_text(folder / "requirements.txt", pins.requirements(versions, imported))
    _describe(folder, plan, facts, versions)
    _seal(folder, plan, facts, key, versions, graph.why)


def libraries(model: Path) -> tuple[str, ...]:
    """The libraries of models that a model folder names types of; none when there is no model."""
    if not (model / "model.skops").is_file():
        return ()
    with zipfile.ZipFile(model / "model.skops") as store:
        inside = store.read("schema.json").decode("utf-8")
    return tuple(name for name in pins.OPTIONAL if f'"{name}.' in inside)


def _trial(run: RunFolder, key: str) -> Trial:
    trials = {trial.key: trial for trial in run.trials() if trial.state == "done"}
    if key not in trials:
        raise ChoiceError(key, trials, of="trained model")
    return trials[key]


def _training_rows(run: RunFolder, scorer: Scorer, *, everyone: bool = False) -> tuple[pd.DataFrame, pd.Series, int]:
    """Rows the model was fitted on, as rows to score come: raw, where there is a recipe; their target; their number.

    Of very many rows a sample, in which every label is. With `everyone` the locked rows are among them.
    """
    target, learned = run.plan.goal.target, np.flatnonzero(~run.split.holdout | everyone)
    names = [str(field["name"]) for field in scorer.wanted]
    if run.raw_path is None:
        some = run.positions[_sample(run, learned, len(names))]
        table = picked(run.table_path, some, list(dict.fromkeys([*names, target])))
        return table, table[target], len(learned)
    truth = pd.read_parquet(run.table_path, columns=[target])[target]
    places = raw_rows(run.table_path, len(truth))
    own = learned[places[run.positions[learned]] >= 0]  # rows that were appended are not in the raw table
    some = run.positions[_sample(run, own, len(names))]
    some = some[np.argsort(places[some], kind="stable")]
    return picked(run.raw_path, places[some], names), truth.iloc[some].reset_index(drop=True), len(own)


def _held_out(run: RunFolder, scorer: Scorer) -> pd.DataFrame:
    """Some rows that were locked away, as rows to score come, without their target: none is judged here."""
    names = [str(field["name"]) for field in scorer.wanted]
    chosen = run.positions[run.split.holdout]
    if run.raw_path is not None:
        places = raw_rows(run.table_path, pq.read_metadata(run.table_path).num_rows)
        chosen = np.sort(places[chosen][places[chosen] >= 0])
    some = chosen if len(chosen) <= _GATED else np.sort(np.random.default_rng(run.plan.seed).choice(chosen, _GATED))
    return picked(run.raw_path or run.table_path, np.unique(some), names)


def _sample(run: RunFolder, rows: Integers, columns: int) -> Integers:
    """Of these rows of the run as many as describe the table, and one of each label that chance left out."""
    most = min(_DESCRIBED, max(_LEAST, _DESCRIBED_CELLS // max(1, columns)))
    if len(rows) <= most:
        return rows
    some = np.random.default_rng(run.plan.seed).choice(rows, most, replace=False)
    if run.labels:
        labels, first = np.unique(run.truth[rows], return_index=True)
        some = np.union1d(some, rows[first[~np.isin(labels, run.truth[some])]])
    return np.sort(some)


def _write_golden(
    folder: Path, scorer: Scorer, rows: tuple[pd.DataFrame, pd.Series], plan: Plan, columns: tuple[Column, ...]
) -> None:
    """Golden rows from up to 5,000 training rows: first one predicted as each label, then a spread over the truth."""
    from mlcore.learning.scoring import labels_of

    table, truth = rows
    count = max(min(_SCORED, max(_LEAST, _SCORED_CELLS // max(1, len(columns)))), len(scorer.labels))
    classes = labels_of(truth).reset_index(drop=True) if scorer.labels else pd.Series([""] * len(table))
    places = golden.chosen(classes, count=count, seed=plan.seed)  # class by class, so that a rare one is there
    few, truth = table.iloc[places], truth.iloc[places]
    said = scorer.frame(few)["prediction"]
    words = labels_of(truth) if scorer.labels else pd.Series(pd.qcut(truth.rank(method="first"), 10, labels=False))
    each = max(golden.ORDINARY // 2, len(scorer.labels))
    likely = golden.chosen(pd.Series(said) if scorer.labels else words.reset_index(drop=True), count=each)
    spread = golden.chosen(words.reset_index(drop=True), count=each, seed=1)
    positions = list(dict.fromkeys([*likely, *spread]))
    given = golden.golden(few.iloc[positions], columns, seed=plan.seed)
    folder.mkdir()
    given.to_parquet(folder / "input.parquet", index=False)
    scorer.frame(pd.read_parquet(folder / "input.parquet")).to_parquet(folder / "output.parquet", index=False)


def shipped(*, with_recipe: bool) -> dict[str, str]:
    """The files of code that every bundle has, by name: what scores, the service, and what runs it in a container."""
    from mlcore.data import formula, replay
    from mlcore.learning import obeying, scoring

    runtime = (scoring, obeying, replay, formula) if with_recipe else (scoring, obeying)
    own = (*(Path(str(module.__file__)) for module in runtime), *SHIPPED.glob("*.py"))
    sources = {f"{'tests/' * source.name.startswith('test_')}{source.name}": source for source in own}
    sources |= {f"service/{source.name}": source for source in sorted((SHIPPED / "service").glob("*.*"))}
    sources |= {name: SHIPPED / name for name in ("Dockerfile", "compose.yaml")}
    return {
        name: _without_our_lint(source.read_text(encoding="utf-8")).replace("@PYTHON@", pins.python())
        for name, source in sources.items()
        if name != "__init__.py"
    }


def _ship(folder: Path, *, with_recipe: bool) -> None:
    for name, text in shipped(with_recipe=with_recipe).items():
        files.write_text(folder / name, text)
    files.write_text(folder / "pytest.ini", _PYTEST)
    files.write_text(folder / "python_env.yaml", _ENVIRONMENT.format(python=pins.python()))
    files.write_text(folder / ".dockerignore", _UNNEEDED)
    files.write_text(folder / "service" / "requirements.txt", pins.service())


def _without_our_lint(code: str) -> str:
    """The code without the remarks for the tools of this project, and with imports as the files lie in a bundle."""
    code = _ROOMS.sub("", code)
    for remark in ("  # noqa: E402", "  # noqa: ARG002", "  # type: ignore[import-not-found]"):
        code = code.replace(remark, "")
    return code


def _versions(folder: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """The pins of what is inside: a library of models counts when the stored model names its types."""
    needed = libraries(folder)
    needed += (pins.RUNTIME,) if (folder / "model.onnx").is_file() else ()
    needed += tuple(name for name in carried.packages(folder) if name not in (*pins.IMPORTED, *needed))
    return pins.pins(needed), (*pins.IMPORTED, *needed)


def _describe(folder: Path, plan: Plan, facts: Facts, versions: dict[str, str]) -> None:
    files.write_text(folder / "README.md", card.readme(plan, facts))
    files.write_text(folder / "model_card.md", card.model_card(plan, facts))
    files.write_text(folder / "MLmodel", card.mlmodel(facts, versions, pins.python()))


def _seal(folder: Path, plan: Plan, facts: Facts, key: str, versions: dict[str, str], no_graph: str) -> None:
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
        versions=versions,
        files=manifest.contents(folder),
        no_graph=no_graph,
        rests_on=facts.rests_on,
    )
    records.write(folder / manifest.NAME, sealed)
