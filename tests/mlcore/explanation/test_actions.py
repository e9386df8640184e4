"""The best action for many rows: each scores as promised within the limits, and what has none says so."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mlcore import records
from mlcore.errors import RowError, TableError
from mlcore.explanation.actions import Actions, best_actions
from mlcore.explanation.answers import Wanted
from mlcore.explanation.likeness import Seen
from mlcore.explanation.moves import Limit
from mlcore.learning.model import Model
from tests.mlcore.explanation.models import model_of, people

COLUMNS = ["Alter [Jahre]", "job", "town", "since"]
WANTED = Wanted(label="yes", probability=0.6)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    table = people(300)
    model = model_of(tmp_path_factory.mktemp("model"), table, "binary", {"linear": 1.0})
    model.scorer.spec.setdefault("interval", {"low": -1.0, "high": 1.0})
    return Seen(model, table)


def asked(seen: Seen, rows: pd.DataFrame, **more: object) -> Actions:
    return [*best_actions(seen.model, rows, WANTED, seen, **more)][-1]  # type: ignore[arg-type]


def probability(model: Model, row: pd.DataFrame) -> float:
    return float(model.scorer.frame(row)["probability_yes"].iloc[0])


@pytest.fixture(scope="module")
def made(seen: Seen) -> Actions:
    return asked(seen, people(300)[COLUMNS].iloc[:6], limits=[Limit(column="town", fixed=True)])


@pytest.mark.slow
def test_every_row_gets_the_answer_it_was_promised_within_the_limits(seen: Seen, made: Actions) -> None:
    rows = people(300)[COLUMNS].iloc[:6]
    assert (made.progress, made.rows, [one.at for one in made.actions]) == (1.0, 6, [*range(6)])
    assert {"already", "found"} <= {one.state for one in made.actions}
    for one in made.actions:
        before = rows.iloc[[one.at]]
        assert probability(seen.model, before) == pytest.approx(one.before["probability_yes"])
        assert (one.state == "already") == (one.before["probability_yes"] >= 0.6)
        if one.state == "found":
            after = before.astype(object).assign(**{change.column: change.after for change in one.changes})
            assert probability(seen.model, after.infer_objects()) == pytest.approx(one.after["probability_yes"])
            assert one.after["probability_yes"] >= 0.6
            assert "town" not in {change.column for change in one.changes}
            assert one.cost > 0


def test_where_nothing_may_change_nothing_is_found_and_it_says_so(seen: Seen) -> None:
    made = asked(seen, people(300)[COLUMNS].iloc[:6], limits=[Limit(column=name, fixed=True) for name in COLUMNS])
    others = [one for one in made.actions if one.state != "already"]
    assert others
    assert all((one.state, one.changes) == ("none", ()) for one in others)
    assert all("no column may change" in one.said for one in others)


def test_only_so_many_rows_are_looked_at_in_little_time(seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcore.explanation.actions.MOST_ROWS", 3)
    monkeypatch.setattr("mlcore.explanation.actions.LEAST_SECONDS", 0.0)
    made = asked(seen, people(300)[COLUMNS], seconds=0.0, brought=70_000)
    assert (made.rows, made.brought, len(made.actions)) == (3, 70_000, 3)
    assert {one.state for one in made.actions} <= {"already", "late", "found"}


def test_bad_rows_are_a_sentence(seen: Seen) -> None:
    with pytest.raises(RowError, match="lack the column 'job'"):
        asked(seen, people(300)[["Alter [Jahre]", "town", "since"]])
    with pytest.raises(TableError, match="no rows"):
        asked(seen, people(300)[COLUMNS].head(0))


def test_it_is_read_from_disk_as_it_was_written(made: Actions, tmp_path: Path) -> None:
    records.write(tmp_path / "a.json", made)
    again = records.read(Actions, tmp_path / "a.json")
    assert [one.changes for one in again.actions] == [one.changes for one in made.actions]
