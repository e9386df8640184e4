"""The web server: Streamlit around `app.py`, our upload and download routes, and the worker's watchdog.

    streamlit run pages/ui/server.py          # what `make run` and `python -m mlcore ui` start

A plain `streamlit run app.py` works too, with Streamlit's own uploader and no watchdog.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Streamlit puts this folder on the path; our module names are no business of other packages.
sys.path[:] = [str(ROOT), *(entry for entry in sys.path if entry and Path(entry).resolve() not in (HERE, ROOT))]

import streamlit as st  # noqa: E402
from streamlit.errors import StreamlitAPIException  # noqa: E402

from pages.ui import routes  # noqa: E402

WATCH_SECONDS = 2.0
log = logging.getLogger("tablesmith.server")


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Import what every page needs, stop the collector from walking it again, and watch the worker."""
    from pages.ui import cache

    _end_page_discovery()
    await asyncio.to_thread(_warm)
    routes.sweep(cache.store())
    routes.state.serving = True
    gc.collect()
    gc.freeze()
    watchdog = asyncio.create_task(_watch()) if os.environ.get("TABLESMITH_WORKER", "auto") != "none" else None
    try:
        yield {}
    finally:
        routes.state.serving = False
        if watchdog is not None:
            watchdog.cancel()
            with suppress(asyncio.CancelledError):
                await watchdog


def _end_page_discovery() -> None:
    """Keep Streamlit from looking for pages in `pages/` by itself.

    It does so until `st.navigation` was called once; the first visitor of a fresh server would get "Page not found"
    for every address but Home (Streamlit 1.67).
    """
    with suppress(StreamlitAPIException):
        st.navigation([])


async def _watch() -> None:
    """Start a worker whenever none is alive."""
    from mlcore.workspace import worker
    from pages.ui import cache

    home = cache.store().home
    while True:
        try:
            await asyncio.to_thread(worker.keep_alive, home)
        except Exception:
            log.exception("the worker could not be started")
        await asyncio.sleep(WATCH_SECONDS)


def _warm() -> None:
    import pandas  # noqa: F401
    import plotly.graph_objects  # noqa: F401

    from pages.ui import jobs, show  # noqa: F401


app = st.App(ROOT / "app.py", lifespan=lifespan, routes=routes.ROUTES)
