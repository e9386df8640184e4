"""The rows whose outcome the model doubts, on the evaluation page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.data.row_numbers import row_named
from mlcore.data.spreadsheet import csv_text
from mlcore.learning.suspects import Suspects
from mlcore.workspace.store import RunCard
from pages.ui import cache, markup, report_card, show, words
from pages.ui.markup import Head, esc

SHOWN = 20
COLUMNS = 6
LONGEST = 60


def doubts(run: RunCard) -> None:
    """What the recommended model doubts, with the rows to look at; nothing when it doubts none."""
    found = cache.store().suspects(run.id)
    table = cache.table_card(run.dataset)
    if found is None or not found.listed or table is None:
        return
    st.header("Are some outcomes wrong?", anchor=False)
    seen = cache.store().state(f"reviewed {run.id}", False)
    if seen:
        show.lede(f"{words.count(found.found, 'row')} in doubt, marked as looked at.")
    else:
        report_card.findings(table, found.findings, title="", made=False)
        _rows(run, found)
    st.button(
        "Show them again" if seen else "I have looked at them",
        key=f"reviewed_{run.id}",
        icon=":material/undo:" if seen else ":material/check:",
        on_click=_review,
        args=(run.id, not seen),
    )


def _review(run: str, done: bool) -> None:
    cache.store().set_state(f"reviewed {run}", done)


def _rows(run: RunCard, found: Suspects) -> None:
    with st.expander(f"The {words.count(len(found.listed), 'row')} most in doubt"):
        show.lede(
            f"Doubted by “{cache.model_title(run.id, found.key)}”, which was not trained on them. Row 1 is the first "
            "below the header."
        )
        rows = pd.read_parquet(cache.store().suspects_rows(run.id))
        st.html(_table(run, found, rows))
        st.download_button(
            "Download these rows",
            lambda: csv_text(_beside(run, found, rows)),
            file_name="rows_in_doubt.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"doubts_{run.id}",
            icon=":material/download:",
        )


def _table(run: RunCard, found: Suspects, rows: pd.DataFrame) -> str:
    number = run.plan is not None and run.plan.goal.task == "regression"
    others = [name for name in rows.columns if name != found.target][:COLUMNS]
    off = Head("Off by", "standard deviations", numeric=True)
    surer = Head("Surer", "of what it expects", numeric=True)
    heads = (
        Head("Row", numeric=True),
        Head("Stands there"),
        Head("Expected"),
        off if number else surer,
        *(Head(str(name)) for name in others),
    )
    lines = []
    numbers = cache.row_numbers(run, [one.row for one in found.listed[:SHOWN]])
    for at, one in enumerate(found.listed[:SHOWN]):
        doubt = words.number(one.doubt, 3) if number else words.share(one.doubt)
        cells = [row_named(numbers[at], one.row), esc(one.truth), esc(one.said), doubt]
        cells += [esc("–" if pd.isna(cell) else str(cell)[:LONGEST]) for cell in rows[others].iloc[at]]
        lines.append((cells, ""))
    return markup.table(heads, lines, caption="Rows with a doubtful outcome")


def _beside(run: RunCard, found: Suspects, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with where they stand and what was expected."""
    numbers = pd.array(cache.row_numbers(run, [one.row for one in found.listed]), dtype="Int64")
    told = pd.DataFrame({"row": numbers, "expected": [one.said for one in found.listed]})
    return pd.concat([told, rows], axis=1)
