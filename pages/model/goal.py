"""Goal: what to predict and how success is judged, agreed before anything is trained."""

import streamlit as st

from pages.ui import asking, effort, guards, session, show

QUESTION = "What should the model predict?"
CONTEXT = "Agreed before training, so that nobody can move the goal posts afterwards."

table = guards.table(QUESTION, CONTEXT)
action = show.header(QUESTION, CONTEXT)

form, aside = st.columns([5, 3], gap="large")
with form:
    target = asking.target(table)
    if target is None:
        st.stop()
    draft = asking.goal(table, target)
with aside:
    spent = effort.ask(table)
    ready = effort.summary(table, draft, spent)

asking.keep(table, draft)
asking.cautions(table, draft)

with action:
    now = effort.button("train", ready)
with show.footer("Everything has a sensible answer already. Training starts when you say so."):
    later = effort.button("train_end", ready)
if now or later:
    session.go("train", table=table.id, run=effort.start(table, draft, spent))
