"""The explanation page's parts: the whole model, one column, one row, and how it was computed."""

from __future__ import annotations

import streamlit as st

from mlcore.explanation.explanation import Explanation
from mlcore.explanation.sentences import about_model, about_row
from mlcore.plots.contributions import small
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, jobs, show, words

EXACT = 1e-9
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
    if job is None or job.state == "cancelled":
        jobs.ask("explain", "Explain the model", run=run.id, key=key)
        job = jobs.asked("explain")
    if job is not None:
        jobs.follow(job)
    return None


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


def whole(made: Explanation, output: int, key: str) -> None:
    """Over all explained rows."""
    show.said(*about_model(made, output=output)[:-1])
    name = made.outputs[output]
    charts.pair(
        charts.draw("importance", made, output=name), charts.draw("beeswarm", made, output=name), f"whole_{key}"
    )


@st.fragment
def dependence(made: Explanation, output: int, key: str) -> None:
    """One column: its values against what they add."""
    st.header("One column", anchor=False)
    order = cache.by_importance(made, output)
    column = st.selectbox("Column", order, format_func=str, key=f"dependence_{key}_{output}", width=420)
    charts.panel(
        charts.draw("dependence", made, column=str(column), output=made.outputs[output]), f"dependence_chart_{key}"
    )


@st.fragment
def one_row(made: Explanation, output: int, key: str) -> None:
    """One row: from the average to its prediction."""
    st.header("One row", anchor=False)
    shown = {int(row) + 1: at for at, row in enumerate(made.rows)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            "Row of the table",
            list(shown),
            key=f"row_{key}",
            width=220,
            help="The rows that were explained. Row 1 is the first below the header.",
        )
    at = shown[int(number)]
    show.said(*about_row(made, at, output=output))
    charts.panel(charts.draw("waterfall", made, row=at, output=made.outputs[output]), f"waterfall_{key}")


def made_how(run: RunCard, key: str, made: Explanation) -> None:
    """The sample, the method, the time and the errors."""
    st.header("How this was computed", anchor=False)
    points = made.task != "regression"
    error = made.sampling_error * (100 if points else 1) if made.sampling_error else 0.0
    sampling = f"± {words.number(error, 2)}{' points' if points else ''}" if error else "exact"
    adds = "exactly" if made.additivity_error < EXACT else f"within {small(made.additivity_error)}"
    show.facts(
        ("Rows explained", f"{len(made.rows):,}", f"of {made.population:,}, drawn at random"),
        ("Adds up", adds, "average + contributions = prediction"),
        ("One contribution", sampling, "its standard error, from sampling" if made.sampling_error else "no sampling"),
        ("Time", words.duration(made.seconds), ""),
    )
    for method in made.methods:
        show.lede(method)
    with st.expander("Explain more rows"):
        left, _ = st.columns([1, 2])
        amount = left.selectbox("Rows to explain", list(ROWS), index=2, key=f"amount_{key}")
        if st.button("Explain again", key=f"again_{key}"):
            jobs.ask("explain", "Explain the model", run=run.id, key=key, rows=ROWS[str(amount)])
            st.rerun()
        job = jobs.asked("explain")
        if job is not None and job.active:
            jobs.follow(job)
