"""The prediction page's second part: a whole file of rows, and what is wrong with cells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import polars as pl
import streamlit as st

from mlcore.errors import UserError
from mlcore.workspace import batch, places
from mlcore.workspace.store import Job, RunCard
from pages.ui import cache, faultlist, files, jobs, reading, routes, session, show, upload, words

AT = "scored"
REASONS = 3
FORMATS = {"CSV": "csv", "Excel": "xlsx", "Parquet": "parquet"}
DECIDED = ("format", "reasons", "keep", "handling")


def whole_file(run: RunCard, key: str) -> None:
    """A file of rows in, the same rows with predictions out."""
    show.lede(
        "A file with the columns the model learned from, in any order and of any length; the target may be absent. "
        "You get one line for each row, in the same order."
    )
    job = _scoring(run, key)
    decided = _decisions({} if job is None else job.args)
    arrived = upload.uploader("rows")
    if arrived is not None:
        path = routes.upload_path(cache.store().home, arrived.upload)
        _score({"run": run.id, "key": key, "path": str(path), "name": arrived.name, **decided}, {})
    if job is None:
        return
    jobs.follow(job)
    if job.state == "done":
        _scored(job)
    if not job.active:
        faultlist.show_list(job)
        _again(job, decided)
        _reread(job)


def _decisions(before: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wants of the file: at first what they wanted of the last one."""
    titles = {code: title for title, code in FORMATS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        form = st.segmented_control(
            "You get",
            list(FORMATS),
            default=titles.get(before.get("format", "csv")),
            key="scores_format",
            required=True,
        )
        why = st.toggle(
            "With reasons",
            value=bool(before.get("reasons")),
            key="scores_reasons",
            help=f"The {REASONS} columns that move each prediction most, in the words of this page. It takes longer.",
        )
        keep = st.toggle(
            "With your columns",
            value=bool(before.get("keep")),
            key="scores_keep",
            help="The columns of your file stand behind the predictions, in the same row.",
        )
    handling = faultlist.choices(before.get("handling") or {})
    return {"format": FORMATS[str(form)], "reasons": REASONS if why else 0, "keep": keep, "handling": handling}


def _scoring(run: RunCard, key: str) -> Job | None:
    """The file this tab has scored last with this model, by the URL or from memory."""
    try:
        job = cache.store().job(str(st.query_params.get(AT) or session.recall(AT)))
    except UserError:
        return None
    if job.kind != "score_file" or (job.args.get("run"), job.args.get("key")) != (run.id, key):
        return None
    st.query_params[AT] = job.id
    return job


def _score(asked: Mapping[str, Any], choices: Mapping[str, Any]) -> NoReturn:
    job = cache.store().submit("score_file", {**asked, "choices": dict(choices) or None}, f"Score {asked['name']}")
    session.remember(AT, job)
    st.query_params[AT] = job
    st.rerun()


def _again(job: Job, decided: Mapping[str, Any]) -> None:
    """Score the same file once more when something else is wanted of it now."""
    was = {name: job.args.get(name) for name in DECIDED}
    usual = {"format": "csv", "reasons": 0, "keep": False, "handling": faultlist.USUAL}
    same = all((was[name] or usual[name]) == decided[name] for name in DECIDED)
    if not same and st.button("Score the file again like this", key="again_decided", icon=":material/refresh:"):
        _score({**job.args, **decided}, job.args.get("choices") or {})


def _reread(job: Job) -> None:
    """Let a person correct how the file was read; its rows are scored again then."""
    found, choices = cache.store().reading(job.id), dict(job.args.get("choices") or {})
    changed = reading.asked_openly(found, (), choices, job.id) if found is not None else None
    opened = job.state == "failed" and (found is None or len(found.members) < 2) and not faultlist.found(job)
    again = reading.form(found, choices, str(job.args.get("name", "")), job.id, opened=opened)
    if changed is not None or again is not None:
        _score(job.args, (changed if changed is not None else again) or {})


def _scored(job: Job) -> None:
    counts = {name: int(job.result.get(name) or 0) for name in ("rows", "flagged", "faults", "filled")}
    unlike = job.result.get("unlike")
    cells = (
        [("Cells not as expected", f"{counts['faults']:,}", _filled(counts["filled"]))]
        if "faults" in job.result
        else []
    )
    if unlike is not None:
        cells.append(("Rows unlike training", f"{unlike:,}", "no row like it among those the model knows"))
    show.facts(
        ("Rows scored", f"{counts['rows']:,}", "in the order of your file"),
        ("Rows with flags", f"{counts['flagged']:,}", "a column says why"),
        *cells,
    )
    found = cache.store().reading(job.id)
    if found is not None:
        show.lede(" ".join(part for part in (reading.sentence(found), _ignored(job)) if part))
    files.button("Download the predictions", "scores", job.id)
    head = batch.head(places.job_folder(cache.store().home, job.id))
    if head:
        show.rows(pl.DataFrame(head, infer_schema_length=None), key="scores_head", alt="The first scored rows")
        show.lede(
            f"The first {words.count(len(head), 'row')}. In a CSV an apostrophe stands before text that would run."
        )


def _filled(cells: int) -> str:
    return f"{cells:,} of them were filled in" if cells else "listed below, if any"


def _ignored(job: Job) -> str:
    names = [str(name) for name in job.result.get("ignored") or ()]
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return f"The model does not use: {shown}." if names else ""
