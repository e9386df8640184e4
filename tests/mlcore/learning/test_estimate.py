"""What a training takes, told from the shape of the table: it grows with what costs, and says what fits."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from mlcore.data.schema import Column, Schema
from mlcore.evaluation.predictions import Task
from mlcore.learning.costs import Shape, candidate_seconds, encoded
from mlcore.learning.estimate import Estimate, configurations, estimate, shape_of
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate
from mlcore.learning.split import validation

GOAL = Goal(target="y", task="binary", metric="roc_auc")
LINES = ("linear", "rule")


def shape(rows: int = 5_000, columns: int = 20, *, labels: int = 2, texts: int = 0, levels: int = 0) -> Shape:
    numbers = [Column(name=f"n{at}", kind="numeric", storage="float") for at in range(columns)]
    words = [Column(name=f"t{at}", kind="text", storage="text") for at in range(texts)]
    named = [Column(name="c", kind="categorical", storage="text", distinct=levels)] if levels else []
    return Shape(
        rows=rows,
        columns=(*numbers, *words, *named),
        labels=labels,
        validation=validation(rows, time=False, groups=None),
    )


def told(
    of: Shape, *, seconds: float = 60, cores: int = 2, task: Task = "binary", available: float = 16_000
) -> Estimate:
    return estimate(of, configurations(of, replace(GOAL, task=task)), seconds=seconds, cores=cores, available=available)


@pytest.mark.parametrize("more", [shape(50_000), shape(columns=300), shape(labels=6), shape(texts=2)])
def test_more_of_anything_takes_longer(more: Shape) -> None:
    kinds = [Candidate(key=kind.key, model=kind.key, title="") for kind in MODELS if kind.key != "baseline"]
    assert sum(candidate_seconds(more, one) for one in kinds) > 1.2 * sum(
        candidate_seconds(shape(), one) for one in kinds
    )


def test_every_configuration_of_the_catalogue_has_a_cost() -> None:
    for one in configurations(shape(), GOAL):
        assert 0.1 < candidate_seconds(shape(), one) < 600


@pytest.mark.parametrize(
    ("rows", "columns", "labels", "measured"),
    [
        (150, 20, 2, 25),
        (60, 2_000, 0, 35),
        (123, 1_107, 0, 86),
        (150, 1_000, 4, 108),
        (300, 150, 0, 80),
        (500, 1_500, 2, 123),
    ],
)
def test_few_rows_of_many_columns_cost_what_they_were_seen_to_cost(
    rows: int, columns: int, labels: int, measured: float
) -> None:
    given = shape(rows, columns, labels=labels)
    given = replace(given, validation=replace(given.validation, folds=5, holdout=0))
    task: Task = "binary" if labels == 2 else "multiclass" if labels else "regression"
    whole = sum(candidate_seconds(given, one) for one in configurations(given, replace(GOAL, task=task)))
    assert measured / 2 < whole < 2 * measured  # CPU seconds of the portfolio, one round of folds


def test_a_kind_that_was_never_measured_takes_the_rate_of_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    new = replace(MODELS["forest"], key="new")
    monkeypatch.setattr(MODELS, "_entries", {**MODELS._entries, "new": new})
    assert 1 < candidate_seconds(shape(), Candidate(key="new", model="new", title="")) < 100


def test_kinds_that_promise_no_direction_are_not_counted() -> None:
    free = {one.model for one in configurations(shape(), GOAL)}
    bound = {one.model for one in configurations(shape(), replace(GOAL, monotone={"n0": "up"}))}
    assert bound == {key for key in free if MODELS[key].monotone}
    assert bound < free


def test_slower_learning_and_more_trees_take_longer() -> None:
    def cost(model: str, **params: float) -> float:
        return candidate_seconds(shape(), Candidate(key="k", model=model, title="", params=params))

    assert cost("lightgbm", rate=0.01) > 1.5 * cost("lightgbm")
    assert cost("forest", trees=300) > 2 * cost("forest")


def test_more_time_and_more_cores_fit_more() -> None:
    large = shape(150_000, 40)
    assert told(large).fitting < told(large, seconds=600).fitting <= told(large, seconds=600).configurations
    assert told(large, cores=8).fitting > told(large).fitting
    assert told(large, cores=8).whole < told(large).whole
    assert told(large).work == told(large, cores=8).work


def test_a_quick_table_says_that_time_is_left() -> None:
    assert "time is left to search" in told(shape(1_000, 5), seconds=600).sentence
    assert told(shape(1_000, 5), seconds=600).sentence.startswith("All ")


def test_a_large_table_says_how_many_fit() -> None:
    said = told(shape(150_000, 40)).sentence
    assert said.startswith("About ")
    assert "configurations fit into 60 s; first result after about " in said
    assert said.endswith("MB.")


def test_memory_beyond_the_machine_is_a_warning_with_a_remedy() -> None:
    wide = shape(100_000, 2_000)
    assert "Leave columns out" in told(wide, available=4_000).warning
    assert told(shape()).warning == ""


def test_very_wide_tables_take_what_they_were_seen_to_take() -> None:
    counts = [Column(name=f"n{at}", kind="numeric", storage="float", distinct=9) for at in range(10_000)]
    wide = Shape(rows=5_000, columns=tuple(counts), labels=2, validation=validation(5_000, time=False, groups=None))
    assert 2_500 / 2 < told(wide).megabytes < 2 * 2_500  # measured: 2.5 GB, and 64 MB on disk
    assert 64 / 2 < told(wide).disk < 2 * 64
    measured = [replace(column, distinct=5_000) for column in counts]
    assert told(replace(wide, columns=tuple(measured))).disk > 200  # four bytes a number


def test_a_long_table_that_is_laid_out_in_blocks_takes_what_it_was_seen_to_take() -> None:
    assert 1_116 / 2 < told(shape(1_000_000, 50)).megabytes < 2 * 1_116


def test_many_columns_of_names_take_longer() -> None:
    numbers, linear = shape(20_000, 1_000), Candidate(key="linear", model="linear", title="")
    names = tuple(replace(c, kind="categorical", storage="text", distinct=30) for c in numbers.columns[:200])
    mixed = replace(numbers, columns=(*numbers.columns[200:], *names))
    assert candidate_seconds(mixed, linear) > 1.5 * candidate_seconds(numbers, linear)


def test_disk_is_told_of_the_configurations_that_end_in_time() -> None:
    large = shape(150_000, 40)
    short, long, longer = (told(large, seconds=seconds) for seconds in (60, 600, 6_000))
    assert short.fitting < long.fitting == longer.fitting
    assert short.disk < long.disk == longer.disk


@pytest.mark.parametrize(("rows", "columns", "models", "measured"), [(1_500, 6, None, 5.3), (3_000, 3, LINES, 0.5)])
def test_disk_is_told_within_a_factor_of_two_of_what_runs_took(
    rows: int, columns: int, models: tuple[str, ...] | None, measured: float
) -> None:
    table = shape(rows, columns)
    found = estimate(table, configurations(table, GOAL, models), seconds=9_000, cores=2, available=8_000).disk
    assert measured / 2 < found < 2 * measured


def test_the_words_of_texts_take_disk_in_every_model() -> None:
    seen = 28  # MB, measured: 3,000 reviews, 27 models
    assert seen / 2 < told(shape(3_000, 0, texts=1)).disk < 2 * seen
    assert told(shape(3_000, 0, texts=1)).disk > 1.5 * told(shape(3_000, 1)).disk


def test_there_is_always_one_configuration_that_counts_as_fitting() -> None:
    assert told(shape(150_000, 40), seconds=1).fitting == 1


@pytest.mark.parametrize(
    ("key", "columns"), [("lightgbm", 20 + 4), ("linear", 20 + 4), ("net", 20 + 4), ("baseline", 1)]
)
def test_a_category_of_few_levels_is_a_column_for_each(key: str, columns: int) -> None:
    assert encoded(shape(levels=4), MODELS[key]) == columns


def test_a_category_of_many_levels_is_two_columns_in_front_of_trees_and_many_in_front_of_lines() -> None:
    assert encoded(shape(levels=400), MODELS["lightgbm"]) == 22
    assert encoded(shape(levels=200), MODELS["linear"]) > 100


def test_the_shape_leaves_out_what_is_not_learned_from() -> None:
    kinds = {
        "y": "boolean",
        "id": "identifier",
        "same": "constant",
        "a": "numeric",
        "b": "numeric",
        "who": "categorical",
    }
    schema = Schema(columns=tuple(Column(name=name, kind=kind, storage="text") for name, kind in kinds.items()))  # type: ignore[arg-type]
    goal = replace(GOAL, exclude=("b",), group="who", keep=("id",))
    found = shape_of(schema, goal, pd.Series(["yes", "no", None] * 400), seconds=60, groups=200)
    assert [column.name for column in found.columns] == ["id", "a"]
    assert (found.rows, found.labels, found.validation.method) == (800, 2, "group folds")
