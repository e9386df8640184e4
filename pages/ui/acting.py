"""The what-if page's last part: the best action for each of a list of rows, searched by the worker."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from mlcore import records
from mlcore.data.schema import Column
from mlcore.explanation.actions import MOST_ROWS, Action, Actions, State
from mlcore.explanation.answers import Wanted
from mlcore.explanation.moves import Limit
from mlcore.workspace import acting, row_pages
from mlcore.workspace.erring import Rows
from mlcore.workspace.row_pages import Wish
from mlcore.workspace.store import Job, RunCard
from pages.ui import cache, files, jobs, routes, row_filter, session, show, upload, words
from pages.ui.what_if import Start, answer, cell

OF_THE_TABLE, OF_A_FILE = "Of the table", "Of a file"
TITLE = "Find the best action for each row"
STATES: dict[State, str] = {
    "found": "way found",
    "already": "says so already",
    "none": "none found",
    "late": "time was up",
}


def many(run: RunCard, key: str, at: Start, wish: tuple[Wanted, list[Limit]] | None) -> None:
    """Ask for the best action for each of up to `MOST_ROWS` rows, and show what was found last."""
    st.header("The best action for a list of rows", anchor=False)
    show.lede(
        f"For each of up to {MOST_ROWS} rows the least change after which the model would say what is asked for above, "
        "within what may change there. It tells what would be predicted, not what would happen."
    )
    job = jobs.latest("closer", run=run.id, key=key, look="actions")
    with st.container(border=True, key="card_acting"):
        rows = _rows(run, key)
        idle = wish is not None and rows is not None and (job is None or not job.active)
        if st.button(TITLE, key="acting_search", icon=":material/search:", disabled=not idle):
            assert wish is not None
            assert rows is not None
            more = {"wanted": records.to_json(wish[0]), "limits": records.to_json(wish[1]), **rows}
            more["question"] = acting.question_of(more)
            jobs.ask("closer", TITLE, run=run.id, key=key, look="actions", more=more)
            st.rerun()
    if job is None:
        return
    jobs.follow(job)
    made = acting.read_actions(cache.store(), run.id, key, str(job.args["more"]["question"]))
    if made is not None and not job.active:
        _found(job, made, {column.name: column for column in at.columns})


def _rows(run: RunCard, key: str) -> dict[str, Any] | None:
    """Which rows are asked about, as arguments of the search; None while none are chosen."""
    kind = st.segmented_control("Rows", [OF_THE_TABLE, OF_A_FILE], default=OF_THE_TABLE, key="acting_of", required=True)
    if kind == OF_THE_TABLE:
        return _of_table(run)
    arrived = upload.uploader("acting")
    kept = f"acting_file_{run.id}_{key}"
    if arrived is not None:
        path = routes.upload_path(cache.store().home, arrived.upload)
        session.remember(kept, {"source": str(path), "name": arrived.name})
    file = session.recall(kept)
    if file is None:
        show.lede(f"A file with the columns the model needs; its first {MOST_ROWS} rows are looked at.")
        return None
    show.lede(f"The first {MOST_ROWS} rows of “{file['name']}” are looked at.")
    return dict(file)


def _of_table(run: RunCard) -> dict[str, Any] | None:
    table = cache.raw_card(run.dataset)
    if table is None or run.plan is None or not table.rows:
        show.lede("The table of this run was removed. Import it again, or bring the rows as a file.")
        return None
    goal = run.plan.goal
    rows = Rows(
        task=goal.task, n=table.rows, table=str(table.dataset.path), target=goal.target,
        columns=tuple(table.schema.names),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.number_input("From row", 1, table.rows, 1, key=f"acting_first_{run.id}", width=150,
                                help="Row 1 is the first below the header.")  # fmt: skip
        most = st.number_input("At most", 1, MOST_ROWS, min(50, MOST_ROWS), key=f"acting_most_{run.id}", width=150)
        condition = row_filter.where(rows, f"acting_{run.id}", cache.titles_of(run))
    found = row_pages.fitting(rows, Wish(**condition))
    found = found[bisect_left(found, int(first) - 1) :]
    if not found:
        show.lede("No row is like that. Choose an earlier row, or take the condition away.")
        return None
    chosen = [place + 1 for place in found[: int(most)]]
    more = "" if len(chosen) == len(found) else f"the first {len(chosen)} of "
    ends = f"from row {chosen[0]:,} to row {chosen[-1]:,}" if len(chosen) > 1 else f"row {chosen[0]:,}"
    show.lede(f"{more}{words.count(len(found), 'row')}, {ends}.".capitalize())
    return {"numbers": chosen}


def _found(job: Job, made: Actions, columns: Mapping[str, Column]) -> None:
    """How many have a way, and the ways."""
    show.said(sentence(made))
    frame = as_table(made, columns)
    st.dataframe(
        frame, hide_index=True, key=f"actions_{job.id}", placeholder="", alt="Rows with the least change for each",
        column_config={"Row": st.column_config.NumberColumn("Row", format="localized", pinned=True)},
    )  # fmt: skip
    files.table_button(with_cells(made, frame, columns), "best actions", f"actions_{job.id}")


def sentence(made: Actions) -> str:
    """What came of the search."""
    counts = {state: sum(one.state == state for one in made.actions) for state in STATES}
    said = [f"A way was found for {counts['found']:,} of {words.count(len(made.actions), 'row')}."]
    if counts["already"]:
        said.append(f"{words.count(counts['already'], 'row')} would get that answer as it is.")
    if counts["none"]:
        said.append(f"For {counts['none']:,} there is none within the limits.")
    if counts["late"]:
        said.append(f"For {counts['late']:,} the time was up before all was tried.")
    if made.progress < 1:
        said.append(f"It was ended before the other {made.rows - len(made.actions):,} were looked at.")
    if made.brought > made.rows:
        said.append(f"Only the first {made.rows:,} of {made.brought:,} rows were asked about.")
    return " ".join(said)


def as_table(made: Actions, columns: Mapping[str, Column]) -> pd.DataFrame:
    """A line a row: those with a way first, the least change on top."""
    order = sorted(made.actions, key=lambda one: (list(STATES).index(one.state), one.cost, one.at))
    return pd.DataFrame(
        {
            "Row": [made.numbers[one.at] for one in order],
            "It says now": [answer(one.before) for one in order],
            "Least change": [_changes(one, columns) for one in order],
            "It would say": [answer(one.after) if one.state == "found" else "" for one in order],
            "Outcome": [STATES[one.state] for one in order],
            "Note": [one.said for one in order],
        }
    )


def with_cells(made: Actions, frame: pd.DataFrame, columns: Mapping[str, Column]) -> pd.DataFrame:
    """The same with a column for each that is changed anywhere, holding what should stand there instead."""
    by_row = {made.numbers[one.at]: {change.column: change.after for change in one.changes} for one in made.actions}
    changed = dict.fromkeys(name for cells in by_row.values() for name in cells)
    added = {f"Instead: {_title(name, columns)}": [by_row[row].get(name) for row in frame["Row"]] for name in changed}
    return frame.assign(**added)


def _changes(one: Action, columns: Mapping[str, Column]) -> str:
    return "; ".join(
        f"{_title(change.column, columns)}: {cell(change.before)} → {cell(change.after)}" for change in one.changes
    )


def _title(name: str, columns: Mapping[str, Column]) -> str:
    return columns[name].shown if name in columns else name
