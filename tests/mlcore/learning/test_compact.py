from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Floats
from mlcore.learning.compact import compact
from mlcore.learning.conclude import entries
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.results import OutOfFold, out_of_fold
from mlcore.learning.run import Run, Trial
from mlcore.learning.scoring import Scorer
from mlcore.learning.store import Member
from mlcore.learning.trial import fit, save_model, save_out_of_fold, scored
from mlcore.workspace import errands
from tests.mlcore.learning.conftest import Laid


def _ensemble(laid_out: Laid, noises: dict[str, float]) -> Path:
    """A run with an ensemble of trials that say the truth with so much noise; each is stored as the linear model."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(400, 2)), columns=["a", "b"])
    table["y"] = 3 * table["a"] + random.normal(size=400)
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse"))
    for key in ("baseline", "linear"):
        assert fit(folder, key).state == "done"
    run = RunFolder(folder)
    said = OutOfFold.read(run, "linear")
    truth = run.truth[said.chosen]
    values = {key: truth + noise * random.normal(size=len(truth)) for key, noise in noises.items()}
    for key, one in values.items():
        _store(run, key, said, one, {key: 1.0})
    share = 1 / len(noises)
    _store(run, "blend", said, np.mean(list(values.values()), axis=0), dict.fromkeys(noises, share))
    return folder


def _store(run: RunFolder, key: str, said: OutOfFold, values: Floats, weights: dict[str, float]) -> None:
    made = OutOfFold(values=values, chosen=said.chosen, fold=said.fold, round=said.round)
    predictions = save_out_of_fold(run, key, made)
    pipeline = Scorer.load(run.trial_folder("linear") / "model").members[0][1]
    members = [  # two pipelines of each member, as fold models would be
        Member(key=one, model="linear", title=one, weight=weight / 2) for one, weight in weights.items() for _ in "ab"
    ]
    size = save_model(run, key, predictions, members, [pipeline] * len(members))
    trial = Trial(key=key, model="linear", title=key.title(), state="done", megabytes=size)
    if len(weights) > 1:
        trial = records.from_json(Trial, {**records.to_json(trial), "weights": list(map(list, weights.items()))})
    run.write_trial(scored(run, trial, predictions))


def test_members_that_add_nothing_are_left_out(laid_out: Laid) -> None:
    folder = _ensemble(laid_out, {"good": 1.0, "fine": 1.0, "poor": 2.5, "worse": 4.0})
    fast = compact(folder)
    made = fast.trial
    assert made.notes == (fast.said,)
    assert {key for key, _ in made.weights} == {"good", "fine"}
    assert sum(weight for _, weight in made.weights) == pytest.approx(1)
    assert made.title == "Fast version: 2 models"
    assert made.notes[0].startswith("2 of 4 models: ")
    assert "nothing is given up" in made.notes[0]
    assert "1,000 rows take" in made.notes[0]
    spec = json.loads((folder / "trials" / "compact" / "model" / "scoring.json").read_text())
    assert [member["key"] for member in spec["members"]] == ["good", "good", "fine", "fine"]
    assert [member["weight"] for member in spec["members"]] == pytest.approx([0.25] * 4)
    said = out_of_fold(folder, "compact")
    assert METRICS["rmse"].score(said) == made.score
    assert said.low is not None


def test_where_one_member_is_as_good_as_all_nothing_is_made_and_it_is_named(laid_out: Laid) -> None:
    folder = _ensemble(laid_out, {"good": 0.3, "poor": 3.0, "worse": 3.0})
    records.write(folder / "run.json", Run(id="r", plan="p", state="done"))
    fast = compact(folder)
    assert fast.trial.key == "good"
    assert fast.trial.weights == ()
    assert fast.said.startswith("“Good” alone: ")
    assert "on the leaderboard already" in fast.said
    assert errands.compact(str(folder))["key"] == "good"
    assert not (folder / "trials" / "compact").exists()
    assert not records.read(Run, folder / "run.json").trials


def test_fewer_members_that_are_neither_quicker_nor_smaller_are_no_fast_version(
    laid_out: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _ensemble(laid_out, {"good": 1.0, "fine": 1.0, "poor": 2.5})
    monkeypatch.setattr("mlcore.learning.compact.NOTICED", 0.0)
    with pytest.raises(UserError, match="neither quicker nor smaller"):
        compact(folder)
    assert not (folder / "trials" / "compact").exists()


def test_an_ensemble_whose_members_are_all_needed_stays(laid_out: Laid) -> None:
    with pytest.raises(UserError, match="Every member of the ensemble is needed"):
        compact(_ensemble(laid_out, {"one": 1.0, "two": 1.0, "three": 1.0}))


def test_a_run_without_an_ensemble_has_nothing_to_make_faster(laid_out: Laid) -> None:
    table = pd.DataFrame({"a": np.arange(60.0), "y": np.arange(60.0) % 7})
    with pytest.raises(UserError, match="no ensemble"):
        compact(laid_out(table, Goal(target="y", task="regression", metric="rmse")))


def test_the_fast_version_stands_on_the_leaderboard_and_in_the_run(laid_out: Laid) -> None:
    folder = _ensemble(laid_out, {"good": 1.0, "fine": 1.0, "poor": 2.5, "worse": 4.0})
    records.write(folder / "run.json", Run(id="r", plan="p", state="done"))
    told = errands.compact(str(folder))
    assert told["key"] == "compact"
    assert told["said"].startswith("2 of 4 models")
    run = records.read(Run, folder / "run.json")
    assert [trial.key for trial in run.trials] == ["compact"]
    assert run.best == "compact"
    simplicity = {entry.key: entry.simplicity for entry in entries(folder)}
    assert simplicity["compact"] < simplicity["blend"]
    assert errands.compact(str(folder)) == {**told, "said": records.read(Run, folder / "run.json").trials[0].notes[0]}
