"""Compare: the honest leaderboard, and which model to take."""

import streamlit as st

from pages.ui import again, beside, cache, comparing, growing, guards, session, show

QUESTION = "Which model should you take?"

run = guards.finished(QUESTION)
board = cache.store().leaderboard(run.id)
action = show.header(QUESTION, comparing.context(board))

comparing.advice(run, board)
comparing.leaderboard(run, board)
comparing.tradeoff(run, board)
comparing.faster(run, board)
again.beside(run)
beside.section(run, board)
growing.section(run, board)

key = comparing.choice(run, board)
comparing.detail(run, board, key)

with action:
    if st.button("Evaluate it", type="primary", key="evaluate", icon=":material/query_stats:", width="stretch"):
        session.go("evaluate", run=run.id, model=key)
show.next_step(
    f"How good is “{board[key].title}”, and where does it err?",
    "Evaluate this model",
    "evaluate",
    run=run.id,
    model=key,
)
