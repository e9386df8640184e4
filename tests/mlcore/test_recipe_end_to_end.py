"""From a messy file to a bundle: what a recipe does to the table, it does to every row that is scored, everywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import api, records
from mlcore.cli import main
from mlcore.data.load import load, read_table, store_frame
from mlcore.data.prepare_table import prepared
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporting import export_as
from mlcore.learning.audit import Origin
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.planning import make_plan
from mlcore.learning.run import Run
from mlcore.learning.scoring import Scorer, ScoringError
from mlcore.learning.train import conclude, fit, prepare
from mlcore.workspace import errands

KEY = "linear"


def messy(rows: int = 420, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    age = random.integers(18, 80, rows).astype(float)
    town = random.choice(["Bonn", "Köln", "bonn", "Trier", "Hof", "Ulm"], rows, p=[0.3, 0.3, 0.2, 0.18, 0.01, 0.01])
    income = random.integers(10, 90, rows) * 100
    wait = age / 10 + (income > 5000) * 3 + random.normal(0, 1, rows)
    return pd.DataFrame(
        {
            "Age (years)": np.where(random.random(rows) < 0.1, np.nan, age),
            "income": np.where(random.random(rows) < 0.1, -1, income),
            "town": town,
            "seen": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 300, rows), unit="D"),
            "weight": [f"{value:.1f}".replace(".", ",") + " kg" for value in random.normal(70, 9, rows)],
            "wait": np.round(wait, 2),
            "note": "x",
        }
    )


def recipe() -> Recipe:
    made = EMPTY
    for repair, params in (
        ("rename", {"pairs": [["Age (years)", "age"]]}),
        ("replace", {"columns": ["income"], "pairs": [["-1", None]]}),
        ("replace", {"columns": ["town"], "pairs": [["bonn", "Bonn"]]}),
        ("replace", {"columns": ["weight"], "pairs": [[" kg", ""]], "whole": False}),
        ("change_kind", {"columns": ["weight"], "kind": "numeric", "decimal": ","}),
        ("derive", {"name": "per year", "expression": "income / (age - 18)"}),
        ("extract", {"column": "seen", "what": "weekday"}),
        ("join", {"dataset": "t", "keys": [["town", "name"]], "take": ["people"]}),
        ("derive", {"name": "long", "expression": "if(wait > 7, 'yes', 'no')"}),
        ("filter_rows", {"expression": "missing(age) or age < 75"}),
        ("fill", {"columns": ["age", "income"], "how": "median"}),
        ("cap", {"columns": ["weight"], "by": "share", "share": 2}),
        ("merge_rare", {"columns": ["town"], "share": 5}),
        ("drop", {"columns": ["note"]}),
    ):
        made = made.added(repair, params)
    return made


@dataclass(frozen=True)
class Made:
    folder: Path
    raw: Path
    table: Path
    bundle: Path
    run: RunFolder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("recipe")
    messy().to_csv(folder / "raw.csv", index=False)
    raw = load(folder / "raw.csv", out=folder / "raw.parquet")
    towns = store_frame(
        pd.DataFrame({"name": ["Bonn", "Köln", "Ulm"], "people": [330, 1080, 126]}), folder / "t.parquet"
    )
    card = prepared(raw, recipe(), folder / "prepared" / "table.parquet", {"t": towns})
    goal = Goal(target="long", task="binary", metric="roc_auc", positive="yes")
    origin = Origin(recipe=card.recipe, inputs=raw.schema)
    plan, findings = make_plan(
        read_table(card), card.schema, card.fingerprint, goal, models=[KEY, "rule"], origin=origin
    )
    assert [finding.columns for finding in findings if finding.code == "made_from_target"] == [("wait",)]
    plan = replace(plan, validation=replace(plan.validation, method="folds", repeats=1))
    run = folder / "run"
    prepare(Path(card.path), plan, run, Path(raw.path))
    for key in ("baseline", KEY, "rule"):
        trial = fit(run, key)
        assert trial.state == "done", trial.reason
    records.write(run / "run.json", conclude(run))
    assert records.read(Run, run / "run.json").best is not None
    bundle(run, KEY, folder / "model.zip")
    return Made(folder, folder / "raw.csv", Path(card.path), folder / "model.zip", RunFolder(run))


@pytest.mark.slow
def test_the_bundle_was_proven_in_a_clean_process_on_raw_rows(made: Made) -> None:
    found = api.verify(made.bundle)
    assert found.ok
    assert found.rows >= 100
    described = api.export(made.bundle, made.folder / "copy")
    assert described.proof is not None
    assert described.proof.ok
    assert {"scoring", "parquet", "csv"} <= {path.key for path in described.proof.paths}
    names = {path.name for path in (made.folder / "copy").rglob("*")}
    assert {"recipe.json", "replay.py", "formula.py", "lookups", "8.parquet"} <= names
    schema = json.loads((made.folder / "copy" / "schema.json").read_text())
    assert set(schema["required"]) == {"Age (years)", "income", "town", "seen", "weight"}
    assert "Keep rows where" in (made.folder / "copy" / "model_card.md").read_text()


@pytest.mark.slow
def test_a_raw_file_scores_alike_from_the_command_line_in_the_app_and_from_the_prepared_table(made: Made) -> None:
    assert main(["predict", str(made.bundle), str(made.raw), "--out", str(made.folder / "cli.parquet")]) == 0
    errands.score(str(made.run.trial_folder(KEY) / "model"), str(made.raw), str(made.folder / "app.parquet"), "parquet")
    cli, app = pd.read_parquet(made.folder / "cli.parquet"), pd.read_parquet(made.folder / "app.parquet")
    pd.testing.assert_frame_equal(cli, app)
    assert len(cli) == len(messy())
    model = Model.load(made.run.trial_folder(KEY) / "model")
    table = read_table(made.table)
    kept = (messy()["Age (years)"].isna() | (messy()["Age (years)"] < 75)).to_numpy()
    np.testing.assert_allclose(cli.loc[kept, "probability_yes"], model.scorer.values(table)[:, 1], atol=1e-12)


@pytest.mark.slow
def test_the_script_repairs_the_raw_file_and_trains_it_again_to_the_same_score(made: Made, tmp_path: Path) -> None:
    export_as(made.bundle, "script", tmp_path / "script")
    command = [sys.executable, "train.py", str(made.raw)]
    done = subprocess.run(command, cwd=tmp_path / "script", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "script" / "result.json").read_text())["largest_difference"] <= 1e-9


@pytest.mark.slow
def test_rows_that_the_filter_would_leave_out_are_scored_and_flagged(made: Made) -> None:
    scorer = Scorer.load(made.run.trial_folder(KEY) / "model")
    rows = messy().assign(**{"Age (years)": 78.0}).head(3)
    frame = scorer.frame(rows)
    assert frame["probability_yes"].notna().all()
    assert all("filtered:age" in said for said in frame["flags"])


@pytest.mark.slow
def test_a_raw_file_with_the_column_that_the_target_is_made_of_is_evaluated(made: Made) -> None:
    found = api.evaluate(made.bundle, made.raw)
    assert found.n == len(messy())
    assert api.predict(made.bundle, made.raw).values.shape == (len(messy()), 2)


@pytest.mark.slow
def test_explanations_are_about_the_prepared_columns(made: Made) -> None:
    explanation, frame = api.explained(made.bundle, messy().head(4))
    assert {"age", "per year", "people", "town"} <= set(frame.columns)
    assert "Age (years)" not in frame.columns
    said = api.score(made.bundle, messy().head(4))["probability_yes"]
    np.testing.assert_allclose(frame["output"], said, atol=1e-6)
    assert len(explanation.values) == 4


@pytest.mark.slow
def test_a_raw_column_that_is_missing_is_named(made: Made) -> None:
    scorer = Scorer.load(made.run.trial_folder(KEY) / "model")
    with pytest.raises(ScoringError, match="weight"):
        scorer.frame(messy().drop(columns=["weight"]))
    scorer.frame(messy().drop(columns=["wait", "note"]))


@pytest.mark.slow
def test_one_row_as_json_scores_as_it_does_among_others(made: Made) -> None:
    scorer = Scorer.load(made.run.trial_folder(KEY) / "model")
    rows = read_table(load(made.raw, out=made.folder / "again.parquet"))
    together = scorer.frame(rows)["probability_yes"]
    for place in (0, 5, 17):
        row = json.loads(json.dumps(rows.iloc[place].to_dict(), default=str).replace("NaN", "null"))
        alone = scorer.frame(pd.DataFrame([row]))["probability_yes"]
        assert alone.iloc[0] == pytest.approx(together.iloc[place], abs=1e-12)


@pytest.mark.slow
def test_steps_that_learn_are_in_the_model_and_not_in_the_table(made: Made) -> None:
    table = read_table(made.table)
    assert table["age"].isna().any()
    assert "Hof" in set(table["town"])
    fields = {field["name"]: field for field in made.run.spec["fields"]}
    training = table.iloc[made.run.positions[~made.run.split.holdout]]
    assert fields["age"]["lessons"][0]["found"]["value"] == pytest.approx(training["age"].median())
    assert fields["town"]["lessons"][0]["found"]["kept"] == ["Bonn", "Köln", "Trier"]
    assert fields["weight"]["lessons"][0]["found"]["low"] == pytest.approx(training["weight"].quantile(0.02), abs=1e-4)
    assert not made.run.ready_of(np.arange(len(made.run.truth)))[fields["age"]["id"]].isna().any()


@pytest.mark.slow
def test_the_plan_says_what_a_row_to_score_must_have(made: Made) -> None:
    assert {column.name for column in made.run.plan.asked} == {"Age (years)", "income", "town", "seen", "weight"}
