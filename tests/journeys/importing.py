"""Steps of a person who brings a file: used by every journey that begins with one."""

from __future__ import annotations

import random
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.test_journey import LONG, settle

NAMES = ("Größe", "Fläche m²", "Preis (€)", "Datum", "Kundennummer", "Alter", "verkauft", "Provision")


def messy_file(path: Path, rows: int = 600, seed: int = 4) -> Path:
    """A German export: semicolons, decimal commas, Windows-1252, dates, 999 for an unknown age, and a leak.

    Two lines stand above the names, which only a person can tell from a row of names. `Provision` is only paid when
    `verkauft` is "ja": it gives the answer away.
    """
    chance = random.Random(seed)
    lines = ["Auszug Vertrieb;erstellt von;Frau Müller;am;05.01.2026;;;", ";".join(NAMES)]
    for number in range(rows):
        size, area = chance.choice(["klein", "mittel", "groß"]), chance.uniform(20, 200)
        price, age = chance.uniform(500, 9000), chance.choice([*range(18, 80), 999])
        sold = "ja" if area / 40 - price / 3000 + chance.gauss(0, 1) > 1 else "nein"
        day = f"{chance.randint(1, 28):02d}.{chance.randint(1, 12):02d}.2025"
        fee = _german(price * 0.03) if sold == "ja" else _german(0)
        lines.append(";".join((size, _german(area), _german(price), day, f"{number:06d}", str(age), sold, fee)))
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def _german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


def drop(page: Page, file: Path) -> None:
    """Bring a file on the Import page, and wait until it is seen how it would be read."""
    page.locator("input[type=file]").first.set_input_files(file)
    expect(page.get_by_text("How it will be read")).to_be_visible(timeout=LONG)
    settle(page)


def choose(page: Page, question: str, option: str) -> None:
    """Answer one question of the form "It was read wrongly", which is opened when it is folded."""
    field = page.locator(f"[class*=st-key-choice_{question}_]")
    if not field.is_visible():
        page.get_by_text("It was read wrongly").click()
    box = field.get_by_role("combobox")
    expect(box).to_be_visible(timeout=LONG)
    box.scroll_into_view_if_needed()
    page.wait_for_timeout(400)  # a list closes when the page scrolls under it
    box.click()
    box.fill(option)
    page.get_by_role("option", name=option, exact=True).click()


def read_again(page: Page) -> None:
    """Have the file read by the new choices, and wait for what comes of it."""
    address = page.url
    page.get_by_role("button", name="Read it again").click()
    page.wait_for_function("before => window.location.href !== before", arg=address, timeout=LONG)
    expect(page.get_by_text("How it will be read")).to_be_visible(timeout=LONG)
    settle(page)


def import_it(page: Page) -> None:
    """Keep the table as it was seen."""
    page.locator(".st-key-import_it button").click()
    expect(page.get_by_text("How it was read")).to_be_visible(timeout=LONG)
    settle(page)


def fact(page: Page, name: str, value: str) -> None:
    """A fact among those of how the file is read."""
    cell = page.locator(".ts-facts > div").filter(has_text=name).first
    expect(cell).to_contain_text(value, timeout=LONG)
