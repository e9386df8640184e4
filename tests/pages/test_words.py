"""Words and markup: what people read, and what must never be run."""

from __future__ import annotations

import math

import pytest

from pages.ui import markup, words


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.87654, "0.877"), (12.3456, "12.35"), (2007, "2007"), (12345.6, "12,346"), (0.00012, "0.00012"), (0, "0")],
)
def test_numbers_keep_about_four_digits(value: float, said: str) -> None:
    assert words.number(value) == said


def test_an_unknown_number_is_a_dash() -> None:
    assert words.number(None) == words.number(math.nan) == words.share(None) == words.duration(None) == "–"


def test_a_small_share_is_not_called_none() -> None:
    assert words.share(0.0001) == "< 1 %"
    assert words.share(0.0) == "0 %"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0002, "< 1 ms"), (0.02, "20 ms"), (5.04, "5.0 s"), (59.7, "1 min"), (75, "1 min 15 s"), (3700, "1 h 01 min")],
)
def test_durations_have_two_units_at_most(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_text_is_escaped_for_html() -> None:
    assert markup.esc("<img src=x onerror='a'>\n&") == "&lt;img src=x onerror=&#x27;a&#x27;&gt; &amp;"


def test_text_is_escaped_for_markdown() -> None:
    assert markup.md(":red[a] **b** $c$ <i>") == r"\:red\[a\] \*\*b\*\* \$c\$ \<i\>"


def test_an_interval_beyond_the_scale_is_an_arrow() -> None:
    drawn = markup.interval(0.5, 0.4, 0.6, (0.0, 0.3), 0.1)
    assert "▸" in drawn
    assert "0.4 to 0.6" in drawn


def test_a_table_says_what_it_is() -> None:
    made = markup.table((markup.Head("A", numeric=True),), [(("1",), "picked")], caption="Things <x>")
    assert 'aria-label="Things &lt;x&gt;"' in made
    assert '<tr class="picked"><td class="num">1</td></tr>' in made
