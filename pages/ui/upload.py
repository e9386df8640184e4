"""Bring a file: in slices to disk under our own server, through Streamlit's uploader otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from mlcore.workspace import places
from pages.ui import cache, routes, session

HERE = Path(__file__).resolve().parent
ACCEPTED = (
    ".csv", ".tsv", ".txt", ".tab", ".dat", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods",
    ".parquet", ".pq", ".feather", ".arrow", ".gz", ".zip", ".zst", ".bz2", ".xz",
)  # fmt: skip
KNOWN = "CSV and other text, Excel, OpenDocument, JSON, Parquet or Feather; also inside zip, gz, zst, bz2 or xz."

_HTML = f"""
<div class="zone">
  <strong>Drop a file with a table here</strong>
  <small>{KNOWN} It is sent to no other computer than the one this app runs on.</small><br>
  <span class="pick" aria-hidden="true">Choose a file</span>
  <input type="file" aria-label="Choose a file with a table">
  <output aria-live="polite"></output>
  <div class="track" hidden><i></i></div>
  <button type="button" hidden>Cancel</button>
</div>
"""


@dataclass(frozen=True)
class Arrived:
    """A file that lies whole in the workspace's upload folder."""

    upload: str
    name: str


def uploader(key: str) -> Arrived | None:
    """Ask for a file; the one that has just arrived, once."""
    return _chunked(key) if routes.state.serving else _plain(key)


def _chunked(key: str) -> Arrived | None:
    uid = session.recall(f"offer_{key}")
    if uid is None or uid not in routes.state.offered:
        uid = routes.offer()
        session.remember(f"offer_{key}", uid)
    data = {"uid": uid, "base": "", "accept": ",".join(ACCEPTED), "largest": routes.LARGEST}
    done: Any = _component()(key=f"{key}_{uid}", data=data, on_done_change=lambda: None).done
    if not done or done.get("uid") != uid:
        return None
    session.remember(f"offer_{key}", None)
    routes.state.offered.discard(uid)
    return Arrived(uid, str(done.get("name") or "table"))


def _plain(key: str) -> Arrived | None:
    turn = session.recall(f"turn_{key}", 0)
    given = st.file_uploader(
        "A file with a table",
        type=[suffix.removeprefix(".") for suffix in ACCEPTED],
        key=f"{key}_{turn}",
        help=KNOWN,
    )
    if given is None:
        return None
    uid = places.new_id()
    path = routes.upload_path(cache.store().home, uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(given.getbuffer())
    session.remember(f"turn_{key}", turn + 1)
    return Arrived(uid, given.name)


@st.cache_resource
def _component() -> Any:
    return st.components.v2.component(
        "tablesmith_upload",
        html=_HTML,
        css=(HERE / "upload.css").read_text(encoding="utf-8"),
        js=(HERE / "upload.js").read_text(encoding="utf-8"),
    )
