"""Evaluate: how good one model is, where it errs, and what the locked rows say."""

import streamlit as st

from pages.ui import evaluating, guards, session, show

QUESTION = "How good is this model?"

run, key = guards.model(QUESTION)
action = show.header(QUESTION, evaluating.context(run, key))

key = evaluating.choice(run, key)
evaluation = evaluating.evaluation(run, key)
if evaluation is None:
    st.stop()

evaluating.headline(evaluation, run)
evaluating.locked(run, key)
evaluating.views(evaluation, run, key)

with action:
    if st.button("Explain it", type="primary", key="explain", icon=":material/account_tree:", width="stretch"):
        session.go("explain", run=run.id, model=key)
show.next_step(
    "Which columns move its predictions, and which way?", "Explain this model", "explain", run=run.id, model=key
)
