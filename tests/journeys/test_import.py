"""A messy file of one's own, by clicks: seen, corrected, imported; and what a refresh may not break."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from mlcore.workspace.store import Store
from tests.journeys import importing
from tests.journeys.test_journey import LONG, settle

if TYPE_CHECKING:
    from tests.journeys.conftest import Server


@pytest.mark.timeout(300)
def test_a_messy_german_export_is_seen_corrected_and_imported(server: Server, page: Page, tmp_path: Path) -> None:
    page.goto(f"{server.address}/import")
    settle(page)
    importing.drop(page, importing.messy_file(tmp_path / "Verkäufe <b>2025.csv"))
    importing.fact(page, "Format", "Windows-1252")
    importing.fact(page, "Delimiter", "semicolon")
    importing.choose(page, "header", "In row 2")
    importing.choose(page, "delimiter", "Semicolon ;")
    importing.choose(page, "day_first", "Day first, as in 31/12/2025")
    importing.read_again(page)
    importing.fact(page, "Delimiter", "names in row 2")
    importing.fact(page, "Decimal mark", "comma")
    importing.fact(page, "Dates", "day first")
    address = page.url
    page.reload()
    importing.fact(page, "Delimiter", "names in row 2")
    assert page.url == address
    importing.import_it(page)
    expect(page.locator(".st-key-next_profile button")).to_be_visible(timeout=LONG)
    assert page.locator('b:text-is("2025")').count() == 0
    store = Store.open(server.home)
    card = next(one.dataset for one in store.datasets() if one.dataset.name == "Verkäufe <b>2025")
    store.close()
    assert card.schema.names == importing.NAMES
    storages = {column.name: column.storage for column in card.schema}
    assert storages["Preis (€)"] == storages["Fläche m²"] == "float"
    assert storages["Datum"] == "datetime"
    assert storages["Kundennummer"] == "text"
    assert (card.reading.records, card.reading.kept) == (600, 600)


def test_a_look_that_is_cancelled_or_left_can_be_taken_up_again(server: Server, page: Page, tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("a,b\n" + "\n".join(f"{n},{n % 3}" for n in range(300)))
    page.goto(f"{server.address}/import")
    settle(page)
    importing.drop(page, path)
    page.get_by_role("link", name="Home").first.click()
    expect(page.get_by_role("heading", name="Tables to try")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Import").first.click()
    expect(page.get_by_text("How it will be read")).to_be_visible(timeout=LONG)
    page.locator(".st-key-another button").click()
    expect(page.locator("input[type=file]").first).to_be_attached(timeout=LONG)
