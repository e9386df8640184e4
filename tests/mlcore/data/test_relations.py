"""How one column alone goes with the target."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlcore.data.kinds import guess_schema
from mlcore.data.relations import area, relations
from mlcore.learning.tasks import guess_positive

ROWS = 2000
RNG = np.random.default_rng(3)


def related(target: str = "y", **columns: object) -> dict[str, object]:
    frame = pl.DataFrame(columns, strict=False)
    return relations(frame, guess_schema(frame), target)  # type: ignore[return-value]


def test_the_area_is_that_of_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    truth = RNG.integers(0, 2, 500)
    score = np.round(RNG.normal(size=500) + truth, 1)
    assert area(score, truth.astype(float)) == pytest.approx(roc_auc_score(truth, score), abs=1e-12)


def test_noise_is_near_nothing_and_a_copy_is_perfect() -> None:
    y = RNG.integers(0, 2, ROWS)
    found = related(
        y=y, noise=RNG.normal(size=ROWS), copy=np.where(y == 1, "paid", "open"), code=RNG.choice(list("abcdefgh"), ROWS)
    )
    assert found["noise"].value < 0.56
    assert found["code"].value < 0.56
    assert found["copy"].value > 0.999
    assert found["copy"].strength > 0.999


def test_a_relation_that_turns_around_is_seen() -> None:
    x = RNG.uniform(-1, 1, ROWS)
    found = related(y=(np.abs(x) > 0.5).astype(int), x=x)
    assert found["x"].value > 0.95


def test_missing_values_that_go_with_the_target_are_seen() -> None:
    y = RNG.integers(0, 2, ROWS)
    found = related(y=y, closed=np.where(y == 1, RNG.normal(size=ROWS), np.nan))
    assert found["closed"].value > 0.99


def test_a_number_is_related_by_r2_and_a_monotone_copy_is_perfect() -> None:
    y = RNG.normal(size=ROWS)
    found = related(y=y, cube=y**3, noise=RNG.normal(size=ROWS), group=np.where(y > 0, "up", "down"))
    assert found["cube"].measure == "R²"
    assert found["cube"].value > 0.999
    assert found["noise"].value < 0.02
    assert found["group"].value == pytest.approx(2 / np.pi, abs=0.05)


def test_several_classes_have_shares_in_every_bin() -> None:
    y = RNG.choice(["a", "b", "c"], ROWS, p=[0.5, 0.3, 0.2])
    relation = related(y=y, x=RNG.normal(size=ROWS))["x"]
    assert relation.labels == ("a", "b", "c")
    assert all(sum(part.shares) == pytest.approx(1) for part in relation.bins)
    assert sum(part.n for part in relation.bins) == ROWS


def test_bins_are_tenths_and_missing_is_one_of_its_own() -> None:
    x = np.where(np.arange(ROWS) % 10 == 0, np.nan, RNG.normal(size=ROWS))
    relation = related(y=RNG.integers(0, 2, ROWS), x=x)["x"]
    assert relation.bins[-1].label == "missing"
    assert relation.bins[-1].n == ROWS // 10
    assert len(relation.bins) == 11
    assert relation.positive == "1"


def test_rows_without_the_target_do_not_count() -> None:
    y = pl.Series([None, 1, 0, 1] * 100)
    assert related(y=y, x=np.arange(400.0))["x"].n == 300


@pytest.mark.parametrize("y", [[None] * 100, [1] * 100, [0, 1] * 10])
def test_nothing_is_related_to_a_target_that_says_nothing(y: list[object]) -> None:
    assert related(y=y, x=np.arange(float(len(y)))) == {}


@pytest.mark.parametrize("labels", [("nein", "ja"), ("good", "fine"), ("fraud", "ok"), ("paid", "default"), ("b", "a")])
def test_the_label_that_is_looked_at_is_the_one_a_goal_would_take_for_yes(labels: tuple[str, str]) -> None:
    y = np.repeat(labels, (ROWS // 4, ROWS - ROWS // 4))
    relation = related(x=RNG.normal(size=ROWS), y=y)["x"]
    counts = pd.Series(y).value_counts()
    assert relation.positive == guess_positive(counts)  # type: ignore[attr-defined]
    assert guess_positive(counts) == guess_positive(counts[::-1])


def test_columns_measured_side_by_side_give_what_they_give_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    columns: dict[str, object] = {f"x{number}": chance.normal(size=400) for number in range(12)}
    columns |= {"word": chance.choice(list("abc"), 400), "y": chance.integers(0, 2, 400)}
    found = []
    for cores in (1, 4):
        monkeypatch.setattr("joblib.cpu_count", lambda cores=cores: cores)
        found.append(related(**columns))
    assert found[0] == found[1]
    assert list(found[0]) == list(found[1]) == [name for name in columns if name != "y"]
