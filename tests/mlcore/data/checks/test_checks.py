"""Every check finds its bad case and is silent about a good one."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from mlcore.data.checks import check
from mlcore.data.kinds import guess_schema
from mlcore.errors import ColumnError
from mlcore.findings import Finding

ROWS = 600


def good() -> dict[str, object]:
    rng = np.random.default_rng(5)
    return {
        "age": rng.integers(18, 80, ROWS),
        "income": rng.normal(3000, 800, ROWS),
        "region": rng.choice(["north", "south", "east"], ROWS),
        "y": rng.choice(["yes", "no"], ROWS),
    }


def findings(target: str | None = "y", **columns: object) -> list[Finding]:
    table = pl.DataFrame(good() | columns, strict=False)
    return list(check(table, guess_schema(table), target))


def only(code: str, found: list[Finding]) -> Finding:
    (finding,) = [finding for finding in found if finding.code == code]
    return finding


def test_a_good_table_has_no_findings() -> None:
    assert findings() == []


def test_constant_and_empty_columns_are_told_apart() -> None:
    found = findings(same=["a"] * ROWS, empty=[None] * ROWS)
    assert [(finding.columns, finding.level) for finding in found] == [(("empty",), "note"), (("same",), "note")]


def test_identifiers_are_found_by_values_and_names() -> None:
    found = only("identifier", findings(customer_id=[f"C{n:06d}" for n in range(ROWS)], nr=list(range(ROWS))))
    assert set(found.columns) == {"customer_id", "nr"}


def test_equal_rows_are_a_note_when_few_and_a_warning_when_many() -> None:
    for extra, level in ((1, "note"), (60, "watch")):
        table = pl.DataFrame(good())
        table = pl.concat([table, table.head(extra)])
        found = only("duplicates", list(check(table, guess_schema(table), "y")))
        assert found.level == level
        assert f"{extra:,} row" in found.what


def test_many_rare_categories_are_found() -> None:
    streets = [f"street {n % 200}" for n in range(ROWS)]
    assert only("high_cardinality", findings(street=streets)).columns == ("street",)


def test_missing_values_are_a_note_when_some_and_a_warning_when_most() -> None:
    some = [None if n % 10 == 0 else n % 7 for n in range(ROWS)]
    most = [n % 7 if n % 10 == 0 else None for n in range(ROWS)]
    found = findings(some=some, most=most)
    assert [(finding.columns, finding.level) for finding in found] == [(("most",), "watch"), (("some",), "note")]


def test_a_planted_copy_of_the_target_is_red() -> None:
    y = good()["y"]
    found = only("leak", findings(outcome=[{"yes": "paid", "no": "due"}[label] for label in y]))
    assert (found.level, found.columns) == ("stop", ("outcome",))


def test_a_nearly_perfect_column_is_amber_or_red_by_its_strength() -> None:
    rng = np.random.default_rng(7)
    truth = np.array(good()["y"]) == "yes"
    near = truth + rng.normal(0, 0.6, ROWS)
    found = only("leak", findings(near=near))
    assert found.level == "watch"
    assert found.columns == ("near",)


def test_a_copy_of_a_number_with_noise_is_red() -> None:
    income = np.array(good()["income"])
    found = only("leak", findings("income", gross=income * 1.3 + 20))
    assert (found.level, found.columns) == ("stop", ("gross",))


def test_random_targets_are_never_given_away() -> None:
    for seed in range(5):
        labels = np.random.default_rng(seed).choice(["a", "b"], ROWS)
        assert findings(y=labels) == []


def test_rare_classes_are_named_with_their_rows() -> None:
    labels = ["often", "also"] * 299 + ["seldom"] * 2
    found = only("rare_class", findings(y=labels))
    assert "'seldom' (2 rows)" in found.what


def test_small_tables_are_said_to_be_small() -> None:
    for rows, level in ((40, "watch"), (250, "note")):
        table = pl.DataFrame(good()).head(rows)
        assert only("too_few_rows", list(check(table, guess_schema(table)))).level == level


def test_equal_columns_are_found() -> None:
    assert set(only("twin", findings(age_again=good()["age"])).columns) == {"age", "age_again"}


def test_the_worst_comes_first() -> None:
    found = findings(outcome=good()["y"], same=["a"] * ROWS, number=list(range(ROWS)))
    assert [finding.level for finding in found] == sorted(
        (finding.level for finding in found), key=["stop", "watch", "note"].index
    )


def test_without_a_target_nothing_is_said_about_one() -> None:
    codes = {finding.code for finding in findings(None, outcome=good()["y"])}
    assert "leak" not in codes


def test_excluded_columns_are_not_looked_at() -> None:
    from dataclasses import replace

    table = pl.DataFrame(good() | {"copy": good()["y"]})
    schema = guess_schema(table)
    schema = schema.with_column(replace(schema["copy"], role="excluded"))
    assert check(table, schema, "y") == ()


def test_a_target_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ColumnError):
        findings("yy")
