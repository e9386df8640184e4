"""Home: tables are listed, and removed after one more question."""

from __future__ import annotations


def test_a_table_is_removed_after_one_more_question(app, workspace) -> None:
    from pages.ui import cache

    table = workspace["binary"].table
    at = app(table=table)
    assert any("for good" in one.label for one in at.button)
    at.button(key=f"remove_{table}").click().run()
    assert not at.exception
    assert table not in {card.id for card in cache.store().datasets()}
    assert not (cache.store().home / "tables" / table).exists()
    assert cache.store().run(workspace["binary"].run).trials
