"""Predict: one row from a form, or a whole file with a download."""

import streamlit as st

from pages.ui import batching, evaluating, guards, predicting, show

QUESTION = "What does it predict for new rows?"

run, key = guards.model(QUESTION)
show.header(QUESTION, predicting.context(run, key))

key = evaluating.choice(run, key)
one, many = st.tabs(["One row", "A whole file"], key="ways")
with one:
    predicting.one_row(run, key)
with many:
    batching.whole_file(run, key)

show.next_step("Let an engineer run it without this app.", "Export it", "export", run=run.id, model=key)
