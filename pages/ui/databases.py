"""A database as a source: saved connections, what is in them, a table or a query of one's own."""

from __future__ import annotations

from typing import Any, cast

import streamlit as st

from mlcore.data.sources.databases import DATABASES, Limits, TableName
from mlcore.data.sources.login import TLS, DatabaseKey, Place, Tls
from mlcore.data.sources.path import allowed_folders
from mlcore.errors import UserError
from mlcore.workspace.store import Connection, Job
from pages.ui import cache, folders, jobs, session, show, words
from pages.ui.markup import md

PROTECTION: dict[Tls, str] = {
    "prefer": "Encrypted if the server can",
    "require": "Encrypted, or not at all",
    "verify": "Encrypted, and the server proves who it is",
}
FIELDS = ("name", "host", "port", "base", "user", "password")
TABLE, QUERY = "A table", "A query of my own"


def ask() -> dict[str, Any] | None:
    """Which rows of which database, as the parameters of the source `sql`; None until that is settled."""
    known = {one.id: one for one in cache.store().connections()}
    chosen = _connection(known)
    with st.container():  # what is below keeps its place, and so what is typed there, when the tables arrive
        asked = _wanted(chosen) if chosen is not None else None
    _add(len(known))
    return asked


def _wanted(chosen: Connection) -> dict[str, Any] | None:
    found = _tables(chosen)
    if found is None:
        return None
    way = st.segmented_control(
        "What do you want of it?",
        [TABLE, QUERY],
        default=TABLE,
        required=True,
        key="sql_way",
        persist_state="page",
    )
    asked = _table(found) if way == TABLE else _query()
    return None if asked is None else {"connection": chosen.id, **asked}


def _connection(known: dict[str, Connection]) -> Connection | None:
    if not known:
        return None
    at = session.recall("connection")
    left, right = st.columns([4, 1], vertical_alignment="bottom")
    chosen = left.selectbox(
        "Connection",
        list(known),
        index=list(known).index(at) if at in known else 0,
        format_func=lambda one: f"{known[one].name} · {DATABASES[known[one].place.database].title}",
        key="connection",
    )
    session.remember("connection", chosen)
    with right.popover("Forget it", icon=":material/delete:", width="stretch"):
        st.markdown(f"Forget “{md(known[str(chosen)].name)}” and its password? Tables that came from it stay.")
        st.button("Forget this connection", key="forget", on_click=_forget, args=(str(chosen),))
    return known[str(chosen)]


def _forget(connection: str) -> None:
    cache.store().remove_connection(connection)
    session.remember("connection", None)


def _add(known: int) -> None:
    """The form for one more connection; it is another one, and folded, as soon as that is saved."""
    with st.expander("Add a connection", expanded=not known, icon=":material/add:", key=f"add_{known}"):
        kind = cast(
            DatabaseKey,
            st.selectbox(
                "Kind of database",
                [one.key for one in DATABASES],
                format_func=lambda key: DATABASES[key].title,
                key="database_kind",
            ),
        )
        if DATABASES[kind].port is None and not allowed_folders():
            show.lede("A database in a file must lie in a folder of the server that an administrator allowed.")
            return
        if DATABASES[kind].port is None:
            _add_file(kind)
        else:
            _add_server(kind)


def _add_file(kind: DatabaseKey) -> None:
    name = st.text_input("Name of the connection", key=f"name_{kind}", placeholder="As you will find it again")
    path = folders.pick(kind)
    if st.button("Save and connect", key=f"save_{kind}", disabled=path is None):
        _save(name, Place(database=kind, path=str(path)), "")


def _add_server(kind: DatabaseKey) -> None:
    with st.form(f"connection_{kind}", border=False, clear_on_submit=False):
        name = st.text_input("Name of the connection", key=f"name_{kind}", placeholder="As you will find it again")
        place, password = _server(kind)
        save = st.form_submit_button("Save and connect", key=f"save_{kind}")
    if save:
        _save(name, place, password)


