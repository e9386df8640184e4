"""A table on its way in: looked at, corrected, imported. Where it stands is one job, whose id is in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from mlcore.errors import UserError
from mlcore.workspace.store import Job, JobKind, Preview
from pages.ui import cache, jobs, markup, reading, routes, session, show, words
from pages.ui.markup import chip, esc
from pages.ui.upload import ACCEPTED, Arrived

AT = "bring"
SHOWN_ROWS = 20
SHOWN_COLUMNS = 60
FEW_NOTES, MOST_NOTES = 5, 200
FROM = ("path", "file", "origin", "name")
"""The arguments of a job that say where the table comes from and what it is called."""


def current(*kinds: JobKind) -> Job | None:
    """The work of these kinds this tab is at: by the URL; after a click in the menu the one that is not finished."""
    asked = st.query_params.get(AT)
    job = _job(asked or session.recall(AT))
    if job is None or job.kind not in kinds or (asked is None and job.kind == "import" and job.state == "done"):
        return None
    st.query_params[AT] = job.id
    return job


def leave() -> None:
    """Let go of the work; what is under way goes on."""
    session.remember(AT, None)
    st.query_params.pop(AT, None)


def start(arrived: Arrived) -> None:
    """Look at a file that has just come in."""
    home = cache.store().home
    routes.sweep(home)
    look({"path": str(routes.upload_path(home, arrived.upload)), "file": arrived.name, "name": title(arrived.name)})


def look(source: Mapping[str, Any], choices: Mapping[str, Any] | None = None) -> None:
    """Read the beginning of what `source` says, by these choices."""
    shown = source.get("file") or source.get("name") or "the table"
    args = {**source, "name": shown} if "file" in source else dict(source)
    _go_on(cache.store().submit("preview", {**args, "choices": dict(choices or {}) or None}, f"Look at {shown}"))


def bring(source: Mapping[str, Any], choices: Mapping[str, Any] | None = None) -> None:
    """Import the whole of what `source` says, by these choices."""
    name = title(str(source.get("name") or "table"))
    args = {**source, "name": name, "choices": dict(choices or {}) or None}
    _go_on(cache.store().submit("import", args, f"Import {name}"))


def sample(key: str, name: str) -> None:
    """Import a table that comes with the app."""
    _go_on(cache.store().submit("import", {"sample": key}, name))


def looked(job: Job, action: AbstractContextManager[Any]) -> None:
    """A preview: under way, failed, or there to be judged; `action` is the slot for the page's button."""
    found = cache.store().preview(job.id) if job.state == "done" else None
    _named(job)
    if job.active or (found is None and job.state != "done"):
        jobs.follow(job)
    elif found is None:
        show.failure("What was seen of this table is not in the workspace any more.", "Read it again.")
    if not job.active:
        _try_again(job)
        _judge(job, found, action)


def _judge(job: Job, found: Preview | None, action: AbstractContextManager[Any]) -> None:
    source, choices = _source(job), dict(job.args.get("choices") or {})
    known = found.reading if found is not None else cache.store().reading(job.id)
    changed = None
    if known is not None:
        changed = reading.asked_openly(known, found.dates if found else (), choices, job.id)
    if found is not None:
        _seen(found)
    again = reading.form(
        known,
        choices,
        str(job.args.get("name", "")),
        job.id,
        opened=found is None or bool(found.doubts),
        openly=bool(found and found.dates),
    )
    if changed is not None or again is not None:
        look(source, changed if changed is not None else again)
        st.rerun()
    if found is not None:
        _take(action, source, choices | _seen_in(found))


def _seen(found: Preview) -> None:
    st.header("How it will be read", anchor=False)
    reading.facts(found.reading, found.schema, found.rows, seen=True)
    if found.doubts:
        st.html("".join(f'<p class="ts-doubt">{chip("Look here", "watch")} {esc(doubt)}</p>' for doubt in found.doubts))
    _notes(found.reading.notes)
    _head(found.path, len(found.schema), found.rows)


def _seen_in(found: Preview) -> dict[str, Any]:
    """Of several sheets or files the one that was seen is the one that is meant."""
    how = found.reading
    several = (("member", how.member, how.members), ("sheet", how.sheet, how.sheets))
    return {name: one for name, one, among in several if len(among) > 1}


def _take(action: AbstractContextManager[Any], source: Mapping[str, Any], choices: Mapping[str, Any]) -> None:
    with action:
        now = _take_button("import_it")
    with show.footer("Is this your table, read as you would read it?"):
        later = _take_button("import_it_end")
    if now or later:
        bring(source, choices)
        st.rerun()


