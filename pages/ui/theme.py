"""Light or dark, as the browser shows it now."""

from __future__ import annotations

from typing import Literal

import streamlit as st

Mode = Literal["light", "dark"]


def mode() -> Mode:
    """The mode this tab is in; light until the browser has said."""
    return "dark" if st.context.theme.type == "dark" else "light"
