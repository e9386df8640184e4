"""Files of the server, below the folders an administrator allowed: walked folder by folder, never left."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlcore.data.sources.path import Entry, allowed_folders, entries
from mlcore.errors import UserError
from pages.ui import cache, session, show, words

UP = ".."


def pick(key: str) -> str | None:
    """The path of the file a person chose; None until they did. There must be an allowed folder."""
    roots = [str(folder) for folder in allowed_folders()]
    at = session.recall(f"folder_{key}")
    root = next((one for one in roots if at and Path(at).is_relative_to(one)), roots[0])
    if len(roots) > 1:
        root = str(st.selectbox("Folder an administrator allowed", roots, index=roots.index(root), key=f"root_{key}"))
    here = Path(at) if at and Path(at).is_relative_to(root) else Path(root)
    try:
        inside = entries(str(here), cache.store().home)
    except UserError as error:
        session.remember(f"folder_{key}", None)
        show.user_error(error)
        return None
    left, right = st.columns(2)
    with left:
        _walk(here, Path(root), inside, key)
    with right:
        return _file(here, inside, key)


def _walk(here: Path, root: Path, inside: tuple[Entry, ...], key: str) -> None:
    folders = [entry.name for entry in inside if entry.folder]
    steps = [UP, *folders] if here != root else folders
    shown = here.relative_to(root.parent) if root.parent != root else here
    where = st.selectbox(
        "Folder",
        steps,
        index=None,
        placeholder=str(shown),
        help="Choose one inside of it to go there, or .. to go back.",
        key=f"in_{key}_{here}",
        disabled=not steps,
    )
    if where is not None:
        session.remember(f"folder_{key}", str(here.parent if where == UP else here / str(where)))
        st.rerun()


def _file(here: Path, inside: tuple[Entry, ...], key: str) -> str | None:
    known = {entry.name: entry for entry in inside if not entry.folder}
    name = st.selectbox(
        "File",
        list(known),
        index=None,
        placeholder="Choose a file" if known else "No files here",
        format_func=lambda one: f"{one} · {words.size(known[one].size)}",
        key=f"file_{key}_{here}",
        disabled=not known,
        persist_state="page",
    )
    return known[name].path if name in known else None
