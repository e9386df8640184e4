"""Files a person takes home: bundles and scored tables, by id, through our route or Streamlit's button."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from mlcore.errors import UserError
from pages.ui import cache, routes, words
from pages.ui.markup import esc


@dataclass(frozen=True)
class Found:
    """A file and the name it is saved under."""

    path: Path
    name: str


def find(kind: str, key: str) -> Found | None:
    """The file of a proven bundle (`bundle`) or of a scoring job (`scores`); None when there is none."""
    store = cache.store()
    if kind == "bundle":
        paths = [Path(bundle.path) for bundle in store.bundles() if bundle.id == key]
    elif kind == "scores":
        try:
            result = store.job(key).result
        except UserError:
            return None
        paths = [Path(str(result["file"]))] if result.get("file") else []
    else:
        return None
    return next((Found(path, path.name) for path in paths if path.is_file()), None)


def button(words_on_it: str, kind: str, key: str) -> None:
    """A button that saves the file."""
    found = find(kind, key)
    if found is None:
        st.button(words_on_it, disabled=True, key=f"get_{key}", help="The file is not in the workspace any more.")
        return
    label = f"{words_on_it} · {words.size(found.path.stat().st_size)}"
    if routes.state.serving:
        address = f"/files/{esc(kind)}/{esc(key)}"
        st.html(f'<a class="ts-button" href="{address}" download="{esc(found.name)}">{esc(label)}</a>')
    else:
        st.download_button(
            label, data=found.path.read_bytes, file_name=found.name, type="primary", on_click="ignore", key=f"get_{key}"
        )
