"""How unlike anything seen a row is: told for what was never seen, and not for what was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Column, Schema
from mlcore.errors import RowError, TableError
from mlcore.explanation.likeness import Likeness, Seen
from mlcore.learning.fields import fields_of
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from mlcore.learning.scoring import Scorer


def rows(count: int = 1500, seed: int = 0) -> pd.DataFrame:
    """Two numbers that go together, four that do not, two words of which two never meet."""
    chance = np.random.default_rng(seed)
    height = chance.normal(size=count)
    table = pd.DataFrame({"height": height, "weight": height + chance.normal(0, 0.05, count)})
    for name in "abcd":
        table[name] = chance.normal(size=count).round(2)
    table["sex"] = chance.choice(["f", "m"], count)
    table["state"] = np.where(table["sex"] == "f", chance.choice(["pregnant", "not"], count), "not")
    return table


def model(table: pd.DataFrame) -> Model:
    columns = tuple(
        Column(name=name, kind="categorical", storage="text", categories=tuple(table[name].unique()))
        if name in ("sex", "state")
        else Column(name=name, kind="numeric", storage="float", low=table[name].min(), high=table[name].max())
        for name in table
    )
    schema = Schema(columns=columns)
    spec = {"task": "regression", "labels": [], "fields": fields_of(schema, table), "members": []}
    goal = Goal(target="y", task="regression", metric="rmse")
    return Model(folder=Path(), title="", goal=goal, schema=schema, scorer=Scorer(spec, []), members=())


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen(model(rows()), rows())


def like(seen: Seen, **cells: object) -> Likeness:
    row = {"height": 0.0, "weight": 0.0, "a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0, "sex": "f", "state": "not"}
    return seen.likeness(pd.DataFrame([{**row, **cells}]))[0]


def test_new_rows_of_the_same_kind_are_rarely_called_unlike_anything_seen(seen: Seen) -> None:
    share = np.mean([one.unlike for one in seen.likeness(rows(1000, seed=1))])
    assert share < 0.03


def test_numbers_that_never_go_together_are_unlike_anything_seen_and_named(seen: Seen) -> None:
    assert not like(seen, height=1.5, weight=1.5).unlike
    found = like(seen, height=1.5, weight=-1.5)
    assert found.unlike
    assert found.pairs == (("height", "weight"),)
    assert "height and weight" in found.sentences[0]


def test_common_words_that_never_met_are_named(seen: Seen) -> None:
    assert like(seen, sex="m", state="pregnant").pairs == (("sex", "state"),)
    assert like(seen, sex="f", state="pregnant").pairs == ()


def test_cells_that_were_never_seen_are_said_by_column(seen: Seen) -> None:
    found = like(seen, a=99.0, sex="<b>x</b>", b=None, c="many")
    assert {one.column: one.code for one in found.strange} == {
        "a": "range",
        "sex": "unseen",
        "b": "missing",
        "c": "unreadable",
    }
    assert any("a: 99.0 lies outside" in said for said in found.sentences)


def test_a_row_far_from_all_others_is_unlike_them_although_each_cell_was_seen(seen: Seen) -> None:
    table = seen.table
    far = {name: float(table[name].max()) for name in "abcd"}
    found = like(seen, height=float(table["height"].max()), weight=float(table["weight"].max()), **far)
    assert not found.strange
    assert found.distance > found.limit > found.usual
    assert found.share < 0.01


def test_a_seen_row_itself_is_like_what_was_seen(seen: Seen) -> None:
    found = seen.likeness(seen.table.iloc[[seen.typical()]])[0]
    assert not found.unlike
    assert found.sentences[0].startswith("Rows like this were seen")


def test_of_very_many_numbers_a_part_is_looked_at_in_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    wide, real = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 1_300))).rename(columns=str), pd.DataFrame.corr
    looked: list[int] = []

    def counted(self: pd.DataFrame) -> pd.DataFrame:
        looked.append(self.shape[1])
        return real(self)

    monkeypatch.setattr(pd.DataFrame, "corr", counted)
    Seen(model(wide), wide).likeness(wide.head(1))
    assert looked == [434]


def test_a_missing_column_and_too_few_rows_are_a_sentence(seen: Seen) -> None:
    with pytest.raises(RowError, match="lacks the column 'sex'"):
        seen.likeness(seen.table.drop(columns="sex"))
    with pytest.raises(TableError, match="too few rows"):
        Seen(seen.model, seen.table.head(1))
