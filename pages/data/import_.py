"""Import: a file comes in, and how it was read is shown so that it can be corrected."""

import streamlit as st

from pages.ui import cache, importing, jobs, session, show, upload

QUESTION = "Which table do you bring?"
CONTEXT = "One row for each case, one column for the outcome you know. CSV or Parquet."

show.header(QUESTION, CONTEXT)

arrived = upload.uploader("table")
if arrived is not None:
    importing.start(arrived)
    st.rerun()

job = jobs.asked("import")
if job is not None:
    jobs.follow(job)
    if job.state == "done":
        session.show_table(str(job.result["dataset"]))
    elif job.state == "failed":
        importing.reread(job)

table = cache.table_card(session.chosen().table)
if table is not None and not (job is not None and (job.active or job.state == "failed")):
    importing.reading(table)
    importing.preview(table)
    if job is not None:
        importing.reread(job)
    show.next_step("Is this your table? Then look at what its columns hold.", "Look at the columns", "profile")
