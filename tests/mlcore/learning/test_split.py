from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.learning.plan import Validation
from mlcore.learning.split import Rows, inner, split, strata_of, validation

FOLDS = Validation(method="folds", folds=5, holdout=0)


def rows(n: int, seed: int = 0, *, blocks: int | None = None, moments: int | None = None) -> Rows:
    random = np.random.default_rng(seed)
    return Rows(
        strata=random.integers(0, 3, n),
        blocks=np.arange(n) if blocks is None else random.integers(0, blocks, n),
        moments=None if moments is None else random.integers(0, moments, n).astype(float),
    )


@given(n=st.integers(30, 400), seed=st.integers(0, 50), holdout=st.integers(0, 10), repeats=st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_every_row_is_locked_away_or_tested_once_a_repeat(n: int, seed: int, holdout: int, repeats: int) -> None:
    plan = Validation(method="folds", folds=5, repeats=repeats, holdout=holdout)
    parts = split(rows(n, seed), plan, seed)
    assert parts.holdout.sum() == holdout
    tested = np.zeros(n, dtype=int)
    for train, test in parts.pairs():
        assert not set(train) & set(test)
        assert not parts.holdout[train].any()
        tested[test] += 1
    assert (tested[~parts.holdout] == repeats).all()
    assert (tested[parts.holdout] == 0).all()


@given(seed=st.integers(0, 50), blocks=st.integers(12, 150))
@settings(max_examples=40, deadline=None)
def test_a_block_is_on_one_side_only(seed: int, blocks: int) -> None:
    table = rows(300, seed, blocks=blocks)
    parts = split(table, Validation(method="group folds", folds=4, holdout=50), seed)
    assert not set(table.blocks[parts.holdout]) & set(table.blocks[~parts.holdout])
    for train, test in parts.pairs():
        assert not set(table.blocks[train]) & set(table.blocks[test])


@given(seed=st.integers(0, 50), moments=st.integers(12, 1_000), blocks=st.sampled_from([None, 25]))
@settings(max_examples=40, deadline=None)
def test_the_future_never_informs_the_past(seed: int, moments: int, blocks: int | None) -> None:
    table = rows(300, seed, moments=moments, blocks=blocks)
    assert table.moments is not None
    parts = split(table, Validation(method="forward in time", folds=4, holdout=40), seed)
    pairs = list(parts.pairs())
    for train, test in pairs:
        assert table.moments[train].max() <= table.moments[test].min()
    if blocks is None:
        assert pairs
        assert all(table.moments[train].max() < table.moments[test].min() for train, test in pairs)
        assert table.moments[~parts.holdout].max() < table.moments[parts.holdout].min()


def test_labels_are_spread_evenly() -> None:
    table = Rows(strata=np.repeat([0, 1], [950, 50]), blocks=np.arange(1_000))
    parts = split(table, Validation(method="folds", folds=5, holdout=200), 3)
    assert (table.strata[parts.holdout] == 1).sum() == 10
    for _, test in parts.pairs():
        assert (table.strata[test] == 1).sum() == 8


def test_unequal_blocks_make_folds_of_like_size() -> None:
    sizes = np.random.default_rng(1).integers(1, 30, 60)
    table = Rows(strata=np.zeros(sizes.sum(), dtype=np.int64), blocks=np.repeat(np.arange(60), sizes))
    tests = [len(test) for _, test in split(table, FOLDS, 0).pairs()]
    assert max(tests) <= 1.3 * min(tests)


def test_the_same_seed_gives_the_same_folds_and_another_seed_others() -> None:
    table = rows(200)
    first, same, other = (split(table, FOLDS, seed).folds for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_one_split_tests_one_part() -> None:
    parts = split(rows(1_000), Validation(method="one split", folds=1, holdout=100), 0)
    pairs = list(parts.pairs())
    assert len(pairs) == 1
    assert len(pairs[0][1]) == 180
    assert len(pairs[0][0]) == 720


@pytest.mark.parametrize(
    ("n", "holdout", "method", "folds", "repeats"),
    [
        (200, 0, "repeated folds", 5, 5),
        (600, 120, "repeated folds", 5, 5),
        (1_000, 200, "repeated folds", 5, 3),
        (5_000, 1_000, "folds", 5, 1),
        (10_000, 1_500, "folds", 5, 1),
        (50_000, 7_500, "folds", 3, 1),
        (100_000, 10_000, "folds", 3, 1),
        (1_000_000, 20_000, "one split", 1, 1),
    ],
)
def test_the_defaults_follow_the_size(n: int, holdout: int, method: str, folds: int, repeats: int) -> None:
    chosen = validation(n, time=False, groups=None)
    assert (chosen.holdout, chosen.method, chosen.folds, chosen.repeats) == (holdout, method, folds, repeats)


def test_few_groups_are_not_locked_away_and_bound_the_folds() -> None:
    chosen = validation(10_000, time=False, groups=3)
    assert (chosen.holdout, chosen.method, chosen.folds) == (0, "group folds", 3)


def test_rows_to_stop_by_are_the_newest_when_there_is_time() -> None:
    table = rows(100, moments=1_000)
    assert table.moments is not None
    fit_on, aside = inner(table, np.arange(100), 0.2, 0)
    assert table.moments[fit_on].max() <= table.moments[aside].min()
    assert len(aside) == 20


def test_numbers_are_stratified_by_tenths() -> None:
    counts = np.bincount(strata_of(np.random.default_rng(0).normal(size=1_000), "regression"))
    assert len(counts) == 10
    assert counts.min() == counts.max() == 100


@given(seed=st.integers(0, 50), gap=st.integers(0, 60), blocks=st.sampled_from([None, 25]))
@settings(max_examples=30, deadline=None)
def test_a_gap_lies_between_the_rows_learned_from_and_those_tested(seed: int, gap: int, blocks: int | None) -> None:
    table = replace(rows(300, seed, moments=200, blocks=blocks), gap=float(gap))
    assert table.moments is not None
    parts = split(table, Validation(method="forward in time", folds=4, holdout=40), seed)
    for train, test in parts.pairs():
        assert table.moments[train].max() + gap <= table.moments[test].min()
        assert not set(table.blocks[train]) & set(table.blocks[test])
    locked = parts.holdout & parts.scored
    assert locked.any()
    if len(parts.training) < 5:
        return
    assert table.moments[parts.training].max() + gap <= table.moments[locked].min()
    older, newest = inner(table, parts.training, 0.2, seed)
    assert not set(older) & set(newest)


def test_rows_to_stop_by_lie_behind_the_gap_too() -> None:
    table = Rows(
        strata=np.zeros(100, dtype=np.int64), blocks=np.arange(100), moments=np.arange(100, dtype=float), gap=10.0
    )
    older, newest = inner(table, np.arange(100), 0.2, 0)
    assert (older.max(), newest.min()) == (70, 80)


@pytest.mark.parametrize("gap", [0.0, 2.0])
def test_groups_that_last_are_judged_later_and_by_models_that_do_not_know_them(gap: float) -> None:
    """A panel: each of 80 customers has a row in each of 20 months."""
    months, customers = (part.ravel() for part in np.meshgrid(np.arange(20.0), np.arange(80)))
    table = Rows(strata=np.zeros(1_600, dtype=np.int64), blocks=customers, moments=months, gap=gap)
    plan = Validation(method="forward in time", folds=4, holdout=320)
    parts = split(table, plan, 0)
    pairs = [*parts.pairs(), (parts.training, np.flatnonzero(parts.holdout & parts.scored))]
    assert len(pairs) == 5
    for train, test in pairs:
        assert len(train) > 50
        assert len(test) > 30
        assert not set(customers[train]) & set(customers[test])
        assert months[train].max() < months[test].min()
        assert months[train].max() + gap <= months[test].min()


@pytest.mark.parametrize(
    ("plan", "moments"),
    [(replace(FOLDS, holdout=100), None), (Validation(method="forward in time", folds=5, holdout=100), 400)],
)
def test_of_very_many_rows_a_sample_is_judged_and_all_are_learned_from(
    plan: Validation, moments: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = rows(3_000, moments=moments)
    whole = split(table, plan, 0)
    monkeypatch.setattr("mlcore.learning.split.MOST_JUDGED", 600)
    parts = split(table, plan, 0)
    assert parts.judged.sum() == pytest.approx(600, abs=10)
    assert (parts.holdout == whole.holdout).all()
    assert (parts.scored[parts.holdout] == whole.scored[whole.holdout]).all()
    pairs, before = list(parts.pairs()), list(whole.pairs())
    assert len(pairs) == len(before)
    for (train, test), (learned, tested) in zip(pairs, before, strict=True):
        assert np.array_equal(train, learned)
        assert set(test) < set(tested)
        shares = np.bincount(table.strata[test]) / len(test)
        assert shares == pytest.approx(np.bincount(table.strata[tested]) / len(tested), abs=0.02)
