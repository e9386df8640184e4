"""Stress: a model is spoiled as far as its columns carry it, on rows it has not seen, and locked rows stay locked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Predictions
from mlcore.learning.spoiling import SHIFTED, missed, noised, spoiled, spread, unseen
from mlcore.learning.stress import Stress, Subject, stress
from mlcore.learning.stress_told import sentences

NUMBER, WORD, TIME = (
    {"name": name, "kind": kind} for name, kind in (("x", "number"), ("w", "category"), ("t", "time"))
)


def table(n: int = 1000) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "x": random.normal(size=n),
            "idle": random.normal(size=n),
            "w": random.choice(["a", "b"], n),
            "t": pd.Series(pd.date_range("2024-01-01", periods=n)).dt.as_unit("us"),
        }
    )


def subject(n: int = 1000) -> Subject:
    """A model that knows the truth from `x` and a little from `w`, and nothing from `idle`."""
    rows = table(n)

    def values(given: pd.DataFrame) -> np.ndarray:
        return 2 * given["x"].fillna(0).to_numpy(dtype=float) + 0.5 * (given["w"] == "a").to_numpy(dtype=float)

    truth = values(rows) + 0.5 * np.random.default_rng(1).normal(size=n)
    known = Predictions(
        task="regression", values=truth, rows=np.arange(n), truth=truth, measured="cross-validation"
    )  # fmt: skip
    fields = (NUMBER, {"name": "idle", "kind": "number"}, WORD)
    return Subject(values=values, table=rows, known=known, fields=fields, refitted=True)


def measured(n: int = 1000, seconds: float = 20.0) -> Stress:
    return [*stress(subject(n), METRICS["rmse"], seconds=seconds)][-1]


def test_the_score_goes_down_as_far_as_arithmetic_says() -> None:
    made = measured()
    noise = next(one for one in made.curves if one.kind == "noise")
    for point in noise.points:
        expected = np.sqrt(0.25 + (2 * point.strength * spread(table()["x"])) ** 2)
        assert point.score == pytest.approx(expected, rel=0.12)
        assert point.lost == pytest.approx(point.score - made.score)
        assert point.low < point.lost < point.high
    assert [point.lost for point in noise.points] == sorted(point.lost for point in noise.points)


def test_the_weakest_column_is_the_one_that_carries_the_model_and_an_idle_one_costs_nothing() -> None:
    made = measured()
    assert made.weakest is not None
    assert made.weakest.column == "x"
    idle = next(one for one in made.columns if one.column == "idle")
    assert idle.worst.lost == 0.0
    assert (made.progress, made.skipped, len(made.columns)) == (1.0, 0, 3)
    first, second, third = sentences(made, {"x": "Tenure"})
    assert first.startswith("It suffers most from ")
    assert second.startswith("The weakest point is “Tenure”: ")
    assert "1,000 rows of one fold, with the model fitted again without them" in third


def test_without_time_it_still_makes_one_curve_and_finds_the_weakest_column(monkeypatch) -> None:
    monkeypatch.setattr("mlcore.learning.stress.SURE", 1)
    made = measured(seconds=0.0)
    assert len(made.curves) == 1
    assert [one.column for one in made.columns] == ["x"]
    assert (made.skipped, made.left_out, made.n, made.progress) == (2, 3, 200, 1.0)
    said = sentences(made)[-1]
    assert "a random sample of 200 of 1,000 rows" in said
    assert "no time for 3 kinds of trouble" in said
    assert "2 other columns changed less" in said


@pytest.mark.slow
def test_the_weakest_column_is_found_among_many() -> None:
    given = subject()
    idle = [f"idle {at}" for at in range(60)]
    table = given.table.assign(**dict.fromkeys(idle, 1.0))
    fields = (*({"name": name, "kind": "number"} for name in idle), *given.fields)
    made = [*stress(replace(given, table=table, fields=fields), METRICS["rmse"], seconds=600.0)][-1]
    assert made.weakest is not None
    assert (made.weakest.column, len(made.columns), made.skipped) == ("x", 40, 23)


def test_the_record_grows_while_it_goes_on() -> None:
    steps = [*stress(subject(300), METRICS["rmse"], seconds=20.0)]
    assert [len(one.curves) for one in steps][:4] == [1, 2, 3, 4]
    assert [one.progress for one in steps] == sorted(one.progress for one in steps)


def test_noise_shifts_gaps_and_new_values_do_what_they_say() -> None:
    rows, chance = table(), np.random.default_rng(0)
    noisy = spoiled(rows, (NUMBER, TIME), noised, 0.5, chance)
    assert (noisy["x"] - rows["x"]).std() == pytest.approx(0.5 * spread(rows["x"]), rel=0.1)
    assert noisy["t"].dtype == rows["t"].dtype
    assert not noisy["t"].equals(rows["t"])
    up, down = (spoiled(rows, (NUMBER,), one, 1.0, chance)["x"] - rows["x"] for one in SHIFTED)
    assert up.to_numpy() == pytest.approx(-down.to_numpy())
    gaps = spoiled(rows, (NUMBER, WORD, TIME), missed, 0.25, chance)
    assert gaps[["x", "w", "t"]].isna().mean().to_numpy() == pytest.approx([0.25] * 3, abs=0.05)
    assert not spoiled(rows, (WORD,), unseen, 1.0, chance)["w"].isin(["a", "b"]).any()
    assert rows.equals(table())


def test_columns_without_spread_or_of_one_value_are_left_as_they_are() -> None:
    flat = pd.DataFrame({"x": [3.0] * 5})
    assert spoiled(flat, (NUMBER,), noised, 1.0, np.random.default_rng(0)).equals(flat)
    assert spread(pd.Series([np.nan, 1.0])) == 0.0


@pytest.fixture
def run(tmp_path: Path, cancer: pd.DataFrame) -> Path:
    from mlcore.data.kinds import guess_schema
    from mlcore.learning import train
    from mlcore.learning.goal import Goal
    from mlcore.learning.planning import make_plan

    frame = pd.concat([cancer.iloc[:, :4], cancer.iloc[:, -1:]], axis=1)
    path = tmp_path / "table.parquet"
    frame.to_parquet(path, index=False)
    goal = Goal(target=str(frame.columns[-1]), task="binary", metric="roc_auc")
    plan, _ = make_plan(frame, guess_schema(path), "f", goal, seconds=60, seed=0, models=("linear",), search=False)
    train.prepare(path, plan, tmp_path / "run")
    assert train.fit(tmp_path / "run", "linear").state == "done"
    return tmp_path / "run"


@pytest.mark.slow
def test_a_real_model_is_fitted_again_without_the_rows_it_is_tried_on_and_locked_rows_are_not_among_them(
    run: Path,
) -> None:
    from mlcore.learning.folder import RunFolder
    from mlcore.learning.subject import on_opened_rows, on_rows_kept_apart

    folder = RunFolder(run)
    locked = set(folder.positions[folder.split.holdout])
    apart = on_rows_kept_apart(folder, "linear")
    assert locked
    assert not locked & set(apart.known.rows)
    stored = on_opened_rows(folder, "linear")
    assert set(stored.known.rows) <= locked
    assert (apart.refitted, stored.refitted) == (True, False)
    assert not np.allclose(apart.values(apart.table), stored.values(apart.table))
    made = [*stress(apart, METRICS["roc_auc"], seconds=20.0)][-1]
    assert made.score > 0.8
    assert max(one.worst.lost for one in made.columns) > 0