def _server(kind: DatabaseKey) -> tuple[Place, str]:
    usual = str(DATABASES[kind].port)
    with st.grid(2, min_column_width=220, gap="small"):
        host = st.text_input("Host", key=f"host_{kind}", placeholder="db.example.org")
        port = st.number_input(
            "Port", min_value=1, max_value=65535, value=None, step=1, key=f"port_{kind}", placeholder=usual
        )
        base = st.text_input("Database", key=f"base_{kind}")
        user = st.text_input("User", key=f"user_{kind}", help="A user who may only read is best.")
        password = st.text_input(
            "Password",
            type="password",
            key=f"password_{kind}",
            autocomplete="off",
            help="Kept encrypted, and never shown again.",
        )
        tls = st.selectbox("Protection", TLS, format_func=lambda one: PROTECTION[one], key=f"tls_{kind}")
    return Place(database=kind, host=host, port=port, name=base, user=user, tls=tls), password


def _save(name: str, place: Place, password: str) -> None:
    try:
        session.remember("connection", cache.store().add_connection(name, place, password))
    except UserError as error:
        show.user_error(error)
        return
    for field in ("connection", *(f"{part}_{place.database}" for part in FIELDS)):
        st.session_state.pop(field, None)
    st.rerun()


def _tables(chosen: Connection) -> tuple[TableName, ...] | None:
    """What is in the database; asked for when this tab has not done so yet."""
    job = _browsing(chosen)
    if not job.active and st.button("Connect again", key="browse", type="tertiary", icon=":material/refresh:"):
        _browse(chosen)
        st.rerun()
    jobs.follow(job)
    found = cache.store().tables(job.id) if job.state == "done" else None
    if found == ():
        show.lede("This user can read no table of the database.")
    return found


def _browsing(chosen: Connection) -> Job:
    known = session.recall(f"browse_{chosen.id}")
    return cache.store().job(str(known or _browse(chosen)))


def _browse(chosen: Connection) -> str:
    job = cache.store().submit("browse", {"connection": chosen.id}, f"Look into {chosen.name}")
    session.remember(f"browse_{chosen.id}", job)
    return job


def _table(found: tuple[TableName, ...]) -> dict[str, Any] | None:
    place = st.selectbox(
        f"Table, of {words.count(len(found), 'table')}",
        range(len(found)),
        index=None,
        placeholder="Type a part of its name",
        format_func=lambda at: _listed(found[at]),
        key="sql_table",
        persist_state="page",
    )
    asked = st.button("Look at its first rows", type="primary", key="look_sql", disabled=place is None)
    if not asked or place is None:
        return None
    table = found[int(place)]
    return {"table": table.name, "schema": table.schema, "name": table.name}


def _listed(table: TableName) -> str:
    kind = " · view" if table.kind == "view" else ""
    return f"{table.shown}{kind}" + (f" · about {words.count(table.rows, 'row')}" if table.rows is not None else "")


def _query() -> dict[str, Any] | None:
    usual = Limits()
    with st.form("query", border=False):
        query = st.text_area(
            "One SELECT statement",
            key="sql_query",
            persist_state="page",
            height=140,
            placeholder="SELECT … FROM … WHERE …",
        )
        name = st.text_input("What the table shall be called", value="Query", key="sql_name", persist_state="page")
        with st.grid(2, min_column_width=220, gap="small"):
            rows = st.number_input("At most rows", 1, 100_000_000, usual.rows, key="sql_rows", persist_state="page")
            seconds = st.number_input(
                "At most seconds", 1, 3600, int(usual.seconds), key="sql_seconds", persist_state="page"
            )
        asked = st.form_submit_button("Look at its first rows", type="primary", key="look_query")
    show.lede(
        "It runs in a transaction that can only read, and ends when it has taken that many rows or seconds. "
        "What would change the database is refused."
    )
    return {"query": query, "rows": int(rows), "seconds": float(seconds), "name": name.strip()} if asked else None
