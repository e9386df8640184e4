from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.errors import GoalError
from mlcore.learning.audit import audit
from mlcore.learning.fold import Making, Material, fitted
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.models.bins import weighted_percentile
from mlcore.learning.scoring import Scorer
from mlcore.learning.split import Rows
from mlcore.learning.train import fit
from mlcore.learning.weights import IGNORED, Weighing, class_weights

Described = Callable[..., Schema]
Laid = Callable[..., Path]
ROWS = 400
FIELDS = [{"id": "c0", "name": "x", "kind": "number", "missing": 0.0, "low": -1.0, "high": 1.0}]


def contradictory(weighing: Weighing) -> Material:
    """Half of the rows say yes above 0, the other half below."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, ROWS)
    return Material(
        task="binary",
        features=pd.DataFrame({"c0": x}),
        truth=((x > 0) ^ (np.arange(ROWS) % 2 == 1)).astype(np.int64),
        rows=Rows(strata=np.zeros(ROWS, dtype=np.int64), blocks=np.arange(ROWS), moments=np.arange(ROWS, dtype=float)),
        fields=FIELDS,
        labels=2,
        weighing=weighing,
    )


def heavy(parity: int) -> Weighing:
    return Weighing(rows=np.where(np.arange(ROWS) % 2 == parity, 30.0, 1.0))


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in MODELS.keys if key != "baseline" and "binary" in MODELS[key].tasks])
def test_a_model_follows_the_rows_that_count_more_or_says_that_it_cannot(key: str) -> None:
    kind = MODELS[key]
    said = []
    for parity in (0, 1):
        material = contradictory(heavy(parity))
        making = Making(kind=kind, settings=kind.settings({}), seed=0, threads=1)
        made = fitted(material, making, np.arange(ROWS), rounds=None, until=None)
        said.append(made.values(pd.DataFrame({"c0": [-0.6, 0.6]}), 2)[:, 1])
    if IGNORED in made.notes:
        assert key in ("neighbours", "net", "bayes", "scorecard")
    else:
        assert said[0][0] < 0.4 < 0.6 < said[0][1]
        assert said[1][0] > 0.6 > 0.4 > said[1][1]


def test_what_any_model_must_beat_counts_every_row_alike() -> None:
    making = Making(kind=MODELS["baseline"], settings=MODELS["baseline"].settings({}), seed=0, threads=1)
    ways = [heavy(0), Weighing(), Weighing(classes="balanced")]
    said = [fitted(contradictory(way), making, np.arange(300), rounds=None, until=None) for way in ways]
    shown = [made.values(pd.DataFrame({"c0": [0.0]}), 2)[0, 1] for made in said]
    assert shown[0] == shown[1] == shown[2]


def test_a_row_that_counts_nothing_is_left_out_and_weights_have_mean_one() -> None:
    material = contradictory(Weighing(rows=np.where(np.arange(ROWS) < 100, 0.0, 7.0)))
    assert list(material.counting(np.arange(ROWS))) == list(range(100, ROWS))
    weights = material.weights(np.arange(ROWS))
    assert weights is not None
    assert weights.mean() == pytest.approx(1)


def test_balanced_labels_count_the_same_together_and_old_rows_half_after_a_half_life() -> None:
    truth = np.repeat([0, 1], [90, 10])
    weights = Weighing(classes="balanced").of(np.arange(100), truth, None)
    assert weights is not None
    assert weights[truth == 0].sum() == pytest.approx(weights[truth == 1].sum())
    aged = Weighing(half_life=10.0).of(np.arange(3), truth, np.array([-np.inf, 20.0, 30.0]))
    assert aged is not None
    assert aged[1] / aged[2] == pytest.approx(0.5)
    assert aged[0] == aged[1], "a row without a time counts as the oldest"


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([-1.0] + [1.0] * 59, "1 rows have a weight below 0, the lowest is -1"),
        ([0.0] * 60, "Every weight is 0"),
        ([np.nan] * 2 + [1.0] * 58, "2 of 60 rows have no weight"),
        (["heavy"] * 60, "no finite numbers: 'heavy'"),
        ([np.inf] + [1.0] * 59, "no finite numbers: 'inf'"),
        ([0.0, 1.0] * 30, "Every row of the label 'no' has the weight 0"),
    ],
)
def test_weights_that_cannot_be_are_refused_with_a_remedy(
    weights: list[object], said: str, schema_of: Described
) -> None:
    frame = pd.DataFrame({"a": np.arange(60.0) ** 2, "w": weights, "y": ["no", "yes"] * 30})
    with pytest.raises(GoalError, match=said) as refused:
        audit(frame, schema_of(frame), Goal(target="y", task="binary", metric="", weight="w"))
    assert refused.value.remedy


def test_class_weights_that_cannot_be_are_refused_with_a_remedy(schema_of: Described) -> None:
    for asked, said in (({"maybe": 2.0}, "no label 'maybe'"), ({"yes": 0.0}, "cannot count 0")):
        with pytest.raises(GoalError, match=said):
            class_weights(asked, ("no", "yes"))
    frame = pd.DataFrame({"a": np.arange(60.0), "y": np.arange(60.0)})
    with pytest.raises(GoalError, match="no labels to weigh"):
        audit(frame, schema_of(frame), Goal(target="y", task="regression", metric="", class_weight="balanced"))


def test_the_weight_column_is_never_learned_from_and_reaches_the_models(laid_out: Laid) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=ROWS), "w": np.where(np.arange(ROWS) % 2 == 0, 50.0, 1.0)})
    frame["y"] = np.where((frame["x"] > 0) ^ (np.arange(ROWS) % 2 == 1), "yes", "no")
    folder = laid_out(frame, Goal(target="y", task="binary", metric="", weight="w", keep=("w",)))
    assert [field["name"] for field in RunFolder(folder).spec["fields"]] == ["x"]
    assert fit(folder, "linear").state == "done"
    scorer = Scorer.load(folder / "trials" / "linear" / "model")
    assert scorer.frame(pd.DataFrame({"x": [-2.0, 2.0]}))["prediction"].tolist() == ["no", "yes"]
    assert json.loads((folder / "plan.json").read_text())["goal"]["weight"] == "w"


def test_a_few_heavy_rows_are_pointed_out(schema_of: Described) -> None:
    frame = pd.DataFrame({"a": np.arange(60.0) ** 2, "w": [1e6] + [1.0] * 59, "y": ["no", "yes"] * 30})
    checked = audit(frame, schema_of(frame), Goal(target="y", task="binary", metric="", weight="w"))
    assert "weights_uneven" in {finding.code for finding in checked.findings}


def test_weighted_rows_have_the_bins_that_scikit_learn_gives_them() -> None:
    from sklearn.ensemble._hist_gradient_boosting import binning
    from sklearn.utils.stats import _weighted_percentile

    random = np.random.default_rng(0)
    for values in (random.normal(size=700), random.normal(size=700).round(1)):
        for weights in (np.ones(700), np.exp(-np.arange(700) / 200), random.integers(1, 4, 700) * 1.0):
            for percentile in (0.4, 25.0, 50.0, 99.6):
                usual = _weighted_percentile(np.sort(values), weights, percentile, average=True)
                assert weighted_percentile(np.sort(values), weights, percentile) == usual
    MODELS["histogram"].build("regression", MODELS["histogram"].settings({}), 0, 1)
    assert getattr(binning, "_weighted_percentile", weighted_percentile) is weighted_percentile
