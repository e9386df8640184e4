"""From a file as people really have it to a trained model, by clicks alone: nothing typed but the target's name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

from mlcore.workspace.store import Store
from tests.journeys.test_journey import LONG, finished

if TYPE_CHECKING:
    from tests.journeys.conftest import Server


def german(number: float) -> str:
    """1234.5 as it is written in Germany: 1.234,50"""
    return f"{number:,.2f}".translate(str.maketrans(",.", ".,"))


def customers(path: Path, rows: int = 1_200) -> None:
    """Semicolons, decimal commas, euro signs, Windows-1252, dates by day, 999 for an unknown age, and a leak."""
    rng = np.random.default_rng(3)
    age, months = rng.integers(18, 80, rows), rng.integers(1, 60, rows)
    tariff, town = rng.choice(["flat", "basic", "größer"], rows), rng.choice(["München", "Köln", "Zürich"], rows)
    income = rng.lognormal(7.9, 0.4, rows)
    begun = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 700, rows), unit="D")
    score = -0.8 + 1.6 * (tariff == "basic") - 0.03 * months + 0.5 * (town == "Köln")
    left = rng.random(rows) < 1 / (1 + np.exp(-score))
    reason = np.where(left, rng.choice(["Preis", "Umzug", "Service"], rows), "")
    shown = np.where(rng.random(rows) < 0.08, 999, age)
    lines = ["Kunde;Stadt;Alter;Einkommen;Tarif;Monate;Vertragsbeginn;Kündigungsgrund;gekündigt"]
    lines += [
        f"K{row:05d};{town[row]};{shown[row]};{german(income[row])} €;{tariff[row]};{months[row]};"
        f"{begun[row]:%d.%m.%Y};{reason[row]};{'ja' if left[row] else 'nein'}"
        for row in range(rows)
    ]
    path.write_bytes("\r\n".join(lines).encode("cp1252"))


def click(page: Page, name: str) -> None:
    """Click the first button that says so, once it can be clicked."""
    button = page.get_by_role("button", name=name).first
    expect(button).to_be_enabled(timeout=LONG)
    button.click()


def heading(page: Page, words: str) -> None:
    expect(page.get_by_role("heading", name=words).first).to_be_visible(timeout=LONG)


def test_a_messy_file_is_read_repaired_and_learned_from(server: Server, page: Page, tmp_path: Path) -> None:
    customers(tmp_path / "kunden.csv")
    page.goto(f"{server.address}/import")
    page.set_input_files("input[type=file]", tmp_path / "kunden.csv")

    expect(page.get_by_text("semicolon").first).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Windows-1252").first).to_be_visible()
    click(page, "Import this table")
    click(page, "Look at the columns")

    heading(page, "How good is this table?")
    click(page, "Make '999' missing")
    expect(page.get_by_role("button", name="Undo").first).to_be_visible(timeout=LONG)
    store = Store.open(server.home)
    table = next(card.id for card in store.datasets() if card.dataset.name == "kunden")
    page.wait_for_function("document.querySelector('.ts-facts')?.innerText.includes('in 2 columns')", timeout=LONG)

    page.locator(".st-key-goal button").click()
    heading(page, "What should the model predict?")
    page.locator(f".st-key-target_{table} input").click()
    page.get_by_role("option", name="gekündigt").click()
    expect(page.get_by_text("filled in only after the outcome").first).to_be_visible(timeout=LONG)
    page.get_by_text("Quick", exact=True).click()
    page.locator(".st-key-train button").first.click()

    heading(page, "How is the training going?")
    expect(finished(page).nth(2)).to_be_visible(timeout=LONG)
    page.locator(".st-key-stop_run button").first.click()
    expect(page.locator(".st-key-next_compare button").first).to_be_visible(timeout=LONG)

    run = store.runs(table)[0]
    plan = store.plan(run.id)
    roles = {column.name: column.role for column in plan.schema}
    kinds = {column.name: column.kind for column in store.raw(table).schema}
    store.close()
    assert roles["Kündigungsgrund"] == "excluded"
    assert kinds["Einkommen"] == "numeric"
    assert kinds["Vertragsbeginn"] == "datetime"
    assert plan.schema["Alter"].high < 100
    assert [step.repair for step in plan.recipe.steps] == ["replace"]
    assert json.loads((server.home / "runs" / run.id / "leaderboard.json").read_text())["rows"]
