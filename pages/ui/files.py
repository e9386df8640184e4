"""Files a person takes home: bundles and scored tables, by id, through our route or Streamlit's button."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from mlcore.data.spreadsheet import csv_text
from mlcore.errors import UserError
from mlcore.workspace import batch, places
from pages.ui import cache, routes, words
from pages.ui.markup import esc


@dataclass(frozen=True)
class Found:
    """A file and the name it is saved under."""

    path: Path
    name: str


def find(kind: str, key: str) -> Found | None:
    """The file of a proven bundle (`bundle`), of one in another form (`export`), of a scoring job (`scores`), or its
    list of faulty cells (`faults`); None when there is none."""
    store = cache.store()
    if kind == "bundle":
        bundles = [one for one in store.bundles() if one.id == key]
        made = [Found(Path(one.path), f"{_slug(one.run)}{Path(one.path).name}") for one in bundles]
    elif kind in ("scores", "export"):
        made = _made(key)
    elif kind == "faults":
        made = _faults(key)
    else:
        return None
    return next((found for found in made if found.path.is_file()), None)


def _made(identifier: str) -> list[Found]:
    """What a job laid down: rows it scored, or a bundle in another form."""
    try:
        job = cache.store().job(identifier)
    except UserError:
        return []
    path = Path(str(job.result.get("file", "")))
    name = f"{_slug(str(job.args.get('run', '')))}{path.name}" if job.kind == "export" else path.name
    return [Found(path, name)] if job.result.get("file") else []


def _faults(job: str) -> list[Found]:
    try:
        known = cache.store().job(job)
    except UserError:
        return []
    return [Found(places.job_folder(cache.store().home, known.id) / batch.ERRORS, "errors.csv")]


def _slug(run: str) -> str:
    """The target's name as the beginning of a file name: plain letters and digits only."""
    try:
        target = cache.store().plan(run).goal.target
    except UserError:
        return ""
    return f"{plain(target)}-" if plain(target) else ""


def button(words_on_it: str, kind: str, key: str, *, quiet: bool = False) -> None:
    """A button that saves the file; a `quiet` one is not what the page is for."""
    found = find(kind, key)
    if found is None:
        st.button(
            words_on_it, disabled=True, key=f"get_{kind}_{key}", help="The file is not in the workspace any more."
        )
        return
    label = f"{words_on_it} · {words.size(found.path.stat().st_size)}"
    if routes.state.serving:
        look = " quiet" if quiet else ""
        address = f"/files/{esc(kind)}/{esc(key)}"
        st.html(f'<a class="ts-button{look}" href="{address}" download="{esc(found.name)}">{esc(label)}</a>')
    else:
        st.download_button(
            label,
            data=found.path.read_bytes,
            file_name=found.name,
            type="secondary" if quiet else "primary",
            on_click="ignore",
            key=f"get_{kind}_{key}",
        )


def table_button(frame: pd.DataFrame, name: str, key: str) -> None:
    """A button that saves a table that is on the page as CSV; made when it is asked for."""
    st.download_button(
        "Save as CSV",
        data=lambda: csv_text(frame),
        file_name=f"{plain(name) or 'table'}.csv",
        mime="text/csv",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
        key=f"save_{key}",
    )


def plain(name: str) -> str:
    """A name as a file name: plain letters and digits only."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-").lower()[:40]
