"""One set of colours: Streamlit's theme, our stylesheet and the charts say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from mlcore.plots.tokens import MODES

ROOT = Path(__file__).resolve().parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
STYLE = (ROOT / "pages" / "ui" / "style.css").read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_has_the_colours_of_the_charts(mode) -> None:
    tokens, theme = MODES[mode], THEME[mode]
    assert theme["primaryColor"] == tokens.accent
    assert theme["backgroundColor"] == tokens.page
    assert theme["secondaryBackgroundColor"] == tokens.surface
    assert theme["textColor"] == tokens.text
    assert theme["borderColor"] == tokens.border
    assert (theme["greenColor"], theme["yellowColor"], theme["redColor"]) == (tokens.ok, tokens.watch, tokens.act)
    assert theme["chartCategoricalColors"] == list(tokens.categories)


@pytest.mark.parametrize(
    ("name", "token"),
    [("surface", "surface"), ("line", "border"), ("text", "text"), ("muted", "muted"), ("accent", "accent"),
     ("ok", "ok"), ("watch", "watch"), ("act", "act")],
)  # fmt: skip
def test_the_stylesheet_has_the_colours_of_the_charts(name, token) -> None:
    found = re.search(rf"--ts-{name}: light-dark\((#\w+), (#\w+)\)", STYLE)
    assert found is not None
    assert found.groups() == (getattr(MODES["light"], token), getattr(MODES["dark"], token))


def test_both_modes_set_the_same_options() -> None:
    assert THEME["light"].keys() == THEME["dark"].keys()


def test_every_font_file_is_there_and_from_here() -> None:
    for face in THEME["fontFaces"]:
        assert face["url"].startswith("app/static/")
        assert (ROOT / "pages" / "ui" / "static" / face["url"].removeprefix("app/static/")).is_file()
