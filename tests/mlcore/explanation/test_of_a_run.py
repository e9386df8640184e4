"""A model as a run stores it: fitted, blended, written, loaded, explained, kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mlcore.explanation import about_model, explain, explain_rows, read, store
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.plan import Candidate, Plan, Validation
from mlcore.learning.prepare import prepare
from mlcore.learning.train import blend, fit
from tests.mlcore.explanation.models import people, schema_of
from tests.quick import QUICK


def test_the_blend_of_a_run_is_explained_from_its_folder(tmp_path: Path) -> None:
    table = people(300)[["Alter [Jahre]", "job", "town", "since", "binary"]]
    table.to_parquet(tmp_path / "table.parquet")
    goal = Goal(target="binary", task="binary", metric="roc_auc", positive="yes")
    candidates = tuple(
        Candidate(key=key, model=key, title=key, params=QUICK.get(key, {})) for key in ("linear", "lightgbm")
    )
    plan = Plan(
        goal=goal,
        schema=schema_of(table),
        fingerprint="",
        validation=Validation(method="folds", folds=3),
        candidates=candidates,
        seconds=60,
    )
    prepare(tmp_path / "table.parquet", plan, tmp_path / "run")
    trials = [fit(tmp_path / "run", candidate.key) for candidate in candidates]
    assert [trial.state for trial in trials] == ["done", "done"], [trial.reason for trial in trials]
    blended = blend(tmp_path / "run")
    key = blended.key if blended is not None else "lightgbm"
    model = Model.load(tmp_path / "run" / "trials" / key / "model")
    found = explain(model, table, rows=20)
    assert np.abs(found.base + found.values.sum(axis=1) - found.output).max() < 1e-6
    assert np.allclose(found.output[:, 0], model.predict(table.iloc[found.rows]).score)
    assert len(found.methods) == len([member for member in model.members if member.weight > 0])
    assert "dropped" not in " ".join(found.methods)
    assert explain_rows(model, table.iloc[[3]]).additivity_error < 1e-6
    store(found, tmp_path / "kept")
    assert about_model(read(tmp_path / "kept")) == about_model(found)
