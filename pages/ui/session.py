"""What this browser tab is looking at: ids in the URL, so that a refresh, a second tab or a link lose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from pages.ui import menu

IDS = ("table", "run", "model")


@dataclass(frozen=True)
class Chosen:
    """The ids the tab is at; a run belongs to the table, a model (a trial's key) to the run."""

    table: str | None = None
    run: str | None = None
    model: str | None = None


def chosen() -> Chosen:
    """Where the tab is."""
    return Chosen(**{name: st.session_state.get(f"at_{name}") for name in IDS})


def sync() -> None:
    """Take the ids from the URL; after a click in the menu, which clears it, put them back."""
    asked = {name: st.query_params.get(name) for name in IDS}
    if any(asked.values()):
        _remember(asked)
    _show()


def choose(**ids: str | None) -> None:
    """Look at another table, run or model; what belonged to the old one is left behind."""
    now = {name: st.session_state.get(f"at_{name}") for name in IDS}
    for at, name in enumerate(IDS):
        if name in ids and ids[name] != now[name]:
            now[name] = ids[name]
            now.update(dict.fromkeys(IDS[at + 1 :]))
    _remember(now)
    _show()


def show_table(table: str) -> None:
    """Look at this table from here on; the page runs again when it showed another."""
    if chosen().table != table:
        choose(table=table)
        st.rerun()


def go(page: str, **ids: str | None) -> NoReturn:
    """Open the page of this key, looking at these ids."""
    choose(**ids)
    st.switch_page(menu.ENTRIES[page].file, query_params={name: value for name, value in _current() if value})


def recall(name: str, default: Any = None) -> Any:
    """A small thing this tab remembers until it is closed."""
    return st.session_state.get(f"kept_{name}", default)


def remember(name: str, value: Any) -> None:
    """Keep a small thing for this tab."""
    st.session_state[f"kept_{name}"] = value


def lasting(key: str, first: Any) -> str:
    """The key of a widget whose answer is still there when the tab comes back to its page; `first` is its first one.

    The widget takes no value of its own.
    """
    if key in st.session_state:
        remember(f"asked_{key}", st.session_state[key])
    else:
        st.session_state[key] = recall(f"asked_{key}", first)
    return key


def _current() -> list[tuple[str, str | None]]:
    return [(name, st.session_state.get(f"at_{name}")) for name in IDS]


def _remember(ids: dict[str, str | None]) -> None:
    for name in IDS:
        st.session_state[f"at_{name}"] = ids.get(name)


def _show() -> None:
    for name, value in _current():
        if value and st.query_params.get(name) != value:
            st.query_params[name] = value
        elif not value and name in st.query_params:
            del st.query_params[name]
