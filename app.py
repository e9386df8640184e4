"""Tablesmith in the browser: the frame and the menu. `make run` starts it inside pages/ui/server.py."""

import sys
from pathlib import Path

import streamlit as st

if str(Path(__file__).parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parent))

from pages.ui import frame, menu

frame.dress()
page = st.navigation(menu.pages(), expanded=True)
frame.side()
page.run()
