"""Export: a bundle that was proven in a clean process, and only then can be downloaded."""

from pages.ui import evaluating, exporting, guards, show

QUESTION = "Ready to hand it over?"

run, key = guards.model(QUESTION)
action = show.header(QUESTION, exporting.context(run, key))

key = evaluating.choice(run, key)
bundle = exporting.bundle(run, key, action)
if bundle is not None:
    exporting.proof(bundle)
    exporting.forms(run, bundle)
exporting.contents(bundle)
