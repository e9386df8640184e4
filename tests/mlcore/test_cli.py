"""The command line from a table to a verified bundle, on tables that are not in sample_data."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore import cli
from mlcore.evaluation.costs import Costs
from mlcore.workspace.store import Store

Call = Callable[..., "Said"]


class Said:
    """What one command gave back."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        assert self.out.count("\n") == 1, "exactly one document on one line"
        return json.loads(self.out)


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    def run(*words: object) -> Said:
        capfd.readouterr()
        code = cli.main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Said(code, out, err)

    return run


@pytest.fixture(scope="session")
def tables(
    cancer: pd.DataFrame, diabetes: pd.DataFrame, iris: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    cancer.iloc[:, [*range(8), -1]].to_csv(folder / "cancer.csv", index=False)
    diabetes.to_csv(folder / "diabetes.csv", index=False)
    iris.to_parquet(folder / "iris.parquet", index=False)
    return folder


@pytest.fixture(scope="session")
def trained(tables: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One training over the command line in a process of its own, as a user would."""
    folder = tmp_path_factory.mktemp("trained")
    words = ["train", tables / "cancer.csv", "--target", "diagnosis", "--positive", "malignant", "--budget", "240"]
    words += ["--models", "rule", "--no-search", "--out", folder / "bundle", "--json"]
    command = [sys.executable, "-m", "mlcore", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env=_environment(folder / "home"), check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    return {"home": folder / "home", "bundle": folder / "bundle", "document": document, "said": done.stderr}


def _environment(home: Path) -> dict[str, str]:
    import os

    root = str(Path(cli.__file__).resolve().parents[2])
    return {**os.environ, "TABLESMITH_HOME": str(home), "PYTHONPATH": root}


def test_train_says_first_what_it_will_take(trained: dict[str, Any]) -> None:
    (line,) = [line for line in trained["said"].splitlines() if "mlcore.estimate" in line]
    assert "configurations fit into 4 min" in line
    assert "memory up to about" in line


def test_train_prints_the_document_of_the_contract(trained: dict[str, Any]) -> None:
    document = trained["document"]
    assert list(document) == [
        "run", "task", "metric", "higher_is_better", "seconds", "baseline", "best", "recommended", "leaderboard",
        "selection", "holdout", "holdout_opened_before", "findings", "bundle",
    ]  # fmt: skip
    assert (document["task"], document["metric"], document["higher_is_better"]) == ("binary", "roc_auc", True)
    assert {
        "key",
        "title",
        "score",
        "low",
        "high",
        "tied",
        "gain",
        "fit_seconds",
        "ms_per_1000",
        "size_mb",
        "error",
    } == {*document["leaderboard"][0]}
    keys = [row["key"] for row in document["leaderboard"]]
    assert {document["best"], document["baseline"]} <= set(keys)
    assert document["selection"].keys() == {"score", "low", "high", "flattered_by"}
    assert document["holdout"].keys() == {"score", "low", "high", "n"}
    assert document["holdout_opened_before"] == 0
    assert "After choosing among " in (trained["bundle"] / "model_card.md").read_text()
    assert document["seconds"] <= 240 * 1.1


def test_the_run_can_be_opened_in_the_workspace(trained: dict[str, Any]) -> None:
    store = Store.open(trained["home"])
    run = store.run(trained["document"]["run"])
    assert (run.state, run.best) == ("done", trained["document"]["recommended"])
    assert store.job(run.id).state == "done"
    assert list(store.opened(run.id)) == [trained["document"]["best"]]
    assert store.goal(store.job(run.id).dataset or "") is not None
    store.close()


def test_verify_says_yes_and_after_a_flipped_byte_no(trained: dict[str, Any], call: Call, tmp_path: Path) -> None:
    said = call("verify", trained["bundle"], "--json")
    assert said.code == 0
    assert said.document["ok"] is True
    assert said.document["rows"] >= 100
    copy = shutil.copytree(trained["bundle"], tmp_path / "copy")
    content = bytearray((copy / "model.skops").read_bytes())
    content[len(content) // 2] ^= 1
    (copy / "model.skops").write_bytes(content)
    said = call("verify", copy, "--json")
    assert said.code == 1
    assert said.document["ok"] is False
    said = call("verify", copy)
    assert (said.code, said.out) == (1, "")
    assert said.err == "A file of the bundle was changed (model.skops). Export or copy it again.\n"


@pytest.mark.slow
def test_predict_writes_the_rows_in_their_order(
    trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path
) -> None:
    said = call(
        "predict", trained["bundle"], tables / "cancer.csv", "--out", tmp_path / "p.csv", "--reasons", 2, "--json"
    )
    assert said.code == 0
    assert said.document["rows"] == 569
    frame = pd.read_csv(tmp_path / "p.csv", keep_default_na=False)
    assert list(frame) == [
        "prediction", "probability_benign", "probability_malignant", "flags", "reason_1", "reason_2",
    ]  # fmt: skip
    assert np.allclose(frame["probability_benign"] + frame["probability_malignant"], 1)
    truth = pd.read_csv(tables / "cancer.csv")["diagnosis"]
    assert (frame["prediction"] == truth).mean() > 0.9
    assert frame["reason_1"].str.contains("the probability of malignant by").mean() > 0.9


def test_predict_lists_odd_cells_and_does_with_them_what_is_asked(
    trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path
) -> None:
    rows = pd.read_csv(tables / "cancer.csv").astype(object).head(20)
    rows.loc[4, "mean radius"] = "wide"
    rows.to_csv(tmp_path / "rows.csv", index=False)
    words = ("predict", trained["bundle"], tmp_path / "rows.csv", "--errors", tmp_path / "odd.csv", "--no-unlike")
    said = refused(call(*words, "--out", tmp_path / "p.csv", "--on-error", "unreadable=reject"))
    assert "rows.csv; first: row 5, column 'mean radius': 'wide'" in said
    assert not (tmp_path / "p.csv").exists()
    assert pd.read_csv(tmp_path / "odd.csv")["row"].tolist() == [5]
    flagged = call(*words, "--out", tmp_path / "p.csv", "--json").document
    (fault,) = [one for one in flagged["faults"] if one["problem"] == "unreadable"]
    assert fault == {"problem": "unreadable", "column": "mean radius", "cells": 1, "done": "flag"}
    assert pd.read_csv(tmp_path / "p.csv")["flags"][4] == "unreadable:mean radius"
    filled = call(*words, "--out", tmp_path / "p.xlsx", "--on-error", "fill", "--keep", "--json").document
    assert (filled["flagged"], filled["unlike"]) == (0, None)
    assert filled["columns"][3:5] == ["flags", "mean radius"]
    assert "nothing" in refused(call(*words, "--out", tmp_path / "p.csv", "--on-error", "nothing"))
    assert "one file" in refused(call(*words[:3], "--errors", tmp_path / "p.csv", "--out", tmp_path / "p.csv"))


def test_predict_reads_parquet_and_writes_parquet_equally(
    trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path
) -> None:
    pd.read_csv(tables / "cancer.csv").iloc[::-1].to_parquet(tmp_path / "turned.parquet")
    assert call("predict", trained["bundle"], tables / "cancer.csv", "--out", tmp_path / "a.csv").code == 0
    assert call("predict", trained["bundle"], tmp_path / "turned.parquet", "--out", tmp_path / "b.parquet").code == 0
    one, two = pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "b.parquet")
    assert np.allclose(one["probability_malignant"], two["probability_malignant"].to_numpy()[::-1], atol=1e-12)


def test_explain_adds_up_in_every_row(trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path) -> None:
    assert call("explain", trained["bundle"], tables / "cancer.csv", "--out", tmp_path / "e.csv").code == 0
    frame = pd.read_csv(tmp_path / "e.csv")
    assert list(frame.columns[[0, -1]]) == ["base", "output"]
    assert frame.shape == (569, 10)
    assert np.abs(frame.drop(columns="output").sum(axis=1) - frame["output"]).max() < 1e-6


def test_evaluate_gives_every_metric_with_its_interval(trained: dict[str, Any], tables: Path, call: Call) -> None:
    document = call("evaluate", trained["bundle"], tables / "cancer.csv", "--json").document
    assert document["n"] == 569
    assert document["metrics"]["roc_auc"].keys() == {"value", "low", "high"}
    assert document["metrics"]["roc_auc"]["low"] <= document["metrics"]["roc_auc"]["value"]


def test_export_makes_a_zip_that_verifies(trained: dict[str, Any], call: Call, tmp_path: Path) -> None:
    assert call("export", trained["bundle"], "--format", "zip", "--out", tmp_path / "b.zip").code == 0
    assert call("verify", tmp_path / "b.zip").code == 0


def test_export_makes_a_zip_whatever_its_name(trained: dict[str, Any], call: Call, tmp_path: Path) -> None:
    assert call("export", trained["bundle"], "--format", "zip", "--out", tmp_path / "model-1.2").code == 0
    assert zipfile.is_zipfile(tmp_path / "model-1.2")
    assert call("verify", tmp_path / "model-1.2").code == 0
    (tmp_path / "empty").mkdir()
    assert "folder" in refused(call("export", trained["bundle"], "--format", "zip", "--out", tmp_path / "empty"))


def test_export_says_what_it_wrote(trained: dict[str, Any], call: Call, tmp_path: Path) -> None:
    done = call("export", trained["bundle"], "--format", "card", "--out", tmp_path / "card.md", "--json")
    assert done.document["format"] == "card"
    assert (tmp_path / "card.md").read_text() == (Path(trained["bundle"]) / "model_card.md").read_text()


def test_profile_prints_one_document(tables: Path, call: Call) -> None:
    document = call("profile", tables / "iris.parquet", "--target", "species", "--json").document
    assert document["rows"] == 150
    assert [column["name"] for column in document["columns"]][-1] == "species"


@pytest.mark.usefixtures("one_round")
@pytest.mark.parametrize(
    ("file", "target", "task"),
    [
        ("diabetes.csv", "target", "regression"),
        pytest.param("iris.parquet", "species", "multiclass", marks=pytest.mark.slow),
    ],
)
def test_other_tasks_go_all_the_way(
    tables: Path, call: Call, tmp_path: Path, file: str, target: str, task: str
) -> None:
    said = call(
        "train",
        tables / file,
        "--target",
        target,
        "--budget",
        120,
        "--models",
        "baseline",
        "--out",
        tmp_path / "b",
        "--json",
    )
    assert said.code == 0, said.err
    assert said.document["task"] == task
    assert call("predict", tmp_path / "b", tables / file, "--out", tmp_path / "p.csv").code == 0
    columns = list(pd.read_csv(tmp_path / "p.csv"))
    assert columns[:2] == (["prediction", "low"] if task == "regression" else ["prediction", "probability_setosa"])
    assert call("evaluate", tmp_path / "b", tables / file).code == 0


@pytest.mark.usefixtures("one_round")
def test_a_column_that_gives_the_target_away_can_be_kept(call: Call, tmp_path: Path) -> None:
    table = pd.DataFrame({"day": pd.date_range("2020-01-01", periods=80).astype(str), "y": np.arange(80.0)})
    table.to_csv(tmp_path / "t.csv", index=False)
    words = ["train", tmp_path / "t.csv", "--target", "y", "--task", "regression", "--models", "baseline", "--json"]
    assert "keep one that was left out" in refused(call(*words))
    said = call(*words, "--keep", "day")
    assert said.code == 0, said.err
    assert [finding["level"] for finding in said.document["findings"] if finding["code"] == "leak"] == ["watch"]


@pytest.mark.usefixtures("one_round")
def test_random_rows_are_chosen_by_time_none(call: Call, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    table = pd.DataFrame({"a": random.normal(size=90), "y": random.normal(size=90)})
    table.assign(day=pd.date_range("2020-01-01", periods=90).astype(str)).to_csv(tmp_path / "t.csv", index=False)
    words = ["train", tmp_path / "t.csv", "--target", "y", "--task", "regression", "--models", "baseline", "--json"]
    for more, pointed_out in (((), True), (("--time", "none"), False)):
        said = call(*words, *more)
        assert said.code == 0, said.err
        assert ("time_not_declared" in {finding["code"] for finding in said.document["findings"]}) is pointed_out


def refused(said: Said) -> str:
    """The sentence of a refusal: exit code 2, nothing on stdout, one line on stderr, no traceback."""
    assert said.code == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--target", "diagnosi"], "There is no column 'diagnosi'. Did you mean 'diagnosis'?"),
        (["--target", "diagnosis", "--budget", "soon"], "The budget cannot be 'soon'"),
        (["--target", "diagnosis", "--budget", "0"], "The budget cannot be '0'"),
        (["--target", "diagnosis", "--budget", "nan"], "The budget cannot be 'nan'"),
        (["--target", "diagnosis", "--seed", "-1"], "not a whole number"),
        (["--target", "diagnosis", "--metric", "rocauc"], "Did you mean 'roc_auc'"),
        (["--target", "diagnosis", "--models", "linaer"], "There is no model 'linaer'. Did you mean 'linear'"),
        (["--target", "diagnosis", "--models", ","], "',' names nothing"),
        (["--target", "diagnosis", "--task", "sorting"], "sorting"),
        (["--target", "diagnosis", "--exclude", "nothing"], "There is no column 'nothing'"),
        (["--target", "diagnosis", "--metric", "rmse", "--budget", "5"], "cannot score a binary task"),
        (["--target", "diagnosis", "--metric", "top_3_accuracy", "--budget", "5"], "cannot score a binary task"),
        (["--targ", "diagnosis"], "--target"),
        ([], "required: --target"),
    ],
)
def test_bad_words_of_train_are_refused_in_one_sentence(
    tables: Path, call: Call, words: list[str], sentence: str
) -> None:
    assert sentence in refused(call("train", tables / "cancer.csv", *words, "--json"))


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"a\n1\n", bytes(range(256)) * 40, b"a,b\n1,2\n"])
def test_files_that_are_no_tables_are_refused_in_one_sentence(call: Call, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.csv").write_bytes(content)
    refused(call("train", tmp_path / "bad.csv", "--target", "a", "--budget", 3, "--json"))


def test_a_file_that_is_not_there_is_named(call: Call, trained: dict[str, Any], tmp_path: Path) -> None:
    assert "nothing.csv" in refused(call("train", tmp_path / "nothing.csv", "--target", "a"))
    assert "nothing.csv" in refused(call("profile", tmp_path / "nothing.csv", "--json"))
    assert "nothing.csv" in refused(call("evaluate", trained["bundle"], tmp_path / "nothing.csv"))
    assert "nothing" in refused(call("verify", tmp_path / "nothing"))


def test_the_truth_is_asked_for_by_its_name(trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path) -> None:
    pd.read_csv(tables / "cancer.csv").drop(columns="diagnosis").to_csv(tmp_path / "unlabelled.csv", index=False)
    said = refused(call("evaluate", trained["bundle"], tmp_path / "unlabelled.csv"))
    assert "There is no column 'diagnosis'" in said
    assert "truth" in said


def test_rows_without_a_column_of_the_model_are_refused(
    trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path
) -> None:
    said = refused(call("predict", trained["bundle"], tables / "diabetes.csv", "--out", tmp_path / "p.csv"))
    assert "mean radius" in said
    assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize(
    ("flag", "word", "sentence"),
    [
        ("--gap", "soon", "is no length of time"),
        ("--recent", "long", "half-life 'long' is no length of time"),
        ("--monotone", "price", "no column with a direction"),
        ("--monotone", "price:up,price:down", "is to go up and down"),
        ("--class-weight", "yes", "no name with a number"),
        ("--class-weight", "yes=1,yes=2", "has two numbers"),
        ("--costs", "win=3", "'win' is no outcome"),
        ("--costs", "tp=much", "no name with a number"),
    ],
)
def test_a_demand_that_cannot_be_read_is_refused(flag: str, word: str, sentence: str, tables: Path, call: Call) -> None:
    assert sentence in refused(call("train", tables / "cancer.csv", "--target", "diagnosis", flag, word))


def test_what_the_table_cannot_give_is_refused_before_training(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLESMITH_HOME", str(tmp_path / "home"))
    rows = 60
    frame = pd.DataFrame({"x": range(rows), "w": [-1, 2] * 30, "part": ["train", "valid", "test"] * 20})
    frame["day"] = pd.date_range("2024-01-01", periods=rows).strftime("%Y-%m-%d")
    frame["y"] = ["yes", "no", "no"] * 20
    frame.to_csv(tmp_path / "t.csv", index=False)
    words = ["train", tmp_path / "t.csv", "--target", "y", "--budget", "20", "--weight", "w", "--split", "part"]
    words += ["--monotone", "x:up", "--class-weight", "yes=2", "--costs", "tp=9,fp=-1", "--time", "day", "--gap", "2d"]
    words += ["--owner", "Sales", "--purpose", " whom to call ", "--not-for", "prices"]
    assert "30 rows have a weight below 0, the lowest is -1 (column 'w')" in refused(call(*words, "--recent", "9d"))
    store = Store.open(tmp_path / "home")
    (card,) = store.datasets()
    goal = store.goal(card.id)
    store.close()
    assert goal is not None
    assert (goal.weight, goal.split, goal.gap, goal.recent) == ("w", "part", 2 * 86_400, 9 * 86_400)
    assert (goal.monotone, goal.class_weight) == ({"x": "up"}, {"yes": 2.0})
    assert goal.costs == Costs(tp=9.0, fp=-1.0)
    assert (goal.owner, goal.purpose, goal.not_for) == ("Sales", "whom to call", "prices")


def test_places_that_cannot_be_written_are_refused_before_any_work(
    trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path
) -> None:
    refused(call("predict", trained["bundle"], tables / "cancer.csv", "--out", tmp_path / "p.xls"))
    refused(call("predict", trained["bundle"], tables / "cancer.csv", "--out", tmp_path / "no" / "p.csv"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    said = call("train", tables / "cancer.csv", "--target", "diagnosis", "--out", tmp_path / "mine")
    assert "something else" in refused(said)
    under_a_file = tmp_path / "mine" / "thesis.txt" / "bundle"
    said = call("train", tables / "cancer.csv", "--target", "diagnosis", "--out", under_a_file)
    assert "The bundle cannot be written there" in refused(said)
    said = call("export", trained["bundle"], "--format", "zip", "--out", under_a_file)
    assert "The bundle cannot be written there" in refused(said)


def test_the_rows_that_are_read_are_never_written_over(
    trained: dict[str, Any], tables: Path, call: Call, tmp_path: Path
) -> None:
    rows, link = tmp_path / "rows.csv", tmp_path / "link.csv"
    shutil.copy(tables / "cancer.csv", rows)
    link.symlink_to(rows)
    kept, bundle = rows.read_bytes(), Path(trained["bundle"])
    for words in (("predict", "--out", rows), ("predict", "--out", link), ("explain", "--out", rows)):
        assert "cannot be written over" in refused(call(words[0], bundle, rows, *words[1:]))
    words = ("predict", bundle, rows, "--out", tmp_path / "p.csv", "--errors", rows)
    assert "cannot be written over" in refused(call(*words))
    alone = subprocess.run(
        [sys.executable, "predict.py", str(rows), str(link)], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert (alone.returncode, alone.stderr.count("\n")) == (2, 1)
    assert "name another file" in alone.stderr
    assert rows.read_bytes() == kept


def test_an_unknown_format_or_command_names_what_there_is(trained: dict[str, Any], call: Call, tmp_path: Path) -> None:
    assert "'zip'" in refused(call("export", trained["bundle"], "--format", "fax", "--out", tmp_path / "b"))
    assert "model card" in refused(call("export", trained["bundle"], "--format", "report", "--out", tmp_path / "b"))
    assert "evaluate" in refused(call("evaluat"))


def test_what_a_library_prints_never_reaches_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    import os

    with cli._silenced():
        print("from Python")
        os.write(1, b"from compiled code\n")
    print("after")
    out, err = capfd.readouterr()
    assert out == "after\n"
    assert "from Python" in err
    assert "from compiled code" in err


def test_a_mistake_of_ours_is_one_sentence_too(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import mlcore.api

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr(mlcore.api, "profile", broken)
    said = call("profile", "x.csv", "--json")
    assert said.code == 1
    assert said.out == ""
    assert said.err == "This should not happen: ZeroDivisionError: oh no. TABLESMITH_DEBUG=1 shows more.\n"
