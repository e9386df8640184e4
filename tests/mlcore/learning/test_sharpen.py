from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.evaluation.predictions import Floats
from mlcore.explanation import explain_rows
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.results import OutOfFold
from mlcore.learning.scoring import Scorer, raised
from mlcore.learning.sharpen import power_of, sharpened
from mlcore.learning.store import Member, store_model
from tests.mlcore.explanation.models import by_the_textbook, model_of, people
from tests.mlcore.learning.conftest import Laid


def _run(laid_out: Laid, rows: int = 1_000, time: str | None = None) -> RunFolder:
    random = np.random.default_rng(0)
    x = random.normal(size=rows)
    table = pd.DataFrame({"x": x, "t": np.arange(rows) * 1.0})
    table["y"] = np.where(random.random(rows) < 1 / (1 + np.exp(-2 * x)), "yes", "no")
    return RunFolder(laid_out(table, Goal(target="y", task="binary", metric="log_loss", positive="yes", time=time)))


def _said(run: RunFolder, sureness: float) -> OutOfFold:
    """The truth's own probabilities, raised to a power, for the rows that folds test."""
    pairs = list(run.split.pairs())
    chosen = np.concatenate([test for _, test in pairs])
    fold = np.concatenate([np.full(len(test), number) for number, (_, test) in enumerate(pairs)])
    x = run.features_of(np.arange(len(run.truth)))["c0"].to_numpy()[chosen]
    yes = 1 / (1 + np.exp(-2 * x))
    values: Floats = raised(np.column_stack([1 - yes, yes]), sureness)
    return OutOfFold(values=values, chosen=chosen, fold=fold, round=fold * 0)


@pytest.mark.parametrize("sureness", [0.4, 2.5])
def test_probabilities_that_are_too_sure_or_not_sure_enough_are_put_right(laid_out: Laid, sureness: float) -> None:
    run = _run(laid_out)
    said = _said(run, sureness)
    better, power = sharpened(run, said)
    assert power == pytest.approx(1 / sureness, rel=0.2)
    log_loss = [-np.log(one.values[np.arange(len(one.chosen)), run.truth[one.chosen]]).mean() for one in (said, better)]
    assert log_loss[1] < log_loss[0]


def test_each_fold_gets_the_power_of_the_others(laid_out: Laid) -> None:
    run = _run(laid_out)
    said = _said(run, 2.5)
    better, _ = sharpened(run, said)
    others = said.fold != 0
    power = power_of(said.values[others], run.truth[said.chosen[others]])
    assert np.allclose(better.values[~others], raised(said.values[~others], power))


@pytest.mark.slow
def test_probabilities_that_are_right_and_few_rows_and_times_are_left_alone(laid_out: Laid) -> None:
    for run, sureness in ((_run(laid_out), 1.0), (_run(laid_out, 300), 2.5), (_run(laid_out, time="t"), 2.5)):
        said = _said(run, sureness)
        assert sharpened(run, said) == (said, None)


def test_a_stored_member_says_its_probabilities_to_the_power(tmp_path: Path) -> None:
    table = people()
    model = model_of(tmp_path / "made", table, "multiclass", {"linear": 1.0})
    plain = model.scorer.values(table)
    (tmp_path / "background.parquet").write_bytes((tmp_path / "made" / "background.parquet").read_bytes())
    spec = {**model.scorer.spec, "format": 1}
    pipelines = [pipeline for _, pipeline in model.scorer.members]
    for after in (None, {"power": 1.7}):
        member = Member(key="a", model="linear", title="A", weight=1.0, after=after)
        store_model(tmp_path / "model", spec, [member], pipelines, tmp_path)
        assert ("after" in json.loads((tmp_path / "model" / "scoring.json").read_text())["members"][0]) == bool(after)
        values = Scorer.load(tmp_path / "model").values(table)
        assert np.allclose(values, plain if after is None else raised(plain, 1.7))


@pytest.mark.slow
@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("key", ["linear", "lightgbm", "histogram", "forest"])
def test_explanations_of_raised_probabilities_equal_the_textbook(key: str, task: str, tmp_path: Path) -> None:
    table = people(200)
    model = model_of(tmp_path, table, task, {key: 1.0})
    model.scorer.spec["members"][0]["after"] = {"power": 0.6}
    rows, background = table.iloc[:2], table.iloc[100:104]
    found = explain_rows(model, rows, background)
    assert np.allclose(found.values, by_the_textbook(model, rows, background), atol=1e-6)
    assert found.additivity_error < 1e-6
    assert "dropped" not in " ".join(found.methods)
