"""The colours and type of charts, app, report and exports: one set for light, one for dark.

Charts are drawn in the light colours; `dress` turns every token into that of the wanted mode, so a stored figure can
be shown in either.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import plotly.graph_objects as go

Mode = Literal["light", "dark"]

FONT = "Plex, 'IBM Plex Sans', system-ui, -apple-system, 'Segoe UI', sans-serif"
SIZE = 13
SMALL = 12
HEIGHT = 320
CLEAR = "rgba(0,0,0,0)"


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Colours by what they mean, as `#RRGGBB`; no two of one mode are equal.

    `grid` is fainter than `border`. `soft` is the accent as an area. `quiet` is for what is there to compare with, and
    `quiet_soft` the same as an area. `lowers` and `raises` are the two directions of a contribution, `even` the middle
    between them. `categories` are at most eight series, in order; `sequence` ten steps from little to much.
    """

    page: str
    surface: str
    border: str
    grid: str
    text: str
    muted: str
    accent: str
    soft: str
    quiet: str
    quiet_soft: str
    ok: str
    watch: str
    act: str
    lowers: str
    raises: str
    even: str
    categories: tuple[str, ...]
    sequence: tuple[str, ...]


LIGHT = Tokens(
    page="#FBFAF8",
    surface="#FFFFFF",
    border="#E5E2DC",
    grid="#EFEDE8",
    text="#1D1C1A",
    muted="#65615A",
    accent="#0B7A75",
    soft="#D5E9E6",
    quiet="#A8A39A",
    quiet_soft="#E3E0DA",
    ok="#2F7D4F",
    watch="#9A6700",
    act="#B42318",
    lowers="#2B6CB0",
    raises="#BD5316",
    even="#CFCBC4",
    categories=("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#7A68B3", "#7F7F7F"),
    sequence=(
        "#F2F8F7", "#DDEEEC", "#C3E1DE", "#A5D2CE", "#84C1BC",
        "#61AEA8", "#3F9A94", "#218681", "#0F706C", "#075450",
    ),
)  # fmt: skip

DARK = Tokens(
    page="#14161A",
    surface="#1C1F25",
    border="#30343C",
    grid="#282C33",
    text="#ECEAE6",
    muted="#A5A19A",
    accent="#4CC9BF",
    soft="#1F4744",
    quiet="#7D8088",
    quiet_soft="#383C44",
    ok="#57B97F",
    watch="#D9A441",
    act="#F0705F",
    lowers="#6CA8E8",
    raises="#F0935A",
    even="#4A4E57",
    categories=("#4FA3D9", "#E69F00", "#2DBE95", "#CC79A7", "#A6D8F5", "#E8743B", "#A99BDB", "#9A9A9A"),
    sequence=(
        "#20282D", "#213238", "#223D41", "#244A4D", "#27585A",
        "#2B6866", "#2F7873", "#3C9C95", "#45BFB5", "#7FE0D7",
    ),
)  # fmt: skip

MODES: dict[Mode, Tokens] = {"light": LIGHT, "dark": DARK}


def tokens(mode: Mode) -> Tokens:
    """The colours of a mode."""
    return MODES[mode]


def dress(figure: go.Figure, mode: Mode = "light", *, solid: bool = False) -> go.Figure:
    """The figure in the house style and the colours of a mode, as a new figure.

    `solid` paints the surface behind it, for a file of its own; otherwise it lets the page through.
    """
    dressed = go.Figure(_recoloured(figure.to_dict(), _translation(mode), coloured=False))
    colours = tokens(mode)
    paper = colours.surface if solid else CLEAR
    dressed.update_layout(
        template=None,
        colorway=list(colours.categories),
        paper_bgcolor=paper,
        plot_bgcolor=CLEAR,
        font={"family": FONT, "size": SIZE, "color": colours.text},
        hoverlabel={
            "bgcolor": colours.surface,
            "bordercolor": colours.border,
            "font": {"family": FONT, "size": SIZE, "color": colours.text},
        },
        dragmode=False,
    )
    axis = {"linecolor": colours.border, "gridcolor": colours.grid, "zeroline": False, "fixedrange": True}
    dressed.update_xaxes(**axis, tickfont={"size": SMALL, "color": colours.muted})
    dressed.update_yaxes(**axis, tickfont={"size": SMALL, "color": colours.muted})
    return dressed


def _translation(mode: Mode) -> dict[str, str]:
    """From every token of the other mode to this mode's."""
    other = LIGHT if mode == "dark" else DARK
    own = {colour.upper() for colour in _colours(tokens(mode))}
    pairs = zip(_colours(other), _colours(tokens(mode)), strict=True)
    return {theirs.upper(): ours for theirs, ours in pairs if theirs.upper() not in own}


def _colours(of: Tokens) -> list[str]:
    found: list[str] = []
    for field in fields(of):
        value = getattr(of, field.name)
        found.extend([value] if isinstance(value, str) else value)
    return found


def _recoloured(node: Any, translation: dict[str, str], *, coloured: bool) -> Any:
    """The same tree with every token under a key that speaks of colour replaced."""
    if isinstance(node, dict):
        return {
            key: _recoloured(item, translation, coloured=coloured or "color" in str(key)) for key, item in node.items()
        }
    if isinstance(node, (list, tuple)):
        return (
            [_recoloured(item, translation, coloured=coloured) for item in node] if coloured or _nested(node) else node
        )
    return translation.get(node.upper(), node) if coloured and isinstance(node, str) else node


def _nested(node: list[Any] | tuple[Any, ...]) -> bool:
    """Whether a list holds parts of a figure rather than data."""
    return any(isinstance(item, (dict, list, tuple)) for item in node[:1])
