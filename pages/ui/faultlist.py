"""Cells of a file that are not as the model expects them: what shall become of them, and the list of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import streamlit as st

from mlcore.handoff.batch.handling import HANDLED, Action, Handling
from mlcore.workspace import batch, places
from mlcore.workspace.store import Job
from pages.ui import cache, files, markup, show, words
from pages.ui.markup import Head, Tone, esc

USUAL: dict[str, str] = {code: Handling().of(code) for code in HANDLED}
ACTIONS: dict[Action, str] = {"reject": "Refuse the file", "flag": "Flag the row", "fill": "Fill it in"}
DONE: dict[str, tuple[str, Tone]] = {"reject": ("refused", "act"), "flag": ("flagged", "watch"), "fill": ("filled", "")}
KINDS = {
    "unreadable": ("Cells that cannot be read", "Text where a number should be, or dates in another format."),
    "unseen": ("Values never seen in training", "A category that no row had which the model learned from."),
    "range": ("Numbers and dates out of range", "Smaller or larger than all that the model learned from."),
    "missing": ("Empty cells", "Only in columns that were never empty in training; others may have gaps."),
    "column": ("Columns that are not there", "Taken as empty in every row, unless the file is refused."),
}
SHOWN, CELLS = 40, 8


def choices(before: Mapping[str, str]) -> dict[str, str]:
    """Ask what shall be done with each kind of odd cell."""
    with st.expander("Cells that are not as the model expects them", icon=":material/rule:"):
        show.lede(
            "Filling in means that the cell counts as empty, and the model fills it as it does any gap. "
            "Every such cell is listed afterwards, whatever you choose."
        )
        made: dict[str, str] = {}
        with st.grid(2, min_column_width=300, gap="small"):
            for code, (title, help_) in KINDS.items():
                made[code] = str(
                    st.segmented_control(
                        title,
                        list(get_args(Action)),
                        default=before.get(code, USUAL[code]),
                        format_func=lambda action: ACTIONS[action],
                        key=f"handling_{code}",
                        help=help_,
                        required=True,
                    )
                )
    return made


def found(job: Job) -> tuple[batch.Faulty, ...]:
    """What is wrong with cells of the file that a job scored, or refused to."""
    return batch.faults(places.job_folder(cache.store().home, job.id))


def show_list(job: Job) -> None:
    """The list, column by column, each folded to a line, and all of it to take home."""
    listed = found(job)
    if not listed:
        return
    st.header("Cells not as expected", anchor=False)
    st.html('<div class="ts-findings">' + "".join(_one(fault) for fault in listed[:SHOWN]) + "</div>")
    if len(listed) > SHOWN:
        show.lede(f"{len(listed) - SHOWN:,} more kinds of faults stand in the list.")
    files.button("Download the list", "faults", job.id, quiet=True)


def _one(fault: batch.Faulty) -> str:
    word, tone = DONE[fault.action]
    count = "" if fault.first[0].row is None else f" · {words.count(fault.cells, 'cell')}"
    head = f"{markup.chip(word, tone)}<div><b>{esc(fault.column)}</b> {esc(_lower(fault.problem))}{esc(count)}</div>"
    return f'<details><summary>{head}</summary><div class="body">{_cells(fault)}</div></details>'


def _cells(fault: batch.Faulty) -> str:
    first = fault.first[0]
    said = f"<p>Expected: {esc(first.expected)}.</p>"
    if first.row is None:
        return f"{said}<p>{esc(first.remedy)}</p>"
    remedies = {cell.remedy for cell in fault.first}
    each = len(remedies) > 1
    heads = [Head("Row", numeric=True), Head("Value", name=True), *([Head("What to do")] if each else [])]
    rows = [
        ([f"{cell.row:,}", esc(cell.value or "(empty)"), *([esc(cell.remedy)] if each else [])], "")
        for cell in fault.first[:CELLS]
    ]
    rest = fault.cells - len(rows)
    more = f"<p>and {words.count(rest, 'more cell')}; row 1 is the first below the header.</p>" if rest else ""
    advice = "" if each else f"<p>{esc(first.remedy)}</p>"
    return said + advice + markup.table(heads, rows, caption=f"Cells of {fault.column}", stacked=True) + more


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]