def _take_button(key: str) -> bool:
    return st.button("Import this table", type="primary", key=key, icon=":material/check:", width="stretch")


def imported(job: Job) -> None:
    """An import: under way, failed, or the table that came of it."""
    table = cache.table_card(str(job.result.get("dataset"))) if job.state == "done" else None
    _named(job)
    if job.state != "done":
        jobs.follow(job)
    elif table is None:
        show.failure("The table of this import was removed.", "Bring it again.")
    _try_again(job)
    if table is not None:
        session.show_table(table.id)
        arrived(table)
    if not job.active and "sample" not in job.args:
        again = reading.form(
            table.dataset.reading if table else None,
            dict(job.args.get("choices") or {}),
            str(job.args.get("file") or ""),
            job.id,
            opened=table is None,
        )
        if again is not None:
            look(_source(job), again)
            st.rerun()
    if table is not None:
        show.next_step("Look at what its columns hold.", "Look at the columns", "profile", table=table.id)


def _try_again(job: Job) -> None:
    if job.state in ("failed", "cancelled") and st.button(
        "Try again", key=f"retry_{job.id}", icon=":material/refresh:"
    ):
        _go_on(cache.store().submit(job.kind, job.args, job.title))
        st.rerun()


def arrived(table: cache.TableCard) -> None:
    """How a table of the workspace was read, with its first rows."""
    how = table.dataset.reading
    st.header("How it was read", anchor=False)
    reading.facts(how, table.schema, table.rows)
    _notes(how.notes)
    _head(table.dataset.path, len(table.schema), table.rows)


def kept(table: cache.TableCard) -> None:
    """The table the tab is at, below the choice of another one."""
    st.html(f'<div class="ts-title">{esc(table.name)}</div>')
    arrived(table)
    show.next_step("Look at what its columns hold.", "Look at the columns", "profile", table=table.id)


def title(file: str) -> str:
    """The file's name without what says its format."""
    name = file
    while Path(name).suffix.lower() in ACCEPTED and Path(name).stem:
        name = Path(name).stem
    return name


def _named(job: Job) -> None:
    """Which table this is about, and the way back to the choice of another one."""
    with st.container(horizontal=True, vertical_alignment="center", key="card_source", border=True):
        shown = job.args.get("file") or job.args.get("name") or job.title
        st.html(f'<div class="ts-title">{esc(shown)}</div>', width="stretch")
        if st.button("Bring another table", type="tertiary", key="another", icon=":material/arrow_back:"):
            leave()
            st.rerun()


def _head(path: str, columns: int, rows: int) -> None:
    names = list(pl.read_parquet_schema(path))[:SHOWN_COLUMNS]
    head = pl.read_parquet(path, columns=names, n_rows=SHOWN_ROWS)
    st.dataframe(head.with_columns(_days(head)), hide_index=True, key="preview", alt="The first rows of the table")
    more = columns - len(names)
    shown = f"The first {len(head):,} of {words.count(rows, 'row')}"
    show.lede(f"{shown}; {words.count(more, 'more column')} not shown." if more > 0 else f"{shown}.")


def _days(head: pl.DataFrame) -> list[pl.Expr]:
    """Dates without a time of day are shown without one."""
    moments = [name for name, kind in head.schema.items() if kind == pl.Datetime]
    return [pl.col(name).dt.date() for name in moments if (head[name].dt.truncate("1d") == head[name]).all()]


def _notes(notes: tuple[str, ...]) -> None:
    if not notes:
        return
    listed = [f"<li>{esc(note)}</li>" for note in notes[:MOST_NOTES]]
    rest = listed[FEW_NOTES:]
    more = (
        markup.folded(f"{len(notes) - FEW_NOTES:,} more", f'<ul class="ts-notes">{"".join(rest)}</ul>') if rest else ""
    )
    st.html(f'<ul class="ts-notes">{"".join(listed[:FEW_NOTES])}</ul>{more}')


def _source(job: Job) -> dict[str, Any]:
    return {name: job.args[name] for name in FROM if name in job.args}


def _job(identifier: str | None) -> Job | None:
    if not identifier:
        return None
    try:
        return cache.store().job(identifier)
    except UserError:
        return None


def _go_on(job: str) -> None:
    session.remember(AT, job)
    st.query_params[AT] = job
