"""Tables of very many columns: what a fold leaves out, what it keeps sparse, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Column, Schema
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Task
from mlcore.handoff.golden import golden
from mlcore.learning import encode, scoring, wide
from mlcore.learning.costs import Shape, candidate_seconds, preparing
from mlcore.learning.fold import Fitted, Making, Material, fitted
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.models import MODELS
from mlcore.learning.models.limits import limits
from mlcore.learning.plan import Candidate
from mlcore.learning.planning import candidates, make_plan
from mlcore.learning.run import Trial
from mlcore.learning.scoring import conform, flags
from mlcore.learning.search import Tried, proposal
from mlcore.learning.split import Rows, validation
from mlcore.learning.train import fit

N, P = 80, 600
CHANCE = np.random.default_rng(0)
CELLS = np.where(CHANCE.random((N, P)) < 0.1, CHANCE.integers(1, 9, (N, P)), 0).astype(np.float64)
CELLS[:, 0] = CHANCE.normal(size=N)
Y = (CELLS[:, 0] > 0).astype(np.int64)
FIELDS = [{"id": f"c{at}", "name": f"w{at}", "kind": "number", "missing": 0.0} for at in range(P)]


def rows_of(cells: Any) -> pd.DataFrame:
    return pd.DataFrame(cells, columns=[f"c{at}" for at in range(P)])


def kept(cells: Any, *, most: int = 0, classes: int = 2, y: Any = Y) -> list[str]:
    return [field["id"] for field in wide.telling(FIELDS, rows_of(cells).__getitem__, y, classes=classes, most=most)]


def material(task: Task = "binary") -> Material:
    return Material(
        task=task,
        features=rows_of(CELLS),
        truth=Y if task == "binary" else CELLS[:, 0] * 3.0,
        rows=Rows(strata=np.zeros(N, dtype=np.int64), blocks=np.arange(N)),
        fields=FIELDS,
        labels=2 if task == "binary" else 0,
    )


def learned(key: str, task: Task = "binary", **changes: Any) -> Fitted:
    kind = replace(MODELS[key], **changes)
    making = Making(kind=kind, settings=kind.settings({}), seed=0, threads=1)
    return fitted(material(task), making, np.arange(60), rounds=20 if kind.rounds else None, until=None)


def encoded_columns(made: Fitted) -> int:
    return int(made.pipeline.named_steps["encode"].transform(rows_of(CELLS)).shape[1])


def test_a_table_that_is_not_wide_keeps_every_column() -> None:
    few = FIELDS[: wide.WIDE]
    assert wide.telling(few, rows_of(np.zeros((N, P))).__getitem__, Y, classes=2, most=3) == few


def test_columns_in_which_hardly_a_row_differs_and_repeated_ones_are_left_out() -> None:
    cells = CHANCE.normal(size=(N, P))
    cells[:, 5], cells[:, 6], cells[:, 7] = 4.0, np.nan, cells[:, 3]
    cells[1:, 8] = 2.0
    assert kept(cells) == [f"c{at}" for at in range(P) if at not in (5, 6, 7, 8)]


def test_when_every_column_is_the_same_one_stays() -> None:
    assert kept(np.ones((N, P))) == ["c0"]


def test_columns_that_are_mostly_zero_are_marked() -> None:
    found = wide.telling(FIELDS, rows_of(CELLS).__getitem__, Y, classes=2, most=0)
    assert "light" not in found[0]
    assert sum(field.get("light", False) for field in found) > 400


@pytest.mark.parametrize(("classes", "y"), [(2, Y), (0, CELLS[:, 0]), (3, np.digitize(CELLS[:, 0], [-0.5, 0.5]))])
def test_of_too_many_columns_those_stay_that_go_with_the_target(classes: int, y: Any) -> None:
    found = kept(CELLS, most=5, classes=classes, y=y)
    assert len(found) == 5
    assert "c0" in found


def test_a_category_that_tells_stays_and_one_by_another_name_goes() -> None:
    rows = rows_of(CELLS).astype({"c1": object, "c2": object, "c3": object})
    rows["c1"] = np.where(Y == 1, "a", "b")
    rows["c2"] = np.where(Y == 1, "x", "y")
    rows["c3"] = [f"v{at % 30}" for at in range(N)]
    fields = [{**field, "kind": "category"} if field["id"] in ("c1", "c2", "c3") else field for field in FIELDS]
    found = [field["id"] for field in wide.telling(fields, rows.__getitem__, Y, classes=2, most=3)]
    assert "c1" in found
    assert "c2" not in found
    assert "c3" not in found


def test_columns_are_chosen_by_the_rows_that_are_learned_from_alone() -> None:
    noise = CHANCE.normal(size=(N, P))
    noise[60:, 9] = 100.0 * Y[60:]  # tells everything about the rows left out, and nothing about the others
    kind = replace(MODELS["tree"], widest=5)
    making = Making(kind=kind, settings=kind.settings({}), seed=0, threads=1)
    made = fitted(replace(material(), features=rows_of(noise)), making, np.arange(60), rounds=None, until=None)
    names = made.pipeline.named_steps["encode"].get_feature_names_out()
    assert len(names) == 5
    assert "fill__c9" not in names


@pytest.mark.parametrize("key", ["linear", "lightgbm"])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_rows_kept_sparse_are_predicted_as_the_stored_dense_model_predicts_them(key: str, task: Task) -> None:
    made = learned(key, task)
    encoder = made.pipeline.named_steps["encode"]
    assert hasattr(encoder.transform(rows_of(CELLS)), "indices")
    said = made.values(rows_of(CELLS), 2 if task == "binary" else 0)
    encode.plain(made.pipeline)
    np.testing.assert_allclose(made.values(rows_of(CELLS), 2 if task == "binary" else 0), said, rtol=0, atol=1e-9)
    assert set(encode.origins(made.pipeline, FIELDS)) <= set(range(P))


def test_trees_learn_from_the_columns_that_tell_most() -> None:
    assert encoded_columns(learned("tree", widest=7)) == 7


@pytest.mark.slow
def test_a_wide_table_with_gaps_and_categories_is_trained_stored_and_read(laid_out: Callable[..., Path]) -> None:
    table = pd.DataFrame(CELLS, columns=[f"w{at}" for at in range(P)])
    table["w3"] = table["w3"].mask(CHANCE.random(N) < 0.2)
    table["w4"] = np.where(CHANCE.random(N) < 0.5, "left", "right")
    table["answer"] = np.where(Y == 1, "yes", "no")
    goal = Goal(target="answer", task="binary", metric="roc_auc")
    folder = laid_out(table, goal, only=("linear", "lightgbm"), folds=2)
    for key in ("linear", "lightgbm"):
        trial = fit(folder, key)
        assert trial.state == "done", trial.reason
        model = Model.load(folder / "trials" / key / "model")
        said = model.predict(table.assign(w3=None, w4="never seen"))
        assert np.isfinite(said.values).all()
        frame = conform(table, model.scorer.fields)
        assert model.scorer.members[0][1][:-1].transform(frame).shape[0] == N


def test_wide_tables_have_configurations_of_their_own() -> None:
    goal = Goal(target="y", task="binary", metric="roc_auc")
    kinds = [MODELS["lightgbm"], MODELS["linear"], MODELS["net"]]
    usual = {one.key: one.params for one in candidates(kinds, goal, 5_000, 20)}
    others = {one.key: one.params for one in candidates(kinds, goal, 5_000, 5_000)}
    assert others["lightgbm"]["wide"] is True
    assert "wide" not in usual["lightgbm"]
    assert not any(params.get("curves") for params in others.values())
    assert others["net"] == usual["net"]


def test_a_variation_of_a_wide_configuration_stays_near_it() -> None:
    parent = Candidate(key="lightgbm", model="lightgbm", title="", params={"columns": 0.1, "wide": True})
    trial = Trial(key="lightgbm", model="lightgbm", title="", state="done", score=0.7, round_seconds=1.0)
    found = [
        proposal([Tried(candidate=parent, trial=trial)], METRICS["roc_auc"], number=number, seed=0, within=60)
        for number in range(40)
    ]
    assert min(float(one.params["columns"]) for one in found if one is not None) < 0.3
    assert all(one.params["wide"] for one in found if one is not None)


def test_models_say_how_many_columns_they_learn_from() -> None:
    assert wide.said(10_000, 500)[0].startswith("Learned from the 500 of 10,000 columns")
    assert wide.said(400, 300) == wide.said(10_000, 0) == ()
    assert "of more columns the 500 that tell most by themselves" in [*limits(MODELS["net"])]


def test_every_number_costs_but_no_more_than_are_learned_from() -> None:
    def shape(columns: int) -> Shape:
        numbers = tuple(Column(name=f"n{at}", kind="numeric", storage="float") for at in range(columns))
        return Shape(rows=5_000, columns=numbers, labels=2, validation=validation(5_000, time=False, groups=None))

    def cost(columns: int, model: str) -> float:
        return candidate_seconds(shape(columns), Candidate(key="k", model=model, title=""))

    assert cost(10_000, "linear") > 3 * cost(1_000, "linear") > 3 * cost(100, "linear")
    assert preparing(shape(10_000)) < 30
    assert cost(10_000, "forest") < 1.5 * cost(1_000, "forest")


def test_a_column_that_gives_the_target_away_is_found_among_very_many(schema_of: Callable[..., Schema]) -> None:
    table = pd.DataFrame(CELLS, columns=[f"w{at}" for at in range(P)])
    table["answer"] = np.where(CHANCE.random(N) < 0.5, "yes", "no")
    table["told"] = np.where(table["answer"] == "yes", 7.0, 3.0) + np.arange(N) * 1e-3
    table["filled"] = np.where(table["answer"] == "yes", 1.0, np.nan)
    goal = Goal(target="answer", task="binary", metric="roc_auc")
    plan, found = make_plan(table, schema_of(table), "t", goal, models=["linear"])
    stopped = {name for finding in found if finding.level == "stop" for name in finding.columns}
    assert stopped == {"told", "filled"}
    assert len(plan.schema.features) == P


def test_the_golden_rows_of_a_wide_table_are_few() -> None:
    names = [f"w{at}" for at in range(1_500)]
    columns = tuple(Column(name=name, kind="numeric", storage="float", low=0.0, high=1.0) for name in names)
    rows = pd.DataFrame(np.random.default_rng(0).random((3, 1_500)), columns=names)
    assert len(golden(rows, columns)) < 600


def test_numbers_taken_up_together_are_as_those_taken_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame(CELLS[:, :6], columns=[f"w{at}" for at in range(6)]).astype({"w2": "Int64", "w3": object})
    table.loc[3, "w1"], table.loc[4, "w2"], table.loc[5, "w4"] = np.inf, None, 1e300
    fields = [{**field, "missing": 0.1 * (at in (1, 2))} for at, field in enumerate(FIELDS[:6])]
    fields[0]["offset"] = 2.0
    alone = conform(table, fields)
    monkeypatch.setattr(scoring, "MANY", 1)
    together = conform(table, fields)
    pd.testing.assert_frame_equal(together[list(alone.columns)], alone)
    assert len(together.columns) == len(alone.columns)


def test_rows_of_many_numbers_are_flagged_as_those_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame(CELLS[:6, :5], columns=[f"w{at}" for at in range(5)])
    table.loc[0, "w1"], table.loc[1, "w1"], table.loc[2, "w0"], table.loc[3, "w4"] = np.inf, np.nan, 1e9, -1e9
    table.loc[1, "w3"] = np.nan
    names, ends = ("w1", "w0", "w3", "w4", "w2"), {"low": -10.0, "high": 10.0}
    fields = [{**field, **ends, "name": name} for field, name in zip(FIELDS[:5], names, strict=True)]
    fields[2] |= {"missing": 0.2}
    fields[4] |= {"low": None, "high": None}
    alone = flags(table, fields)
    assert alone[:4] == ["unreadable:w1", "missing:w1", "range:w0", "range:w4"]
    monkeypatch.setattr(scoring, "MANY", 1)
    monkeypatch.setattr(scoring, "CHUNK_CELLS", 10)
    assert flags(table, fields) == alone


def test_very_many_numbers_beside_a_target_of_words_are_conformed_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pd.DataFrame(CELLS, columns=[field["name"] for field in FIELDS])
    table.loc[3, "w0"], table.loc[4, "w1"] = np.inf, 1e300
    fields = [{**field, "missing": 0.1, "offset": 2.0} if field["id"] == "c2" else field for field in FIELDS]
    single = pd.concat([conform(table, fields[start : start + 100]) for start in range(0, P, 100)], axis=1)
    monkeypatch.setattr(scoring, "_columns", None)  # which takes them one by one
    monkeypatch.setattr(scoring, "CELLS_AT_ONCE", 3 * N)
    whole = conform(table.assign(y="yes"), fields)
    pd.testing.assert_frame_equal(whole[list(single.columns)], single)
