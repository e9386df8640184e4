"""What was decided about a table waits for its goal."""

from __future__ import annotations

from mlcore.workspace.hints import Hints
from mlcore.workspace.store import Store


def test_hints_are_empty_at_first_and_come_back_as_they_were_kept(store: Store) -> None:
    assert store.hints("0123456789ab") == Hints()
    made = Hints(exclude=("Größe", "b"), time="day", kinds={"zip": "integer"})
    store.set_hint("0123456789ab", made)
    assert store.hints("0123456789ab") == made
    assert store.hints("ba9876543210") == Hints()
