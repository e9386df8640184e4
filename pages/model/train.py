"""Train: every candidate as it is fitted, with the time spent and left; stop and keep, or cancel."""

from pages.ui import guards, show, training

QUESTION = "How is the training going?"

run = guards.run(QUESTION)
show.header(QUESTION, training.context(run))

if run.job.active:
    training.live(run.id)
else:
    training.ended(run)
    training.course(run)
    training.candidates(run)
    if training.finished(run):
        show.next_step("Which of these models should you take?", "Compare models", "compare", run=run.id)
