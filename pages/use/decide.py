"""Decide: what is done with what the model says, in money, and obeyed on every way to score."""

import streamlit as st

from pages.ui import deciding, evaluating, guards, show

QUESTION = "What should be done with its answers?"

run, key = guards.model(QUESTION)
action = show.header(QUESTION, deciding.context(run, key))

key = evaluating.choice(run, key)
cases = deciding.cases(run, key)
if cases is None:
    st.stop()

deciding.in_use(run, key)
draft = deciding.ask(run, key, cases)
deciding.use(run, key, draft, action)

show.next_step(
    "Rows and files are scored by the rule in use, here and in the exported bundle.",
    "Predict with it",
    "predict",
    run=run.id,
    model=key,
)
