"""Scenarios are kept with their model, in order, each name once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlcore.errors import UserError
from mlcore.workspace import scenarios
from mlcore.workspace.store import Store

RUN, KEY = "0123456789ab", "linear"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path / "home")
    yield made
    made.close()


def test_scenarios_are_kept_in_order_and_a_name_is_taken_once(store: Store) -> None:
    assert store.scenarios(RUN, KEY) == ()
    store.save_scenario(RUN, KEY, "a", {"x": 1.5, "<b>": None}, 3)
    store.save_scenario(RUN, KEY, "b", {"x": 2}, None)
    again = store.save_scenario(RUN, KEY, " a ", {"x": 3}, 3)
    assert [(one.name, one.row, one.start) for one in store.scenarios(RUN, KEY)] == [
        ("b", {"x": 2}, None),
        ("a", {"x": 3}, 3),
    ]
    assert store.scenarios(RUN, "other") == ()
    store.forget_scenario(RUN, KEY, again.id)
    store.forget_scenario(RUN, KEY, "nothing")
    assert [one.name for one in store.scenarios(RUN, KEY)] == ["b"]


def test_too_many_scenarios_and_a_key_that_leads_out_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "AT_MOST", 1)
    store.save_scenario(RUN, KEY, "a", {}, None)
    with pytest.raises(UserError, match="Remove some"):
        store.save_scenario(RUN, KEY, "b", {}, None)
    with pytest.raises(UserError, match="no model"):
        store.save_scenario(RUN, "../x", "a", {}, None)
