"""A score that is agreed before training is judged after it, truthfully, and cannot be moved afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from mlcore import records
from mlcore.data.load import store_frame
from mlcore.evaluation.compare import Leaderboard
from mlcore.learning.goal import Goal
from mlcore.workspace import places
from mlcore.workspace.store import Store
from tests.journeys.test_journey import LONG, Clicks, question, settle

if TYPE_CHECKING:
    from tests.journeys.conftest import Server


@pytest.fixture
def table(tmp_path: Path) -> str:
    """In the home of the server that starts after it was made: a number that nearly says yes or no."""
    random = np.random.default_rng(0)
    size = random.normal(size=200)
    bought = np.where(size + 0.3 * random.normal(size=200) > 0, "yes", "no")
    store = Store.open(tmp_path / "home")
    frame = pd.DataFrame({"size": size.round(3), "week": random.integers(1, 9, 200), "bought": bought})
    made = store.add_dataset(store_frame(frame, tmp_path / "sales.parquet", "sales"))
    store.save_goal(made, Goal(target="bought", task="binary", metric="roc_auc"))
    store.close()
    return made


@pytest.mark.timeout(300)
def test_an_agreed_score_is_judged_and_stays_as_it_was_agreed(
    table: str, own_server: Server, page: Page, tmp_path: Path
) -> None:
    clicks = Clicks(page)
    page.goto(f"{own_server.address}/goal?table={table}")
    question(page, "What should the model predict?")
    settle(page)
    _agree(page, "0.6")
    page.get_by_text("Other", exact=True).click()
    minutes = page.get_by_label("Minutes", exact=True)
    minutes.fill("0.25")
    minutes.press("Enter")
    settle(page)
    clicks.key("train")
    question(page, "How is the training going?")
    clicks.key("next_compare")
    question(page, "Which model should you take?")
    run = page.url.partition("run=")[2].partition("&")[0]
    said = page.get_by_text(_truth(tmp_path / "home", run, 0.6))
    expect(said).to_be_visible(timeout=LONG)

    page.get_by_test_id("stSidebar").get_by_role("link", name="Goal", exact=True).click()
    question(page, "What should the model predict?")
    settle(page)
    _agree(page, "1")
    page.get_by_test_id("stSidebar").get_by_role("link", name="Compare", exact=True).click()
    question(page, "Which model should you take?")
    run = page.url.partition("run=")[2].partition("&")[0]
    said = page.get_by_text(_truth(tmp_path / "home", run, 0.6))
    expect(said).to_be_visible(timeout=LONG)


def _agree(page: Page, score: str) -> None:
    page.get_by_text("Agreement", exact=True).click()
    field = page.get_by_label("Good enough from ROC AUC of", exact=True)
    expect(field).to_be_visible(timeout=LONG)
    field.fill(score)
    field.press("Enter")
    settle(page)


def _truth(home: Path, run: str, agreed: float) -> str:
    """What the interval of the recommended model says of the agreed score, however few models there was time for."""
    board = records.read(Leaderboard, places.run_folder(home, run) / "leaderboard.json")
    told = board.expected_of(board.recommended) or board[board.recommended]
    if told.low >= agreed:
        return f"The agreed ROC AUC of {agreed:.3f} is reached"
    if told.high < agreed:
        return f"The agreed ROC AUC of {agreed:.3f} is not reached"
    return f"The agreed ROC AUC of {agreed:.3f} lies inside the 95 % interval"
