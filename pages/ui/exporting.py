"""The export page's parts: build and prove, the proof, the forms to take, what is inside."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from mlcore import records
from mlcore.handoff import carried
from mlcore.handoff.exporters import EXPORTERS, Exporter
from mlcore.handoff.manifest import PathProof, Proof
from mlcore.workspace.store import Bundle, Job, RunCard
from pages.ui import cache, files, jobs, markup, show, words
from pages.ui.markup import Head, esc

GRAPH = "model.onnx"
INSIDE = (
    ("predict.py", "Scores a file from the command line; needs nothing of this app."),
    ("model.skops, scoring.py, obeying.py", "The fitted model, stored without pickle, and the code that applies it."),
    (GRAPH, "The same model as an ONNX graph, for other languages and quick answers to single rows."),
    ("service/, Dockerfile, compose.yaml", "Answers over HTTP: started in one command, or as a container."),
    ("schema.json", "Every input column: its kind, categories and range, as JSON Schema."),
    ("golden/, verify.py", "Rows with their exact predictions, odd cases included, and what checks them anywhere."),
    ("requirements.txt", "The exact versions it was proven with."),
    ("plan.json, policy.json, baseline.json", "How it was trained, the decision rule, and what the data looked like."),
    ("rebuild.json, learned_rows.parquet", "Which rows it learned from and with which settings, to train it again."),
    ("model_card.md, README.md, tests/", "What it is for, how good it is, how to start, and tests that run anywhere."),
    ("MLmodel", "Opens the folder in MLflow."),
    ("manifest.json", "A checksum for every file, and what was proven where."),
)


def context(run: RunCard, key: str) -> str:
    """What leaves the house."""
    title = cache.model_title(run.id, key)
    return f"“{title}” for whoever puts it to work: built, unpacked and run in a clean process before you can take it."


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
    largest = max((done.difference, *(path.difference for path in done.paths)))
    show.facts(
        ("Rows replayed", f"{done.rows:,}", "golden rows, odd cases included"),
        ("Largest difference", f"{largest:.1g}", f"of any number; {done.tolerance:g} allowed"),
        ("Time to prove", words.duration(done.seconds)),
        ("Python", done.python, done.system),
    )
    rows = [(_path(path), "") for path in done.paths]
    st.html(markup.table(_PROOF, rows, caption="Proof", stacked=True))
    for sentence in done.sentences:
        show.lede(sentence)
    versions = [((f"<b>{esc(name)}</b>", esc(version)), "") for name, version in done.versions.items()]
    told = markup.table((Head("Package", name=True), Head("Version")), versions, caption="Versions it was proven with")
    st.html(markup.folded(f"The {len(versions)} packages it was proven with", told))
    show.lede(f"SHA-256 of the zip: {made.sha256}")


_PROOF = (
    Head("Way to score", name=True), Head("Rows", numeric=True), Head("Difference", numeric=True),
    Head("Seconds", numeric=True), Head("Result"),
)  # fmt: skip


def _path(path: PathProof) -> tuple[str, ...]:
    result = markup.chip("Equal", "ok") if path.ok else markup.chip("Differs", "act")
    note = f"<small>{esc(path.note)}</small>" if path.note else ""
    return f"{esc(path.title)}{note}", f"{path.rows:,}", f"{path.difference:.1g}", f"{path.seconds:.2g}", result


def forms(run: RunCard, made: Bundle) -> None:
    """The same model in other forms: each is made when it is asked for, and proven before it can be taken."""
    st.header("Take it as", anchor=False)
    show.said("Each form is made from the proven bundle by the worker, and can be taken once its own check has passed.")
    refused = dict(made.proof.get("refused") or {})
    able = [one for one in EXPORTERS if one.key != "zip" and not refused.get(one.key)]
    for start in range(0, len(able), 2):
        for exporter, place in zip(able[start : start + 2], st.columns(2, gap="medium"), strict=False):
            with place, st.container(border=True, key=f"card_form_{exporter.key}", height="stretch"):
                _form(run, made, exporter)
    barred = [one for one in EXPORTERS if refused.get(one.key)]
    if barred:
        show.lede("Not for this model:")
        rows = [((f"<b>{esc(one.title)}</b>", esc(refused[one.key])), "") for one in barred]
        heads = (Head("Form", name=True), Head("Why it cannot be had"))
        st.html(markup.table(heads, rows, caption="Forms that cannot be had", stacked=True))


def _form(run: RunCard, made: Bundle, exporter: Exporter) -> None:
    job = jobs.latest("export", bundle=made.id, format=exporter.key)
    st.html(
        f'<p class="ts-title">{esc(exporter.title)}</p><p class="ts-meta">For {esc(exporter.whom)}</p>'
        f'<p class="ts-about">{esc(exporter.about)}</p>'
    )
    if job is not None and job.state == "done":
        _taken(job)
    elif job is None or not job.active:
        if job is not None:
            jobs.failed(job)
        if st.button("Make and check", key=f"make_{exporter.key}", icon=":material/deployed_code:"):
            jobs.ask("export", exporter.title, run=run.id, key=made.model, bundle=made.id, format=exporter.key)
            st.rerun()
    else:
        jobs.follow(job)


def _taken(job: Job) -> None:
    """What was checked of a form that was made, and the button to take it."""
    checks: list[Mapping[str, Any]] = list(job.result.get("proof") or ())
    chips = [markup.chip(_equal(int(one["rows"]), float(one["difference"])), "ok") for one in checks]
    st.html(f"<p>{''.join(chips) or markup.chip('Made from the proven bundle')}</p>")
    files.button("Download", "export", job.id)
    notes = "".join(f"<p>{esc(note)}</p>" for note in job.result.get("notes") or ())
    if notes:
        st.html(markup.folded("How to use it", notes))


def _equal(rows: int, difference: float) -> str:
    return f"Equal on {rows:,} golden rows" + (f", to {difference:.1g}" if difference else "")


def contents(made: Bundle | None) -> None:
    """What an engineer finds in the zip; a graph only where there is one, or may be one."""
    st.header("What is inside", anchor=False)
    undrawn = made is not None and "onnx" in (made.proof.get("refused") or {})
    rows = [
        ((f"<b>{esc(name)}</b>", esc(_about(name, about, made))), "")
        for name, about in INSIDE
        if not (undrawn and name == GRAPH)
    ]
    heads = (Head("File", name=True), Head("What it is", name=True))
    st.html(markup.table(heads, rows, caption="Contents of the zip", stacked=True))


def _about(name: str, about: str, made: Bundle | None) -> str:
    return f"{about} Only where it was shown to say the same." if name == GRAPH and made is None else about
