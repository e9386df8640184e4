"""The worst segment: seldom raised where nothing is wrong, found where something is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mlcore.evaluation.worst import Worst, worst_segments
from mlcore.evaluation.worst_told import sentences
from tests.mlcore.evaluation.simulated import Plant, a_number, cuts_of, table, yes_or_no

ROWS = 2000
Make = Callable[..., object]
TASKS = {"binary": yes_or_no, "regression": a_number}


def searched(make: Make, seed: int, plant: Plant | None = None, each: int = 1, n: int = ROWS) -> Worst:
    random = np.random.default_rng(seed)
    columns = table(random, n)
    bad = plant(columns) if plant is not None else None
    return worst_segments(make(random, n, bad, each), cuts_of(columns), seed=seed)  # type: ignore[arg-type]


def raised(make: Make, sets: int, start: int, each: int = 1) -> int:
    return sum(bool(searched(make, start + seed, each=each).confirmed) for seed in range(sets))


def found(make: Make, plant: Plant, columns: set[str], sets: int, start: int) -> int:
    """How often exactly these columns are the worst segment."""
    hits = 0
    for seed in range(sets):
        confirmed = searched(make, start + seed, plant).confirmed
        hits += bool(confirmed) and {part.column for part in confirmed[0].parts} == columns
    return hits


@pytest.mark.parametrize(("task", "each"), [("binary", 1), ("regression", 5)])
def test_on_ten_tables_where_nothing_is_wrong_at_most_one_segment_is_raised(task: str, each: int) -> None:
    assert raised(TASKS[task], 10, start=100, each=each) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("each", [1, 5])
def test_where_nothing_is_wrong_false_alarms_are_one_in_a_hundred(task: str, each: int) -> None:
    assert raised(TASKS[task], 300, start=1000, each=each) <= 8  # beyond it with probability 0.004 at 1 %


@pytest.mark.parametrize("task", TASKS)
def test_a_bad_category_is_found_and_named(task: str) -> None:
    assert found(TASKS[task], lambda made: (made["c1"] == "b").to_numpy(), {"c1"}, 4, start=50) >= 3


@pytest.mark.parametrize("task", TASKS)
def test_rows_that_are_bad_only_where_two_columns_meet_are_found_as_a_pair(task: str) -> None:
    def meeting(made: object) -> object:
        return ((made["c1"] == "a") & (made["x0"] > 0.84)).to_numpy()  # type: ignore[index]

    assert found(TASKS[task], meeting, {"c1", "x0"}, 4, start=60) >= 3  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("task", TASKS)
def test_a_bad_tenth_of_the_rows_is_found_in_nine_of_ten_tables(task: str) -> None:
    assert found(TASKS[task], lambda made: (made["c2"] == "d").to_numpy(), {"c2"}, 100, start=5000) >= 90


def test_groups_and_repeats_of_a_row_lie_in_one_half() -> None:
    from mlcore.evaluation.worst import _halved

    made = yes_or_no(np.random.default_rng(0), 400, each=5)
    halves = _halved(made, seed=3)
    first = np.unique(made.groups[halves.first])
    assert not set(first) & set(np.unique(made.groups[~halves.first]))
    twice = yes_or_no(np.random.default_rng(0), 400).take(np.tile(np.arange(400), 2))
    again = _halved(twice, seed=3)
    assert not set(twice.rows[again.first]) & set(twice.rows[~again.first])


def test_the_finding_is_said_with_both_numbers_the_rows_and_what_was_tried() -> None:
    made = searched(yes_or_no, 51, lambda columns: (columns["c1"] == "b").to_numpy())
    first, second, third = sentences(made, {"c1": "Contract"})
    one = made.confirmed[0]
    assert first.startswith("The worst segment is where “Contract” is “b”: Brier score ")
    assert f"on {one.n:,} of 2,000 rows" in first
    assert f"among {made.tried:,} segments of 8 columns" in second
    assert "after correction for" in second
    assert "harder" in third or "says too" in third


def test_without_a_finding_it_says_how_much_was_tried() -> None:
    made = searched(yes_or_no, 100)
    assert made.tried > 150
    assert sentences(made)[0].startswith("No segment is shown to be worse than the rest: ")


def test_too_few_rows_are_a_sentence_and_no_search() -> None:
    made = searched(a_number, 0, n=100)
    assert (made.tried, made.suspicions) == (0, ())
    assert sentences(made) == ("A search for the worst segment needs 160 rows at least: there are too few here.",)


def test_all_equal_errors_raise_nothing() -> None:
    random = np.random.default_rng(0)
    columns, made = table(random, 600), a_number(random, 600)
    from dataclasses import replace

    flat = replace(made, values=made.truth + 1.0)
    assert worst_segments(flat, cuts_of(columns)).suspicions == ()
