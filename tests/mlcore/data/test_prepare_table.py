"""A recipe done to a stored table: in one piece or in many, the same rows, and the truth about each step."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlcore.data import outline, prepare_table, replay
from mlcore.data.dataset import Dataset
from mlcore.data.load import read_table, store_frame
from mlcore.data.prepare_table import accounts, prepared, previewed
from mlcore.data.recipe import EMPTY, Recipe
from mlcore.data.row_numbers import raw_rows, row_named, row_numbers
from mlcore.errors import ColumnError, TableError, UserError


def people(rows: int = 60) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Age": [float(20 + n % 50) if n % 7 else None for n in range(rows)],
            "income": [1000 + n if n % 5 else -1 for n in range(rows)],
            "town": ["Bonn", "Köln", "bonn ", "Aachen, DE"][0] if rows == 1 else [
                ["Bonn", "Köln", "bonn ", "Aachen, DE"][n % 4] for n in range(rows)
            ],
            "born": pd.Timestamp("1990-01-31") + pd.to_timedelta(range(rows), unit="D"),
            "number": [f"{n}.{n % 10}00,5" for n in range(rows)],
            "target": ["yes" if n % 3 else "no" for n in range(rows)],
        }
    )  # fmt: skip


def towns() -> pd.DataFrame:
    return pd.DataFrame({"name": ["Bonn", "Köln", "Köln", "Trier"], "people": [330, 1080, 1, 110], "river": "Rhein"})


@pytest.fixture
def raw(tmp_path: Path) -> Dataset:
    return store_frame(people(), tmp_path / "raw.parquet", "people")


@pytest.fixture
def other(tmp_path: Path) -> Dataset:
    return store_frame(towns(), tmp_path / "towns.parquet", "towns")


def recipe(*steps: tuple[str, dict[str, object]]) -> Recipe:
    made = EMPTY
    for repair, params in steps:
        made = made.added(repair, params)
    return made


ALL = recipe(
    ("rename", {"pairs": [["Age", "age"]]}),
    ("replace", {"columns": ["income"], "pairs": [["-1", None]]}),
    ("replace", {"columns": ["town"], "pairs": [["bonn", "Bonn"]], "case": False}),
    ("change_kind", {"columns": ["number"], "kind": "numeric", "decimal": ","}),
    ("derive", {"name": "per year", "expression": "income / (age - 20)"}),
    ("extract", {"column": "born", "what": "weekday"}),
    ("split", {"column": "town", "keep": True}),
    ("join", {"dataset": "towns", "keys": [["town", "name"]], "take": ["people"], "prefix": "town "}),
    ("filter_rows", {"expression": "missing(age) or age < 60"}),
    ("deduplicate", {"columns": ["town", "target", "age"]}),
    ("fill", {"columns": ["age"], "how": "median"}),
    ("cap", {"columns": ["income"], "high": 1040}),
    ("drop", {"columns": ["town_2"]}),
)


def test_every_step_does_what_it_says(raw: Dataset, other: Dataset, tmp_path: Path) -> None:
    made = prepared(raw, ALL, tmp_path / "out" / "table.parquet", {"towns": other})
    table = read_table(made)
    assert list(table) == [
        "age", "income", "town", "born", "number", "target", "per year", "born_weekday", "town_1", "town people",
    ] or set(table) == {
        "age", "income", "town", "born", "number", "target", "per year", "born_weekday", "town_1", "town people",
    }  # fmt: skip
    assert table["income"].min() > 0
    assert table["income"].max() == 1040
    assert set(table["town"]) == {"Bonn", "Köln", "Aachen, DE"}
    assert table.loc[table["town"] == "Köln", "town people"].unique().tolist() == [1080]
    assert table.loc[table["town"] == "Aachen, DE", "town people"].isna().all()
    assert table["age"].isna().any(), "a step that learns leaves the table alone"
    assert not table.duplicated(["town", "target", "age"]).any()
    assert made.recipe == ALL
    assert made.inputs == raw.schema
    assert made.rows == len(table)


def test_parts_give_the_same_table_as_one_piece(
    raw: Dataset, other: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = prepared(raw, ALL, tmp_path / "whole" / "table.parquet", {"towns": other})
    monkeypatch.setattr(prepare_table, "_CELLS", 1)
    many = store_frame(people(4_000), tmp_path / "many.parquet")
    parts = prepared(many, ALL, tmp_path / "parts" / "table.parquet", {"towns": other})
    monkeypatch.setattr(prepare_table, "_CELLS", 10**9)
    once = prepared(many, ALL, tmp_path / "once" / "table.parquet", {"towns": other})
    pd.testing.assert_frame_equal(read_table(parts), read_table(once))
    assert accounts(Path(parts.path)) == accounts(Path(once.path))
    assert (raw_rows(Path(parts.path), parts.rows) == raw_rows(Path(once.path), once.rows)).all()
    assert whole.schema.names == parts.schema.names


def test_the_executor_alone_gives_the_same_table(raw: Dataset, other: Dataset, tmp_path: Path) -> None:
    made = prepared(raw, ALL, tmp_path / "out" / "table.parquet", {"towns": other})
    storages = {column.name: column.storage for column in raw.schema}
    lookups = {
        path.stem: replay.Lookup(pd.read_parquet(path)) for path in (tmp_path / "out" / "lookups").glob("*.parquet")
    }
    steps = [outline.plain(step) for step in ALL.active]
    again = replay.replay(replay.typed(read_table(raw), storages), steps, lookups)
    stored = read_table(made)
    for name in stored:
        assert again[name].isna().tolist() == stored[name].isna().tolist()
        assert again[name].dropna().tolist() == stored[name].dropna().tolist()


def test_the_account_counts_rows_cells_and_matches(raw: Dataset, other: Dataset, tmp_path: Path) -> None:
    made = prepared(raw, ALL, tmp_path / "out" / "table.parquet", {"towns": other})
    told = {account.step: account for account in accounts(Path(made.path))}
    assert told["2"].changed == int((people()["income"] == -1).sum())
    assert told["8"].matched + told["8"].unmatched == 60
    assert told["8"].unmatched_keys == ("Aachen, DE",)
    assert told["8"].matched_keys == ("Bonn", "Köln")
    assert told["8"].repeated == 1
    assert (told["9"].before, told["9"].after) == (60, told["10"].before)
    assert told["10"].after == made.rows
    assert told["11"].learned
    assert told["4"].lost == 0


def test_where_each_row_came_from_is_kept(raw: Dataset, tmp_path: Path) -> None:
    made = prepared(raw, recipe(("filter_rows", {"expression": "income > 1030"})), tmp_path / "o" / "t.parquet", {})
    places = raw_rows(Path(made.path), made.rows)
    assert read_table(made)["income"].tolist() == people()["income"].iloc[places].tolist()


def test_people_know_a_row_by_its_number_before_the_recipe(raw: Dataset, tmp_path: Path) -> None:
    steps = ("filter_rows", {"expression": "income > 1030"}), ("append", {"dataset": "m"})
    more = store_frame(pd.DataFrame({"town": ["Trier"], "income": ["7777"]}), tmp_path / "more.parquet")
    made = prepared(raw, recipe(*steps), tmp_path / "o" / "table.parquet", {"m": more})
    numbers = row_numbers(Path(made.path), range(made.rows))
    assert made.rows < raw.rows
    assert (
        people()["income"].iloc[[number - 1 for number in numbers[:-1]]].tolist()
        == read_table(made)["income"].iloc[:-1].tolist()
    )
    assert numbers[-1] is None
    assert row_named(None, made.rows - 1) == f"appended ({made.rows:,} after the recipe)"
    assert row_numbers(Path(raw.path), [0, 1233]) == [1, 1234]
    assert row_named(1234, 0) == "1,234"


def test_rows_of_another_dataset_follow_below(raw: Dataset, tmp_path: Path) -> None:
    more = store_frame(pd.DataFrame({"town": ["Trier"], "income": ["77"], "extra": [1]}), tmp_path / "more.parquet")
    made = prepared(raw, recipe(("append", {"dataset": "m"})), tmp_path / "o" / "table.parquet", {"m": more})
    last = read_table(made).iloc[-1]
    assert (made.rows, last["town"], last["income"]) == (61, "Trier", 77)
    assert raw_rows(Path(made.path), made.rows)[-1] == -1


def test_what_people_said_about_a_column_stays_with_it(raw: Dataset, tmp_path: Path) -> None:
    schema = raw.schema.with_kind("income", "categorical")
    known = Dataset(**{**vars(raw), "schema": schema})
    made = prepared(known, recipe(("rename", {"pairs": [["income", "pay"]]})), tmp_path / "o" / "t.parquet", {})
    assert made.schema["pay"].kind == "categorical"
    assert made.schema["pay"].reason == "chosen by you"
    assert made.schema["pay"].categories


def test_a_recipe_sets_the_kind_it_says(raw: Dataset, tmp_path: Path) -> None:
    steps = recipe(("change_kind", {"columns": ["income"], "kind": "categorical"}))
    made = prepared(raw, steps, tmp_path / "o" / "t.parquet", {})
    assert (made.schema["income"].kind, made.schema["income"].storage) == ("categorical", "text")


def test_no_row_left_is_said_and_nothing_kept(raw: Dataset, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No row is left"):
        prepared(raw, recipe(("filter_rows", {"expression": "income > 10 ^ 9"})), tmp_path / "o" / "t.parquet", {})
    assert not (tmp_path / "o" / "t.parquet").exists()


def test_a_step_on_a_column_that_an_earlier_one_dropped_is_refused(raw: Dataset, tmp_path: Path) -> None:
    steps = recipe(("drop", {"columns": ["town"]}), ("fill", {"columns": ["town"], "how": "most_frequent"}))
    with pytest.raises(ColumnError, match="town"):
        prepared(raw, steps, tmp_path / "o" / "t.parquet", {})


def test_another_dataset_that_is_gone_is_said(raw: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not there"):
        prepared(raw, recipe(("append", {"dataset": "gone"})), tmp_path / "o" / "t.parquet", {})


def test_a_preview_shows_what_the_last_step_does(raw: Dataset, other: Dataset, tmp_path: Path) -> None:
    seen = previewed(raw, recipe(("filter_rows", {"expression": "income > 1030"})), {}, tmp_path)
    assert len(seen.before) == 60
    assert len(seen.after) == sum(not gone for gone in seen.gone)
    assert seen.exact
    assert seen.accounts[-1].after == len(seen.after)


def test_switched_off_steps_do_nothing(raw: Dataset, tmp_path: Path) -> None:
    off = recipe(("drop", {"columns": ["town"]}), ("derive", {"name": "x", "expression": "1"})).switched("1", on=False)
    assert "town" in prepared(raw, off, tmp_path / "o" / "t.parquet", {}).schema
