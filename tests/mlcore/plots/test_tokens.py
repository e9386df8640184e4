from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from mlcore.plots.tokens import DARK, LIGHT, MODES, Tokens, dress


def luminance(colour: str) -> float:
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", MODES.values(), ids=list(MODES))
@pytest.mark.parametrize("name", ["text", "muted", "accent", "ok", "watch", "act", "lowers", "raises"])
def test_words_can_be_read_on_page_and_surface(colours: Tokens, name: str) -> None:
    assert contrast(getattr(colours, name), colours.surface) >= 4.5
    assert contrast(getattr(colours, name), colours.page) >= 4.5


@pytest.mark.parametrize("colours", MODES.values(), ids=list(MODES))
def test_counts_can_be_read_on_every_step_of_a_matrix(colours: Tokens) -> None:
    for place, step in enumerate(colours.sequence):
        words = colours.surface if place / 9 > 0.72 else colours.text
        assert contrast(words, step) >= 3.9, place


def test_no_two_tokens_of_a_mode_are_equal() -> None:
    for colours in (LIGHT, DARK):
        flat = [value for value in vars(colours).values() if isinstance(value, str)]
        flat += [*colours.categories, *colours.sequence]
        assert len({colour.upper() for colour in flat}) == len(flat)


def test_dressing_turns_colours_and_leaves_data_alone() -> None:
    figure = go.Figure(go.Bar(x=[LIGHT.accent, "b"], y=[1, 2], marker={"color": [LIGHT.accent, LIGHT.quiet]}))
    dark = dress(figure, "dark")
    assert list(dark.data[0].marker.color) == [DARK.accent, DARK.quiet]
    assert list(dark.data[0].x) == [LIGHT.accent, "b"]
    assert list(figure.data[0].marker.color) == [LIGHT.accent, LIGHT.quiet]


def test_a_figure_for_a_file_has_a_surface() -> None:
    assert dress(go.Figure(), "dark", solid=True).layout.paper_bgcolor == DARK.surface
    assert dress(go.Figure(), "dark").layout.paper_bgcolor == "rgba(0,0,0,0)"
