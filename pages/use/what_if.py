"""What-if: change a row and see what the model says; what would have to be different for another answer."""

from pages.ui import acting, evaluating, guards, show, turning, what_if

QUESTION = "What if the row were different?"

run, key = guards.model(QUESTION)
show.header(QUESTION, what_if.context(run, key))

key = evaluating.choice(run, key)
at = what_if.start(run, key)
if at is not None:
    asked = what_if.compare(run, key, at)
    what_if.scenarios(run, key, at, asked)
    acting.many(run, key, at, turning.search(run, key, at, asked))

show.next_step("Say what is done with its answers.", "Decide", "decide", run=run.id, model=key)
