"""Explain: which columns move the predictions, which way, and why one row got its prediction."""

import streamlit as st

from pages.ui import evaluating, explaining, guards, session, show

QUESTION = "Why does the model say what it says?"

run, key = guards.model(QUESTION)
action = show.header(QUESTION, explaining.context(run, key))

key = evaluating.choice(run, key)
explanation = explaining.explanation(run, key)
if explanation is None:
    st.stop()

output = explaining.output(explanation, f"{run.id}_{key}")
explaining.views(run, key, explanation, output)
explaining.made_how(run, key, explanation)

with action:
    if st.button("Predict with it", type="primary", key="predict", icon=":material/bolt:", width="stretch"):
        session.go("predict", run=run.id, model=key)
show.next_step(
    "Hand it over: a bundle that is proven to predict the same elsewhere.", "Export it", "export", run=run.id, model=key
)
