"""The explanation page's parts: the whole model, one column, one row, and how it was computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from mlcore.data.row_numbers import row_named
from mlcore.explanation import cohorts
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.sentences import about_model, about_row, of_fidelity, of_rule
from mlcore.plots.contributions import small
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, jobs, markup, show, words
from pages.ui.markup import Head, esc

EXACT = 1e-9
LONGER = 90.0  # seconds that more rows may take, asked for by hand
ROWS = {"200 rows": 200, "500 rows": 500, "2,000 rows": 2000}


def context(run: RunCard, key: str) -> str:
    """What the numbers are and what they are not."""
    return (
        f"“{cache.model_title(run.id, key)}”: how much each of your columns moves each prediction. "
        "They describe the model; they do not prove what causes what."
    )


def explanation(run: RunCard, key: str) -> Explanation | None:
    """The explanation of this model, made on demand."""
    folder = cache.store().explanation_folder(run.id, key)
    if folder is not None:
        return cache.in_words(cache.explanation(str(folder), folder.stat().st_mtime), run)
    job = jobs.latest("explain", run=run.id, key=key)
    if job is None or job.state in ("cancelled", "done"):  # of a model that was made anew
        jobs.ask("explain", "Explain the model", run=run.id, key=key)
        job = jobs.asked("explain")
    if job is not None:
        jobs.follow(job)
    return None


def _numbered(made: Explanation, run: RunCard) -> Explanation:
    """The explanation as it is drawn: its rows under the numbers by which people know them."""
    numbers = cache.row_numbers(run, [int(row) for row in made.rows])
    return replace(made, rows=np.array([-1 if number is None else number - 1 for number in numbers], dtype=np.int64))


def output(made: Explanation, key: str) -> int:
    """Which output is looked at: the label, for a model of several."""
    if len(made.outputs) == 1:
        return 0
    chosen = st.selectbox(
        "Probability of",
        range(len(made.outputs)),
        format_func=lambda at: made.outputs[at],
        key=f"output_{key}",
        width=420,
    )
    return int(chosen)


def views(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """One question at a time."""
    name = f"{run.id}_{key}"
    chosen = st.segmented_control("Look at", list(VIEWS), default=WHOLE, key=f"view_{name}", required=True)
    VIEWS[str(chosen)](run, key, made, output)


def _whole(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """Over all explained rows."""
    show.said(*about_model(made, output=output)[:-1])
    name = made.outputs[output]
    drawn = charts.draw("importance", made, output=name), charts.draw("beeswarm", _numbered(made, run), output=name)
    charts.pair(*drawn, f"whole_{run.id}_{key}")


def _column(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """One column: its values against what they add, and what changing it does."""
    name = f"{run.id}_{key}"
    order = cache.by_importance(made, output)
    column = str(st.selectbox("Column", order, format_func=str, key=f"dependence_{name}_{output}", width=420))
    charts.panel(
        charts.draw("dependence", _numbered(made, run), column=column, output=made.outputs[output]),
        f"dependence_{name}",
    )
    found = cache.probe(run, key)
    if found is None:
        _look(run, key, f"What would the model say if only “{column}” were different?")
    elif column in {one.column for one in found.curves}:
        charts.panel(charts.draw("effect", found, column=column, output=found.outputs[output]), f"effect_{name}")
    else:
        show.lede("What changing it does was looked at for the most important columns only.")


def _together(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """Which columns work together."""
    drawn = charts.draw("interplay", made, output=made.outputs[output])
    if drawn is None:
        show.lede("There are too few explained rows or columns to tell which work together. Explain more rows below.")
    charts.panel(drawn, f"interplay_{run.id}_{key}")


def _row(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """One row: from the average to its prediction."""
    name, label = f"{run.id}_{key}", made.outputs[output]
    places = [int(row) for row in made.rows]
    numbers = cache.row_numbers(run, places)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        at = st.selectbox(
            "Row of the table",
            range(len(places)),
            format_func=lambda at: row_named(numbers[at], places[at]),
            key=f"row_{name}",
            width=220,
            help="The rows that were explained. Row 1 is the first below the header of the table as it was imported.",
        )
        whole = st.segmented_control(
            "As", ["Steps", "Path", "Many paths"], default="Steps", key=f"row_as_{name}", required=True
        )
    at = int(at)
    show.said(*about_row(made, at, output=output))
    if whole == "Steps":
        charts.panel(charts.draw("waterfall", made, row=at, output=label), f"waterfall_{name}")
    else:
        rows = [at] if whole == "Path" else None
        charts.panel(charts.draw("decision_path", _numbered(made, run), rows=rows, output=label), f"path_{name}")


def _groups(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """Rows compared by their explanations."""
    name, label = f"{run.id}_{key}", made.outputs[output]
    order = cache.by_importance(made, output)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = str(st.selectbox("Rows chosen by", order, format_func=str, key=f"cohort_{name}", width=300))
        groups = list(cohorts.choices(made, column))
        group = st.selectbox("The group", groups, key=f"group_{name}_{column}", width=300)
    drawn = charts.draw("cohorts", made, column=column, group=group, output=label)
    if drawn is None:
        show.lede("This group, or what is left without it, has fewer than ten explained rows: too few to compare.")
    charts.panel(drawn, f"cohorts_{name}")
    found = charts.draw("patterns", made, output=label)
    if found is None:
        show.lede("The rows do not fall into groups of their own: their reasons change little by little.")
    charts.panel(found, f"patterns_{name}")
    if cohorts.dates(made):
        charts.panel(charts.draw("explained_over_time", made, output=label), f"over_time_{name}")


def _probe(run: RunCard, key: str, made: Explanation, output: int) -> None:
    """What the model needs, and rules that copy it."""
    found = cache.probe(run, key)
    if found is None:
        _look(run, key, "What does the model lean on, and can a few rules copy it?")
        return
    needed = charts.draw("needed", found)
    if needed is None:
        show.lede("The truth of too few rows is known to measure what the model needs.")
    charts.panel(needed, f"needed_{run.id}_{key}")
    with st.container(border=True, key=f"card_rules_{run.id}_{key}"):
        st.html('<div class="ts-panel-title">The model in a few rules</div>')
        rules = found.rules[output]
        show.said(of_fidelity(rules, made.task))
        heads = (Head("Where", name=True), Head("It says", numeric=True), Head("Rows", numeric=True))
        lines = [tuple(esc(part) for part in of_rule(rule, made.task)) for rule in rules.rules]
        if lines:
            st.html(markup.table(heads, [(line, "") for line in lines], caption="Rules that copy the model"))


def _look(run: RunCard, key: str, question: str) -> None:
    """Offer to ask the model about changed rows; that takes about half a minute, once."""
    job = jobs.latest("probe", run=run.id, key=key)
    if job is not None and job.state not in ("cancelled", "done"):
        jobs.follow(job)
        return
    with st.container(border=True, key=f"card_look_{run.id}_{key}"):
        show.lede(f"{question} Finding out asks the model about thousands of changed rows, once: about half a minute.")
        if st.button("Look closer", key=f"look_{run.id}_{key}", icon=":material/search:"):
            jobs.ask("probe", "Look closer at the model", run=run.id, key=key)
            st.rerun()


WHOLE = "The whole model"
VIEWS = {
    WHOLE: _whole,
    "One column": _column,
    "Columns together": _together,
    "One row": _row,
    "Groups of rows": _groups,
    "Needs and rules": _probe,
}


def made_how(run: RunCard, key: str, made: Explanation) -> None:
    """The sample, the method, the time and the errors."""
    st.header("How this was computed", anchor=False)
    points = made.task != "regression"
    error = made.sampling_error * (100 if points else 1) if made.sampling_error else 0.0
    sampling = f"± {words.number(error, 2)}{' points' if points else ''}" if error else "exact"
    sample = f"of {made.population:,}, drawn at random" if len(made.rows) < made.population else "all of the table"
    adds = "exactly" if made.additivity_error < EXACT else f"within {small(made.additivity_error)}"
    show.facts(
        ("Rows explained", f"{len(made.rows):,}", sample),
        ("Adds up", adds, "average + contributions = prediction"),
        ("One contribution", sampling, "its standard error, from sampling" if made.sampling_error else "no sampling"),
        ("Time", words.duration(made.seconds), ""),
    )
    for method in made.methods:
        show.lede(method)
    with st.expander("Explain more rows"):
        show.lede(f"It takes up to {LONGER:.0f} seconds, and compares each row with more of the background.")
        left, _ = st.columns([1, 2])
        amount = left.selectbox("Rows to explain", list(ROWS), index=2, key=f"amount_{key}")
        job = jobs.active("explain", run=run.id, key=key)
        if st.button("Explain again", key=f"again_{key}", disabled=job is not None):
            jobs.ask("explain", "Explain the model", run=run.id, key=key, rows=ROWS[str(amount)], seconds=LONGER)
            st.rerun()
        if job is not None:
            jobs.follow(job)
