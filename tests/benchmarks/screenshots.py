"""Shoots every page of a journey on a sample table, at two widths, in light and dark. Run by hand, then look at them:

    python -m tests.benchmarks.screenshots OUT [--url http://127.0.0.1:8501] [--sample late_flights]

The server must be running (`make run`); one training of a minute is added to its workspace.
"""

from __future__ import annotations

import argparse
import re
import shutil
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.conftest import QUIET
from tests.journeys.test_journey import SETTLED

SIZES = {"wide": (1440, 900), "phone": (390, 844)}
LONG = 240_000
TALL = "document.querySelector('[data-testid=stMain]').scrollHeight"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8501")
    parser.add_argument("--sample", default="late_flights")
    parser.add_argument("--looks", default="light,dark")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        Journey(browser, asked.out, asked.url, asked.looks.split(",")).walk(asked.sample)


class Journey:
    """One person's way through the app; every stop is opened afresh in each look."""

    def __init__(self, browser: Browser, out: Path, url: str, looks: list[str]) -> None:
        self.out, self.url = out, url
        self.page = self._open(browser, "light", "wide")
        self.views = {(look, size): self._open(browser, look, size) for look in looks for size in SIZES}

    @staticmethod
    def _open(browser: Browser, look: str, size: str) -> Page:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if look == "dark" else "light"
        )
        context.set_default_timeout(LONG)
        return context.new_page()

    def walk(self, sample: str) -> None:
        """From Home to the proof, shooting on the way."""
        self.page.goto(self.url)
        self._settle(self.page)
        self.shoot("01-home")
        self._click(f"sample_{sample}", "profile")
        self.shoot("02-import", path="import")
        self.shoot("03-profile")
        self._click("goal", "goal")
        self.shoot("04-goal")
        self._click("train")
        self.page.wait_for_selector('table[aria-label="The best candidates so far"]')
        self.shoot("05-training")
        self.page.wait_for_selector(".st-key-next_compare button")
        self.shoot("06-trained")
        self._click("next_compare")
        self.page.wait_for_selector(".st-key-next_evaluate button")
        self.shoot("07-compare")
        self._click("next_evaluate")
        self.page.wait_for_selector(".st-key-next_explain button")
        self.shoot("08-evaluate")
        if self.page.locator(".st-key-open_holdout").count():
            self._click("open_holdout")
            self.page.wait_for_selector(".st-key-card_locked .ts-facts")
            self.shoot("09-evaluate-opened")
        self._click("next_explain")
        self.page.wait_for_selector(".st-key-next_export button")
        self.shoot("10-explain")
        self.shoot("11-predict", path="predict", ask=True)
        self._click("next_export")
        self._click("build")
        self.page.wait_for_selector("a.ts-button")
        self.shoot("12-export")

    def shoot(self, name: str, *, path: str = "", ask: bool = False) -> None:
        """The page the person is at (or another, with the same ids), once in each look."""
        address = re.sub(r"(//[^/]+/)[^?]*", rf"\g<1>{path}", self.page.url) if path else self.page.url
        for (look, size), view in self.views.items():
            width, height = SIZES[size]
            view.set_viewport_size({"width": width, "height": height})
            view.goto(address)
            self._settle(view)
            if ask:
                view.locator("[data-testid=stFormSubmitButton] button").first.click()
                view.wait_for_selector(".js-plotly-plot")
                self._settle(view)
            view.set_viewport_size({"width": width, "height": max(height, int(view.evaluate(TALL)))})
            time.sleep(0.8)  # charts follow the new width and height
            view.screenshot(path=self.out / f"{name}-{size}-{look}.png")

    def _click(self, key: str, path: str = "") -> None:
        self.page.locator(f".st-key-{key} button").first.click()
        self.page.wait_for_url(re.compile(rf"/{path}"))
        self._settle(self.page)

    @staticmethod
    def _settle(page: Page) -> None:
        page.wait_for_selector(SETTLED)
        time.sleep(0.6)  # a page that goes on to another one looks settled for a moment
        page.wait_for_selector(SETTLED)


if __name__ == "__main__":
    main()
