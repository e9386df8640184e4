"""The menu: sections, pages and where their files are. A folder is a section, a file a page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Entry:
    """One page: its key in code, its file, and how the menu shows it."""

    key: str
    file: str
    title: str
    icon: str
    help: str


MENU: dict[str, tuple[Entry, ...]] = {
    "": (Entry("home", "pages/data/home.py", "Home", "home", "Your tables, and tables to try."),),
    "Data": (
        Entry("import", "pages/data/import_.py", "Import", "upload_file", "Bring a table: a file, a database, a link."),
        Entry(
            "profile", "pages/data/profile.py", "Profile", "table_chart", "What the columns hold, and what to check."
        ),
        Entry(
            "prepare", "pages/data/prepare.py", "Prepare", "build", "Repair the table by steps that can be replayed."
        ),
    ),
    "Model": (
        Entry("goal", "pages/model/goal.py", "Goal", "flag", "What to predict, and how success is judged."),
        Entry("train", "pages/model/train.py", "Train", "play_circle", "Candidates being fitted, live."),
        Entry("compare", "pages/model/compare.py", "Compare", "leaderboard", "Which model to take, honestly."),
        Entry(
            "evaluate",
            "pages/model/evaluate.py",
            "Evaluate",
            "query_stats",
            "How good one model is, and where it errs.",
        ),
        Entry("explain", "pages/model/explain.py", "Explain", "account_tree", "Which columns move the predictions."),
    ),
    "Use": (
        Entry("predict", "pages/use/predict.py", "Predict", "bolt", "Score one row or a whole file."),
        Entry("what_if", "pages/use/what_if.py", "What-if", "tune", "Change a row and see what the model says."),
        Entry("decide", "pages/use/decide.py", "Decide", "gavel", "From what it says to what is done, in money."),
        Entry("export", "pages/use/export.py", "Export", "inventory_2", "A proven bundle for an engineer."),
    ),
}

ENTRIES = {entry.key: entry for section in MENU.values() for entry in section}


def pages() -> dict[str, list[st.Page]]:
    """The menu as `st.navigation` wants it."""
    return {section: [_page(entry) for entry in entries] for section, entries in MENU.items()}


def _page(entry: Entry) -> st.Page:
    return st.Page(
        entry.file,
        title=entry.title,
        icon=f":material/{entry.icon}:",
        url_path=entry.key,
        default=entry.key == "home",
        help=entry.help,
    )
