"""The export page's parts: build and prove, the proof, the download, what is inside."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from mlcore import records
from mlcore.handoff import carried
from mlcore.handoff.manifest import PathProof, Proof
from mlcore.workspace.store import Bundle, RunCard
from pages.ui import cache, files, jobs, markup, show, words
from pages.ui.markup import Head, esc

INSIDE = (
    ("predict.py", "Scores a file from the command line; needs nothing of this app."),
    ("model.skops, scoring.py", "The fitted model, stored without pickle, and the code that applies it."),
    ("schema.json", "Every input column: its kind, categories and range, as JSON Schema."),
    ("golden/", "Rows with their exact predictions, odd cases included, to check any installation against."),
    ("requirements.txt", "The exact versions it was proven with."),
    ("plan.json, policy.json, baseline.json", "How it was trained, the decision rule, and what the data looked like."),
    ("model_card.md, README.md, tests/", "What it is for, how good it is, how to start, and tests that run anywhere."),
    ("manifest.json", "A checksum for every file, and what was proven where."),
)


def context(run: RunCard, key: str) -> str:
    """What leaves the house."""
    title = cache.model_title(run.id, key)
    return f"“{title}” as one zip for an engineer, built, unpacked and run in a clean process before you can take it."


def bundle(run: RunCard, key: str, action: AbstractContextManager[Any]) -> Bundle | None:
    """The proven bundle of this model; the button to make it while there is none."""
    found = next((one for one in cache.store().bundles(run.id) if one.model == key), None)
    changed = found is not None and cache.store().stale(found)
    if found is not None and not changed:
        with action:
            files.button("Download the zip", "bundle", found.id)
        return found
    if changed:
        show.lede(
            "The decision rule was changed since the bundle was built: build it again, and it carries the new one."
        )
    barred = carried.barred(cache.store().model_folder(run.id, key))
    if barred:
        show.failure(barred, remedy="docs/plugins.md tells what a plug-in needs for that.")
        return None
    job = jobs.latest("bundle", run=run.id, key=key)
    busy = job is not None and job.active
    with action:
        asked = st.button(
            "Build and prove", type="primary", key="build", icon=":material/verified:", disabled=busy, width="stretch"
        )
    if asked:
        jobs.ask("bundle", "Build and prove the bundle", run=run.id, key=key)
        st.rerun()
    if job is not None:
        jobs.follow(job)
    return None


def proof(made: Bundle) -> None:
    """What was checked on the unpacked zip."""
    st.header("What was proven", anchor=False)
    show.said("The zip was unpacked in an empty folder and run in a clean Python process that does not know this app.")
    done = records.from_json(Proof, dict(made.proof))
    show.facts(
        ("Rows replayed", f"{done.rows:,}", "golden rows, odd cases included"),
        ("Largest difference", f"{done.difference:.1g}", f"of any number; {done.tolerance:g} allowed"),
        ("Time to prove", words.duration(done.seconds)),
        ("Python", done.python, done.system),
    )
    rows = [(_path(path), "") for path in done.paths]
    heads = (
        Head("Way to score", name=True),
        Head("Rows", numeric=True),
        Head("Largest difference", numeric=True),
        Head("Result"),
    )
    st.html(markup.table(heads, rows, caption="Proof"))
    for sentence in done.sentences:
        show.lede(sentence)
    show.lede(f"SHA-256 of the zip: {made.sha256}")


def _path(path: PathProof) -> tuple[str, ...]:
    result = markup.chip("Equal", "ok") if path.ok else markup.chip("Differs", "act")
    note = f"<small>{esc(path.note)}</small>" if path.note else ""
    return f"{esc(path.title)}{note}", f"{path.rows:,}", f"{path.difference:.1g}", result


def contents() -> None:
    """What an engineer finds in the zip."""
    st.header("What is inside", anchor=False)
    rows = [((f"<b>{esc(name)}</b>", esc(about)), "") for name, about in INSIDE]
    st.html(markup.table((Head("File", name=True), Head("What it is", name=True)), rows, caption="Contents of the zip"))
