"""What every entry of the model catalogue keeps, for every task: list an entry, and these tests test it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Column, Kind, Schema
from mlcore.evaluation.predictions import Task
from mlcore.learning import encode
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.kind import ALL_TASKS
from mlcore.learning.plan import Candidate
from mlcore.learning.planning import make_plan
from mlcore.learning.run import Trial
from mlcore.learning.scoring import Scorer, conform
from mlcore.learning.train import fit, out_of_fold, prepare
from mlcore.params import Value

TASKS: dict[Task, str] = {"binary": "answer", "multiclass": "colour", "regression": "amount"}
CASES = [(key, task) for key in MODELS.keys for task in ALL_TASKS if task in MODELS[key].tasks]


def mixed(rows: int = 170) -> pd.DataFrame:
    """Numbers with gaps, few and many categories, dates, an empty column; three targets that go with them."""
    random = np.random.default_rng(7)
    size, grade = random.normal(size=rows), random.choice(list("abc"), rows)
    signal = size + (grade == "a") + random.normal(scale=0.5, size=rows)
    return pd.DataFrame(
        {
            "size": np.where(random.random(rows) < 0.1, np.nan, size),
            "age": random.integers(18, 90, rows),
            "grade": pd.Series(grade).where(random.random(rows) > 0.05, None),
            "town": [f"town {number}" for number in random.integers(0, 30, rows)],
            "day": pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 700, rows), unit="D"),
            "answer": np.where(signal > 0.4, "yes", "no"),
            "colour": pd.cut(signal, [-np.inf, -0.3, 0.9, np.inf], labels=["red", "green", "blue"]).astype(str),
            "amount": 100 + 20 * signal,
        }
    )


QUICK: dict[str, dict[str, Value]] = {
    "forest": {"trees": 20},
    "extra": {"trees": 20},
    "histogram": {"rate": 0.3, "leaves": 4},
    "catboost": {"rate": 0.5, "depth": 3},
    "xgboost": {"rate": 0.3},
    "lightgbm": {"rate": 0.2},
}
KINDS: dict[str, Kind] = {
    "size": "numeric", "age": "integer", "grade": "categorical", "town": "categorical", "day": "datetime",
    "answer": "boolean", "colour": "categorical", "amount": "numeric",
}  # fmt: skip
STORAGE = {"numeric": "float", "integer": "integer", "datetime": "datetime"}
SCHEMA = Schema(
    columns=tuple(Column(name=name, kind=kind, storage=STORAGE.get(kind, "text")) for name, kind in KINDS.items())
)


class Runs:
    """Prepared runs, one for each task, with each candidate fitted once."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.table = mixed()
        self._done: dict[tuple[str, Task], Trial] = {}

    def folder(self, task: Task) -> Path:
        folder = self.home / task
        return folder if (folder / "plan.json").exists() else self.laid_out(folder, task)

    def laid_out(self, folder: Path, task: Task) -> Path:
        path = self.home / "table.parquet"
        self.table.to_parquet(path)
        others = tuple(column for other, column in TASKS.items() if other != task)
        goal = Goal(target=TASKS[task], task=task, metric="", exclude=others)
        plan, _ = make_plan(self.table, SCHEMA, "table", goal)
        every = tuple(
            Candidate(key=kind.key, model=kind.key, title=kind.title, params=QUICK.get(kind.key, {})) for kind in MODELS
        )
        validation = replace(plan.validation, method="folds", folds=2, repeats=1)
        prepare(path, replace(plan, candidates=every, validation=validation), folder)
        return folder

    def trial(self, key: str, task: Task) -> Trial:
        if (key, task) not in self._done:
            self._done[key, task] = fit(self.folder(task), key, deadline_seconds=120)
        return self._done[key, task]

    def model(self, key: str, task: Task) -> Model:
        assert self.trial(key, task).state == "done", self.trial(key, task).reason
        return Model.load(self.folder(task) / "trials" / key / "model")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The same once more, from the table on."""
    return Runs(tmp_path_factory.mktemp("again"))


def skip_unless_installed(kind: ModelKind) -> None:
    if not kind.installed:
        pytest.skip(f"{kind.package} is not installed")


@pytest.mark.parametrize(("key", "task"), CASES)
def test_a_candidate_is_judged_on_every_training_row(runs: Runs, key: str, task: Task) -> None:
    skip_unless_installed(MODELS[key])
    trial = runs.trial(key, task)
    assert (trial.state, trial.reason) == ("done", "")
    said = out_of_fold(runs.folder(task), key)
    assert len(said) == len(RunFolder(runs.folder(task)).split.training)
    assert np.isfinite(said.values).all()
    assert trial.score is not None
    assert np.isfinite(trial.score)
    assert trial.megabytes is not None
    assert trial.ms_per_1000 is not None


@pytest.mark.parametrize(("key", "task"), CASES)
def test_predictions_have_the_right_shape_and_probabilities_sum_to_one(runs: Runs, key: str, task: Task) -> None:
    skip_unless_installed(MODELS[key])
    model = runs.model(key, task)
    said = model.predict(runs.table)
    if task == "regression":
        assert said.values.shape == (len(runs.table),)
        assert said.low is not None
        assert said.high is not None
        assert (said.low <= said.values).all()
        assert (said.values <= said.high).all()
    else:
        assert said.values.shape == (len(runs.table), 2 if task == "binary" else 3)
        np.testing.assert_allclose(said.values.sum(axis=1), 1, atol=1e-12)
    assert np.isfinite(said.values).all()


@pytest.mark.parametrize(("key", "task"), CASES)
def test_strange_rows_are_scored(runs: Runs, key: str, task: Task) -> None:
    skip_unless_installed(MODELS[key])
    model = runs.model(key, task)
    one = runs.table.head(1)
    strange = [
        one,
        one.assign(grade="never seen", town="Atlantis"),
        one.assign(size=np.nan, age=np.nan, grade=None, town=None, day=pd.NaT),
        one.assign(size=1e300, age=-(10**9)),
        one.assign(size="not a number", day="not a day"),
        one.assign(age="42", day="2025-03-01"),
    ]
    for rows in strange:
        assert np.isfinite(model.predict(rows).values).all()
    assert len(model.predict(runs.table.head(0))) == 0


@pytest.mark.parametrize(("key", "task"), CASES)
def test_a_stored_model_says_the_same_when_read_again(runs: Runs, key: str, task: Task) -> None:
    skip_unless_installed(MODELS[key])
    model = runs.model(key, task)
    again = Scorer.load(model.folder).values(runs.table)
    np.testing.assert_allclose(model.predict(runs.table).values, again, atol=1e-12)
    alone = np.concatenate([model.scorer.values(runs.table.iloc[[row]]) for row in range(3)])
    np.testing.assert_allclose(alone, again[:3], atol=1e-9)


@pytest.mark.parametrize(
    ("key", "task"),
    [pytest.param(*case, marks=[pytest.mark.slow] if case[1] == "multiclass" else []) for case in CASES],
)
def test_the_same_seed_gives_the_same_result(runs: Runs, again: Runs, key: str, task: Task) -> None:
    skip_unless_installed(MODELS[key])
    first, second = runs.model(key, task), again.model(key, task)
    assert again.trial(key, task).score == pytest.approx(runs.trial(key, task).score, abs=1e-12)
    np.testing.assert_allclose(first.predict(runs.table).values, second.predict(runs.table).values, atol=1e-12)


@pytest.mark.parametrize(("key", "task"), CASES)
def test_every_encoded_column_comes_from_a_field(runs: Runs, key: str, task: Task) -> None:
    skip_unless_installed(MODELS[key])
    scorer = runs.model(key, task).scorer
    pipeline = scorer.members[0][1]
    encoded = pipeline[:-1].transform(conform(runs.table.head(5), scorer.fields))
    found = encode.origins(pipeline, scorer.fields)
    assert len(found) == encoded.shape[1]
    assert set(found) <= set(range(len(scorer.fields)))


@pytest.mark.parametrize("kind", MODELS, ids=MODELS.keys)
def test_an_entry_is_described_and_its_portfolio_fits_its_parameters(kind: ModelKind) -> None:
    assert kind.title
    assert kind.about.endswith(".")
    assert kind.portfolio
    for config in kind.portfolio:
        settings = kind.settings(config.params)
        assert settings.keys() == {param.key for param in kind.params}


@pytest.mark.parametrize("kind", MODELS, ids=MODELS.keys)
def test_what_a_search_may_draw_are_settings_that_the_entry_takes(kind: ModelKind) -> None:
    params = {param.key: param for param in kind.params}
    for span in kind.search:
        assert params[span.key].kind in ("integer", "number")
        assert span.low < span.high
        assert not span.log or span.low > 0
        kind.settings({span.key: span.low})
        kind.settings({span.key: span.high})


def test_no_tree_is_scaled() -> None:
    assert not any(kind.wants_scaling for kind in MODELS if kind.family in ("trees", "boosting", "baseline"))
