"""Home: the tables there are, and tables to try."""

import streamlit as st

from pages.ui import cache, importing, jobs, session, show, tables

QUESTION = "What would you like to predict?"
CONTEXT = "Bring a table with known outcomes. You get models compared honestly, explained, and ready to hand over."

with show.header(QUESTION, CONTEXT):
    if st.button("Import a table", type="primary", icon=":material/upload_file:", key="import_table", width="stretch"):
        session.go("import")

job = importing.current("import")
if job is not None:
    jobs.follow(job)
    if job.state == "done" and "again" in job.args:
        importing.open_at(job)
    elif job.state == "done":
        importing.leave()
        session.go("profile", table=str(job.result["dataset"]))

own = cache.store().newest()
if own:
    st.header("Your tables", anchor=False)
    tables.own(own, importing.again)

st.header("Tables to try", anchor=False)
show.lede("Real, public tables that come with the app. The outcome to predict is already chosen.")
tables.samples(importing.sample, busy=job is not None and job.active)
