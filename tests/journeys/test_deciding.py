"""From a threshold to money, to what would have to be different, to a rule that a scored file obeys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from mlcore.workspace import errands, places
from mlcore.workspace.store import Store
from tests.journeys.test_journey import LONG, Clicks, question, settle
from tests.pages.conftest import Made, trained

if TYPE_CHECKING:
    from tests.journeys.conftest import Server


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A yes-or-no model in the home of the server that starts after it was made, and rows to score with it."""
    random = np.random.default_rng(0)
    calls, months = random.normal(10.0, 3.0, 400), random.integers(1, 60, 400)
    left = random.random(400) < 1 / (1 + np.exp(-(calls - 11.0)))
    table = pd.DataFrame({"calls": calls.round(1), "months": months, "left": np.where(left, "yes", "no")})
    store = Store.open(tmp_path / "home")
    found = trained(store, table, "left", "binary", ["linear"])
    run = places.run_folder(store.home, found.run)
    errands.gather(str(run), found.model, str(store.cases_place(found.run, found.model)))
    store.close()
    table.drop(columns="left").head(60).to_csv(tmp_path / "new.csv", index=False)
    return found


@pytest.mark.timeout(900)
def test_a_threshold_becomes_a_rule_in_money_that_a_scored_file_obeys(
    made: Made, own_server: Server, page: Page, tmp_path: Path
) -> None:
    page.set_default_timeout(LONG)
    clicks = Clicks(page)
    page.goto(f"{own_server.address}/evaluate?table={made.table}&run={made.run}&model={made.model}")
    slider = page.get_by_role("slider", name="Threshold")
    matrix = page.get_by_label("Confusion matrix")
    expect(matrix).to_be_visible(timeout=LONG)
    settle(page)
    before = matrix.inner_text()
    slider.focus()
    slider.press("End")
    expect(matrix).not_to_have_text(before, use_inner_text=True, timeout=LONG)

    _open(page, "Decide", "What should be done with its answers?")
    for label, amount in (("A right yes gains", "40"), ("A false yes gains", "-10"), ("Cases a month", "1000")):
        field = page.get_by_label(label, exact=True)
        expect(field).to_be_visible(timeout=LONG)
        field.fill(amount)
        field.press("Enter")
    expect(page.get_by_text("A month is worth")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("The threshold is 20")).to_be_visible(timeout=LONG)

    _open(page, "What-if", "What if the row were different?")
    clicks.key("turning_search")
    expect(page.locator("[class*=st-key-card_turned_]").first).to_be_visible(timeout=LONG)

    _open(page, "Decide", "What should be done with its answers?")
    expect(page.get_by_label("A right yes gains", exact=True)).to_have_value("40", timeout=LONG)
    clicks.key("use_policy")
    expect(page.get_by_text("In use: The answer is “yes” from a probability of 20")).to_be_visible(timeout=LONG)
    clicks.key("next_predict")
    question(page, "What does it predict for new rows?")
    page.get_by_role("tab", name="A whole file").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "new.csv")
    with page.expect_download(timeout=LONG) as arrived:
        page.get_by_text("Download the predictions").click(timeout=LONG)
    arrived.value.save_as(tmp_path / "scores.csv")

    scores = pd.read_csv(tmp_path / "scores.csv")
    assert len(scores) == 60
    assert ((scores["probability_yes"] >= 0.2) == (scores["prediction"] == "yes")).all()
    assert ((scores["probability_yes"] >= 0.5) != (scores["prediction"] == "yes")).any()


def _open(page: Page, name: str, heading: str) -> None:
    """By the menu, as a person goes from page to page."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=name, exact=True).click()
    question(page, heading)
