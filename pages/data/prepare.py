"""Prepare: steps that repair the table, replayed on every file and row that comes after it."""

import streamlit as st

from pages.ui import cache, guards, making, recipe, session, show

QUESTION = "What should be repaired first?"
CONTEXT = "Steps are kept as a recipe: nothing is lost, each can be changed or undone, and new rows get the same ones."

table = guards.table(QUESTION, CONTEXT)
with show.header(QUESTION, CONTEXT):
    if st.button("Set the goal", type="primary", key="goal", icon=":material/flag:", width="stretch"):
        session.go("goal", table=table.id)

recipe.refused(table)
busy = recipe.under_way(table)
recipe.listed(table, () if busy else cache.store().recipe_accounts(table.id))
making.form(table)
if not busy:
    recipe.outcome(table)
recipe.written(table)
show.next_step("Is the table as it should be? Then say what to predict.", "Set the goal", "goal", table=table.id)
