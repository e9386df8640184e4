"""A table on its way in: looked at, corrected, imported. Where it stands is one job, whose id is in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import polars as pl
import streamlit as st

from mlcore.data.dataset import Reading
from mlcore.errors import UserError
from mlcore.workspace.store import Job, JobKind, Preview
from pages.ui import cache, jobs, markup, menu, reading, routes, session, show, upload, versions, words
from pages.ui.markup import chip, esc, md
from pages.ui.upload import ACCEPTED, Arrived

AT = "bring"
SHOWN_ROWS = 20
SHOWN_COLUMNS = 60
FEW_NOTES, MOST_NOTES = 5, 200
FROM = ("path", "file", "origin", "name", "again")
"""The arguments of a job that say where the table comes from, what it is called, and of which it is a new version."""


def current(*kinds: JobKind) -> Job | None:
    """The work of these kinds this tab is at: by the URL; after a click in the menu the one that is not finished."""
    asked = st.query_params.get(AT)
    job = _job(asked or session.recall(AT))
    if job is None or job.kind not in kinds or (asked is None and job.kind == "import" and job.state == "done"):
        return None
    st.query_params[AT] = job.id
    return job


def open_at(job: Job) -> NoReturn:
    """Open the page on which this work is."""
    st.switch_page(menu.ENTRIES["import"].file, query_params={AT: job.id})


def leave() -> None:
    """Let go of the work; what is under way goes on."""
    session.remember(AT, None)
    st.query_params.pop(AT, None)


def start(arrived: Arrived, again: str | None = None) -> None:
    """Look at a file that has just come in; with `again` it is a newer one of that table, and read alike."""
    home = cache.store().home
    routes.sweep(cache.store())
    source = {"path": str(routes.upload_path(home, arrived.upload)), "file": arrived.name, "name": arrived.name}
    look({**source, "again": again} if again else source, cache.store().choices(again) if again else None)


def look(source: Mapping[str, Any], choices: Mapping[str, Any] | None = None, before: str | None = None) -> None:
    """Read the beginning of what `source` says, by these choices; `before` is the look that they correct."""
    args = {**source, "choices": dict(choices or {}) or None, "before": before}
    _go_on(cache.store().submit("preview", args, f"Look at {source['name']}"))


def bring(source: Mapping[str, Any], choices: Mapping[str, Any] | None = None, looked: str | None = None) -> None:
    """Import the whole of what `source` says, by these choices; `looked` is the preview of it."""
    again = source.get("again")
    name = cache.store().dataset(again).name if again else _title(source)
    args = {**source, "name": name, "choices": dict(choices or {}) or None, "looked": looked}
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
    known = _known(job, choices) if found is None else found.reading
    changed = None
    if known is not None:
        changed = reading.asked_openly(known, found.dates if found else (), choices, job.id)
    if found is not None:
        _seen(found)
    again = reading.form(
        known,
        choices,
        _file_name(job),
        job.id,
        opened=bool(found.doubts) if found is not None else known is not None or not _is_link(source),
        openly=bool(found and found.dates),
    )
    if changed is not None or again is not None:
        look(source, changed if changed is not None else again, before=job.id)
        st.rerun()
    if found is not None and _take(action):
        bring(source, choices | _seen_in(found), looked=job.id)
        st.rerun()


def _known(job: Job, choices: Mapping[str, Any]) -> Reading | None:
    """What is known of a table that could not be read: which sheets or files there are to choose from."""
    store = cache.store()
    known = store.reading(job.id) or (store.reading(job.args["before"]) if job.args.get("before") else None)
    if known is None:
        return None
    return replace(known, sheet=choices.get("sheet", known.sheet), member=choices.get("member", known.member))


def _seen(found: Preview) -> None:
    st.header("How it will be read", anchor=False)
    reading.facts(found.reading, found.schema, found.rows, seen=True)
    if found.doubts:
        st.html("".join(f'<p class="ts-doubt">{chip("Look here", "watch")} {esc(doubt)}</p>' for doubt in found.doubts))
    _notes(tuple(note for note in found.reading.notes if note not in found.doubts))
    _head(found.path, len(found.schema), found.rows)


def _seen_in(found: Preview) -> dict[str, Any]:
    """Of several sheets or files the one that was seen is the one that is meant."""
    how = found.reading
    several = (("member", how.member, how.members), ("sheet", how.sheet, how.sheets))
    return {name: one for name, one, among in several if len(among) > 1}


def _take(action: AbstractContextManager[Any]) -> bool:
    with action:
        now = _take_button("import_it")
    with show.footer("Is this your table, read as you would read it?"):
        later = _take_button("import_it_end")
    return now or later


def _take_button(key: str) -> bool:
    return st.button("Import this table", type="primary", key=key, icon=":material/check:", width="stretch")


def imported(job: Job) -> None:
    """An import: under way, failed, or the table that came of it."""
    table = cache.table_card(str(job.result.get("dataset"))) if job.state == "done" else None
    _named(job)
    if job.state != "done":
        jobs.follow(job)
        _try_again(job)
    elif table is None:
        show.failure("The table of this import was removed.", "Bring it again.")
    if table is not None:
        session.show_table(table.id)
        versions.changed(table)
        arrived(table)
    if not job.active and ("path" in job.args or "origin" in job.args):
        _reread(job, table)
    if table is not None:
        show.next_step("Look at what its columns hold.", "Look at the columns", "profile", table=table.id)


def _reread(job: Job, table: cache.TableCard | None) -> None:
    choices = dict(job.args.get("choices") or {})
    known = table.dataset.reading if table is not None else cache.store().reading(str(job.args.get("looked")))
    again = reading.form(known, choices, _file_name(job), job.id, opened=table is None)
    if again is not None:
        source = _source(job)
        look({**source, "name": source.get("file") or source["name"]}, again)
        st.rerun()


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
    st.header(f"Your table: {md(table.name)}", anchor=False)
    versions.choice(table)
    if versions.can_come_again(table.id):
        if st.button("Import it again", key="again", icon=":material/refresh:", help=versions.AGAIN):
            again(table.id, table.name)
            st.rerun()
    elif not versions.is_sample(table.id):
        with st.expander("There is a newer file of this table", icon=":material/refresh:"):
            show.lede(versions.AGAIN)
            came = upload.uploader(f"newer_{table.id}")
            if came is not None:
                start(came, table.id)
                st.rerun()
    versions.changed(table)
    arrived(table)
    show.next_step("Look at what its columns hold.", "Look at the columns", "profile", table=table.id)


def again(table: str, name: str) -> None:
    """Import a table anew from where it came, as its next version."""
    _go_on(cache.store().submit("import", {"again": table, "name": name}, f"Import {name} again"))


def title(file: str) -> str:
    """The file's name without what says its format."""
    name = file
    while Path(name).suffix.lower() in ACCEPTED and Path(name).stem:
        name = Path(name).stem
    return name


def _title(source: Mapping[str, Any]) -> str:
    name = str(source.get("name") or "table")
    return name if _is_sql(source) else title(name)


def _is_sql(source: Mapping[str, Any]) -> bool:
    return (source.get("origin") or {}).get("kind") == "sql"


def _is_link(source: Mapping[str, Any]) -> bool:
    """Whether it comes from an address: what fails then is mostly the address, not how the file is read."""
    return (source.get("origin") or {}).get("kind") == "url"


def _file_name(job: Job) -> str:
    """The name that tells the format of a file that could not be read; none for a table of a database."""
    return "" if _is_sql(job.args) else str(job.args.get("file") or job.args.get("name") or "")


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
    show.rows(head, key="preview", alt="The first rows of the table")
    more = columns - len(names)
    shown = f"The first {len(head):,} of {words.count(rows, 'row')}"
    show.lede(f"{shown}; {words.count(more, 'more column')} not shown." if more > 0 else f"{shown}.")


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
