"""The script and the notebook train the model again from the raw file, without this project, to the same score."""

from __future__ import annotations

import ast
import json
import runpy
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.data.load import load, read_table
from mlcore.errors import BundleError
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporters.notebook import NOTEBOOK
from mlcore.handoff.exporters.script import SCRIPT
from mlcore.handoff.rebuilding import NOTE, Rebuild
from mlcore.handoff.script.sections import Code, Section
from mlcore.handoff.script.written import notebook, script
from mlcore.learning import rounds, train
from mlcore.learning.calibrate import calibrate
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.planning import make_plan
from mlcore.workspace import errands
from tests.benchmarks.parity import stacked

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]


@pytest.fixture(autouse=True)
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a script imports from its folder is gone after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    ours = ("predict", "scoring", "obeying", "replay", "formula", "comparison", "steps")
    for name in [name for name in sys.modules if name.partition(".")[0] in ours]:
        del sys.modules[name]


def rebuilt(folder: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the script in this folder says of the table."""
    monkeypatch.setattr(sys, "argv", ["train.py", str(table)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(folder / "train.py"), run_name="__main__")
    assert ended.value.code == 0
    said: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return said


def test_the_script_reaches_the_same_score_from_the_raw_file(
    cancer_bundle: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SCRIPT.write(cancer_bundle, tmp_path / "script")
    said = rebuilt(tmp_path / "script", cancer_run.parent / "table.csv", monkeypatch)
    assert said["largest_difference"] <= 1e-9
    assert said["rebuilt"]["roc_auc"] == pytest.approx(said["handed_over"]["roc_auc"])


def test_the_code_imports_nothing_of_this_project(cancer_bundle: Path, tmp_path: Path) -> None:
    SCRIPT.write(cancer_bundle, tmp_path / "script")
    for file in (tmp_path / "script").rglob("*.py"):
        assert "mlcore" not in file.read_text(), file
    names = {node.func.id for node in ast.walk(ast.parse((tmp_path / "script" / "train.py").read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    assert {"ColumnTransformer", "LogisticRegression", "Pipeline"} <= names


def test_every_cell_of_the_notebook_runs(
    cancer_bundle: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    NOTEBOOK.write(cancer_bundle, tmp_path / "notebook")
    book = json.loads((tmp_path / "notebook" / "train.ipynb").read_text())
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    shutil.copyfile(cancer_run.parent / "table.csv", tmp_path / "notebook" / "table.csv")
    monkeypatch.chdir(tmp_path / "notebook")
    known: dict[str, Any] = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), known)
    assert known["same"]


def test_words_of_the_user_are_words_in_the_script_and_in_the_notebook() -> None:
    bad = 'a"""\0\n\nimport os; os.abort()\r<img src=x>_b_ \\'
    sections = tuple(Section(title=bad, text="It is told.", code="pass", lines=(bad, bad)) for _ in range(2))
    code = Code(title=bad, target=bad, sections=sections, steps={})
    tree = ast.parse(script(code))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
    book = json.loads(notebook(code))
    texts = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown"]
    assert all("<img" not in text.replace("\\<", "") for text in texts)
    assert texts[0].startswith("# a")
    assert texts[0].count("\n") == 2


def test_another_table_is_refused_in_a_sentence(
    cancer_bundle: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    SCRIPT.write(cancer_bundle, tmp_path / "script")
    pd.read_csv(cancer_run.parent / "table.csv").iloc[1:].to_csv(tmp_path / "other.csv", index=False)
    monkeypatch.setattr(sys, "argv", ["train.py", str(tmp_path / "other.csv")])
    with pytest.raises(SystemExit, match="the model learned from a table of 190"):
        runpy.run_path(str(tmp_path / "script" / "train.py"), run_name="__main__")


def test_a_bundle_without_the_note_is_refused_in_a_sentence(cancer_bundle: Path, tmp_path: Path) -> None:
    shutil.copytree(cancer_bundle, tmp_path / "old")
    (tmp_path / "old" / NOTE).unlink()
    assert "earlier version" in SCRIPT.barred(tmp_path / "old")
    with pytest.raises(BundleError, match="build it anew"):
        SCRIPT.write(tmp_path / "old", tmp_path / "out")
    records.write(tmp_path / "old" / NOTE, Rebuild(table_rows=3, refused="some of its rows were appended"))
    assert "some of its rows were appended" in SCRIPT.barred(tmp_path / "old")


FAMILIES = {
    "baseline": "regression", "rule": "multiclass", "tree": "binary", "linear": "multiclass", "bayes": "multiclass",
    "scorecard": "binary", "additive": "regression", "neighbours": "binary", "forest": "multiclass",
    "extra": "regression", "histogram": "binary", "lightgbm": "multiclass", "xgboost": "regression",
    "catboost": "binary", "net": "regression", "kernel": "regression", "shrunk": "binary",
}  # fmt: skip


@pytest.fixture(scope="module")
def twice(untidy: pd.DataFrame) -> pd.DataFrame:
    """300 rows with gaps, dates, codes and awkward names."""
    return pd.concat([untidy, untidy.sample(frac=1, random_state=1)], ignore_index=True)


def target_of(task: str) -> str:
    return {"binary": "open", "multiclass": "species", "regression": "länge; cm"}[task]


@pytest.mark.slow
@pytest.mark.parametrize(("model", "task"), FAMILIES.items())
def test_every_family_is_trained_again_to_the_same_score(
    model: str, task: str, twice: pd.DataFrame, make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not MODELS[model].installed:
        pytest.skip("not installed")
    run = make_run(twice, Goal(target=target_of(task), task=task, metric=""), model)  # type: ignore[arg-type]
    bundle(run, model, tmp_path / "bundle")
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", run.parent / "table.csv", monkeypatch)
    assert said["largest_difference"] <= 1e-6


def test_every_family_has_its_turn() -> None:
    assert set(FAMILIES) == {kind.key for kind in MODELS if kind.build.__module__.startswith("mlcore.")}


@pytest.mark.slow
def test_an_ensemble_with_weights_is_trained_again_member_by_member(
    cancer: pd.DataFrame, make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = cancer[["mean texture", "mean smoothness", "mean symmetry", "diagnosis"]]
    goal = Goal(target="diagnosis", task="binary", metric="", class_weight={"benign": 1.0, "malignant": 2.0})
    run = make_run(table, goal, "linear")
    train.fit(run, "linear-curves")
    blend = train.blend(run)
    assert blend is not None
    bundle(run, blend.key, tmp_path / "bundle")
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", run.parent / "table.csv", monkeypatch)
    assert said["measured_on"] == "rows that were locked away"
    assert said["largest_difference"] <= 1e-9
    text = (tmp_path / "script" / "train.py").read_text()
    assert text.count("members.append(") == 2
    assert "sample_weight=weights[rows]" in text


@dataclass(frozen=True)
class Case:
    """A way to train. `keys` are the candidates (by default the models), `mixed` is what is made of them."""

    table: pd.DataFrame
    goal: Goal
    models: str
    keys: tuple[str, ...] = ()
    mixed: str = ""
    method: str = "folds"


def drawn(rows: int, seed: int = 0) -> pd.DataFrame:
    """Numbers, words, dates and notes, with a label and a long-tailed number that follow from them."""
    chance = np.random.default_rng(seed)
    a, b, noise = chance.normal(size=(3, rows))
    town = chance.choice(["Bonn", "Köln", "Hof"], rows)
    yes = a + b**2 - 1 + (town == "Hof") + noise > 0
    words = np.array(["fast", "slow", "late", "early", "red", "house", "train", "order", "broken", "nice"])
    notes = [" ".join(chance.choice(words, 5)) + " awful" * int(say) for say in yes & (chance.random(rows) < 0.6)]
    return pd.DataFrame(
        {
            "a": a.round(3),
            "b": np.where(chance.random(rows) < 0.1, np.nan, b.round(3)),
            "town": town,
            "seen": pd.Timestamp("2023-01-01") + pd.to_timedelta(chance.integers(0, 700, rows), unit="D"),
            "shop": chance.integers(0, rows // 8, rows),
            "note": notes,
            "paid": np.exp(1 + a + 0.4 * noise).round(2),
            "open": np.where(yes, "yes", "no"),
        }
    )


def broad(rows: int = 240, columns: int = 520) -> pd.DataFrame:
    """More columns than are kept in ordinary tables: most of them zero here and there, one twice, some with gaps."""
    chance = np.random.default_rng(1)
    cells = chance.normal(size=(rows, columns)).round(2)
    cells[:, 100:400] *= chance.random((rows, 300)) < 0.1
    cells[:, 500] = cells[:, 499]
    cells[::7, 450], cells[::9, 110] = np.nan, np.nan
    table = pd.DataFrame(cells, columns=[f"v{number}" for number in range(columns)])
    return table.assign(open=np.where(cells[:, 0] + cells[:, 1] + np.nan_to_num(cells[:, 120]) > 0, "yes", "no"))


def binary(**more: Any) -> Goal:
    return Goal(target="open", task="binary", metric="log_loss", positive="yes", **more)


def paid() -> Goal:
    return Goal(target="paid", task="regression", metric="rmse")


PLAIN, DATED, SHOPS, NOTED = ["a", "b", "town"], ["a", "b", "seen"], ["a", "b", "shop"], ["a", "town", "note"]
WAYS: dict[str, Callable[[], Case]] = {
    "stack": lambda: Case(drawn(240)[[*PLAIN, "open"]], binary(), "linear,lightgbm,bayes", mixed="stack"),
    "stacked numbers": lambda: Case(
        drawn(240)[[*PLAIN, "paid"]], paid(), "linear,tree", mixed="stack"
    ),
    "calibrated": lambda: Case(
        drawn(750)[[*PLAIN, "open"]], binary(class_weight={"yes": 6.0}), "linear", ("linear",), "calibrated"
    ),
    "in time": lambda: Case(
        drawn(400)[[*DATED, "open"]], binary(time="seen", recent=100 * 86_400.0), "lightgbm", method="forward in time"
    ),
    "groups": lambda: Case(drawn(300)[[*SHOPS, "open"]], binary(group="shop"), "linear", method="group folds"),
    "balanced": lambda: Case(
        drawn(400)[[*PLAIN, "shop", "open"]], binary(weight="shop", class_weight="balanced"), "lightgbm"
    ),
    "balanced part": lambda: Case(
        drawn(400)[[*PLAIN, "open"]], binary(class_weight="balanced"), "linear,lightgbm", mixed="stack",
        method="one split",
    ),
    "logarithm": lambda: Case(
        drawn(300)[[*PLAIN, "paid"]], paid(), "linear,lightgbm", ("linear-log", "lightgbm"), "stack"
    ),
    "texts": lambda: Case(drawn(300)[[*NOTED, "open"]], binary(), "linear,lightgbm", mixed="stack"),
    "wide": lambda: Case(broad(), binary(), "linear,lightgbm,bayes", mixed="stack"),
}  # fmt: skip


def trained(case: Case, folder: Path) -> tuple[Path, str]:
    """The folder of a run of this case, and the key of what is to be handed over."""
    case.table.to_csv(folder / "table.csv", index=False)
    dataset = load(folder / "table.csv", out=folder / "table.parquet")
    names = tuple(case.models.split(","))
    plan, _ = make_plan(read_table(dataset), dataset.schema, dataset.fingerprint, case.goal, seconds=60, models=names)
    plan = replace(plan, validation=replace(plan.validation, method=case.method, repeats=1))  # type: ignore[arg-type]
    run = folder / "run"
    train.prepare(Path(dataset.path), plan, run)
    for key in case.keys or names:
        trial = train.fit(run, key)
        assert trial.state == "done", trial.reason
    if case.mixed == "calibrated":
        return run, calibrate(run, key).key
    made = stacked(RunFolder(run)) if case.mixed else None
    return run, key if made is None else made.key


@pytest.mark.filterwarnings("ignore:`TargetEncoder.shuffle`:FutureWarning")  # until scikit-learn 1.11 takes it away
@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_it_is_trained_again_to_the_same_score_however_it_was_trained(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where one part is judged on, it is as in tables of many cells: the model of that part is kept."""
    monkeypatch.setattr(rounds, "CELLS_KEPT", 100)
    case = WAYS[way]()
    run, key = trained(case, tmp_path)
    assert not case.mixed or key.endswith(case.mixed), key
    bundle(run, key, tmp_path / "bundle")
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", tmp_path / "table.csv", monkeypatch)
    assert said["largest_difference"] <= 1e-6


@pytest.mark.filterwarnings("ignore:`TargetEncoder.shuffle`:FutureWarning")  # until scikit-learn 1.11 takes it away
@pytest.mark.parametrize(
    "way", ["groups", *(pytest.param(way, marks=pytest.mark.slow) for way in ("stack", "balanced", "in time", "texts"))]
)
def test_what_has_learned_from_all_rows_is_trained_again_from_all_rows(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = replace(WAYS[way](), table=WAYS[way]().table.pipe(lambda one: pd.concat([one, one.iloc[::2]])))
    run, judged = trained(case, tmp_path)
    assert RunFolder(run).split.holdout.any()
    errands.open_holdout(str(run), judged)
    made = bundle(run, train.again(run, judged).key, tmp_path / "bundle")
    assert "the locked rows can judge it no more" in made.manifest.rests_on
    for told in ("model_card.md", "README.md"):
        assert f"all {len(RunFolder(run).truth):,} rows" in (tmp_path / "bundle" / told).read_text(), told
    SCRIPT.write(tmp_path / "bundle", tmp_path / "script")
    said = rebuilt(tmp_path / "script", tmp_path / "table.csv", monkeypatch)
    assert said["measured_on"] == "rows learned from"
    assert said["rows"] == len(RunFolder(run).truth)
    assert said["largest_difference"] <= 1e-6
