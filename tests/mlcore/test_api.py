from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlcore
from mlcore.api import contributions
from mlcore.data.dataset import Dataset
from mlcore.errors import BundleError, ColumnError
from mlcore.explanation.explanation import Explanation
from mlcore.workspace.task import Outcome, Task
from tests.kept import InlineEngine


def test_importing_mlcore_is_light() -> None:
    heavy = {"sklearn", "shap", "plotly", "streamlit", "lightgbm", "pandas", "polars"}
    code = f"import sys, time, mlcore; assert not {heavy} & set(sys.modules); assert time.process_time() < 1.0"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(mlcore.__file__).parents[1])


def test_the_verbs_are_there_and_nothing_else_is_invented() -> None:
    assert set(mlcore.__all__) <= set(dir(mlcore))
    assert all(callable(getattr(mlcore, verb)) for verb in mlcore.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'frobnicate'"):
        mlcore.frobnicate  # noqa: B018


@pytest.mark.slow
@pytest.mark.usefixtures("one_round")
def test_a_frame_goes_in_and_records_come_out(iris: pd.DataFrame, tmp_path: Path) -> None:
    trained = mlcore.train(iris, "species", seconds=120, models=("rule",), seed=1, out=tmp_path / "bundle")
    assert trained.plan.goal.task == "multiclass"
    assert trained.holdout is None  # 150 rows: too few to lock any away
    assert trained.bundle is not None
    assert mlcore.verify(tmp_path / "bundle").ok
    said = mlcore.predict(tmp_path / "bundle", iris)
    assert said.labels == ("setosa", "versicolor", "virginica")
    frame = mlcore.score(tmp_path / "bundle", iris)
    assert np.allclose(frame["probability_setosa"], said.values[:, 0])
    assert mlcore.evaluate(tmp_path / "bundle", iris).n == 150
    explanation = mlcore.explain(tmp_path / "bundle", iris.head(5))
    table = contributions(explanation)
    assert np.allclose(table.drop(columns="output").sum(axis=1), table["output"])
    again = mlcore.bundle(trained.run.id, tmp_path / "again.zip", key="baseline")
    assert again.manifest.model == "baseline"
    assert mlcore.bundle(trained, tmp_path / "as-the-readme-says").manifest.model == trained.best


def test_what_training_takes_is_told_without_training(iris: pd.DataFrame) -> None:
    told = mlcore.estimate(iris, "species", seconds=60, models=("rule", "linear"))
    assert told.configurations == told.fitting > 2
    assert "configurations fit into 60 s" in told.sentence
    with pytest.raises(ColumnError):
        mlcore.estimate(iris, "specie")


def test_load_gives_a_card_that_every_verb_takes(cancer: pd.DataFrame) -> None:
    dataset = mlcore.load(cancer.head(60), name="cancer")
    assert isinstance(dataset, Dataset)
    assert mlcore.load(dataset) is dataset
    assert mlcore.profile(dataset, "diagnosis").rows == 60
    with pytest.raises(ColumnError, match="diagnosis"):
        mlcore.profile(dataset, "diagnos")


def test_a_run_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no run 'abcdefabcdef'"):
        mlcore.bundle("abcdefabcdef", tmp_path / "out")


def explanation_of(columns: tuple[str, ...], values: np.ndarray, base: np.ndarray) -> Explanation:
    return Explanation(
        task="multiclass",
        outputs=("a", "b", "c"),
        columns=columns,
        base=base,
        values=values,
        output=base + values.sum(axis=1),
        table=pd.DataFrame(np.zeros((len(values), len(columns))), columns=list(columns)),
        rows=np.arange(len(values)),
        population=len(values),
        methods=("by hand",),
        seconds=0.0,
        additivity_error=0.0,
    )


def test_contributions_are_those_of_the_predicted_label() -> None:
    values = np.zeros((2, 2, 3))
    values[0, 0] = [0.5, -0.25, -0.25]
    values[1, 1] = [-0.2, -0.2, 0.4]
    table = contributions(explanation_of(("x", "base"), values, np.array([0.2, 0.4, 0.4])))
    assert list(table) == ["base", "x", "base (column)", "output"]
    assert table["output"].tolist() == pytest.approx([0.7, 0.8])
    assert table["base"].tolist() == pytest.approx([0.2, 0.4])
    assert np.allclose(table.drop(columns="output").sum(axis=1), table["output"])


def test_contributions_add_up_whatever_the_columns_are_called() -> None:
    names = ("base", "base (column)", "output")
    table = contributions(explanation_of(names, np.full((2, 3, 3), 0.1), np.array([0.2, 0.4, 0.4])))
    assert list(table) == ["base", "base (column) (column)", "base (column)", "output (column)", "output"]
    assert np.allclose(table.drop(columns="output").sum(axis=1), table["output"])


@pytest.mark.slow
@pytest.mark.usefixtures("one_round")
def test_a_single_date_is_read_in_the_order_of_the_training_file(tmp_path: Path) -> None:
    days = pd.date_range("2021-01-01", periods=360)
    high = np.where(days.month <= 6, 1.0, 0.0) + np.random.default_rng(0).normal(0, 0.05, len(days))
    table = pd.DataFrame({"when": days.strftime("%m/%d/%Y"), "y": high})
    table.to_csv(tmp_path / "all.csv", index=False)
    table[(days.month == 2) & (days.day == 9)].to_csv(tmp_path / "one.csv", index=False)  # 02/09: also 2 September
    mlcore.train(tmp_path / "all.csv", "y", seconds=120, models=("rule",), out=tmp_path / "bundle")
    alone = mlcore.predict(tmp_path / "bundle", tmp_path / "one.csv").values
    crowd = mlcore.predict(tmp_path / "bundle", tmp_path / "all.csv").values
    assert alone[0] == crowd[(days.month == 2) & (days.day == 9)][0]


@pytest.mark.slow
@pytest.mark.usefixtures("one_round")
def test_the_best_is_handed_over_unless_the_simplest_of_the_tied_is_asked_for(iris: pd.DataFrame) -> None:
    asked = {"seconds": 30.0, "models": ("neighbours", "rule"), "search": False}
    trained = mlcore.train(iris, "species", **asked)
    assert trained.best == trained.leaderboard.best
    simple = mlcore.train(iris, "species", simple=True, **asked)
    assert simple.best == simple.leaderboard.recommended


def test_what_is_handed_over_can_learn_from_all_rows_and_the_numbers_stay_those_of_the_judged(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame({"x": random.normal(size=400), "z": random.normal(size=400)})
    table["y"] = table["x"] + 0.3 * random.normal(size=400)
    asked: dict[str, Any] = {"seconds": 120, "models": ("linear",), "search": False}
    trained = mlcore.train(table, "y", all_rows=True, out=tmp_path / "bundle", **asked)
    assert trained.handed == f"{trained.best}-all"
    assert trained.holdout is not None
    assert trained.bundle is not None
    assert trained.bundle.manifest.model == trained.handed
    assert "all 400 rows" in trained.bundle.manifest.rests_on
    assert trained.handed not in [row.key for row in trained.leaderboard.rows]
    few = mlcore.train(table.iloc[:150], "y", all_rows=True, **asked)
    assert few.handed == few.best
    assert "No rows were locked away" in few.all_rows


class TwoLanes(InlineEngine):
    """Notes what it was asked for, as if there were two lanes."""

    lanes = 2

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def run(self, task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        self.asked.append((task.call.partition(":")[2], str(task.args.get("key", ""))))
        return super().run(task, wanted)


@pytest.mark.usefixtures("one_round")
def test_members_of_the_best_are_fitted_on_all_rows_once_and_the_longest_beside_the_comparison(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame({"x": random.normal(size=400), "z": random.normal(size=400)})
    table["y"] = table["x"] + np.abs(table["z"]) + 0.3 * random.normal(size=400)
    engine = TwoLanes()
    trained = mlcore.train(
        table, "y", all_rows=True, seconds=120, models=("linear", "tree"), search=False, engine=engine
    )
    assert trained.best == "blend"
    assert trained.handed == "blend-all"
    asked = [verb for verb, _ in engine.asked]
    learned = [key for verb, key in engine.asked if verb == "member_again"]
    assert sorted(learned) == sorted(key for key, _ in trained.run["blend"].weights)
    assert asked.index("member_again") < asked.index("open_holdout") < asked.index("again")
    assert not list(Path(os.environ["TABLESMITH_HOME"]).glob("runs/*/learned"))
