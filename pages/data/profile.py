"""Profile: what the columns hold, what to look at before going on, and what a person knows better."""

import streamlit as st

from pages.ui import guards, profiling, report_card, session, show

QUESTION = "What is in this table?"
CONTEXT = "Every column with its kind, its gaps and its values. Change a kind where the guess is wrong."

table = guards.table(QUESTION, CONTEXT)
action = show.header(QUESTION, CONTEXT)
with action:
    if st.button("Set the goal", type="primary", key="goal", icon=":material/flag:", width="stretch"):
        session.go("goal", table=table.id)

seen = profiling.seen(table)
if seen is None:
    st.stop()

profiling.facts(table, seen.profile)
report_card.card(table)
profiling.views(table, seen.profile)
show.next_step("Which column should the model predict?", "Set the goal", "goal", table=table.id)
