"""The Segments tab: where the model is worst, and any column or pair of columns as slices."""

from __future__ import annotations

import streamlit as st

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.slices import Slices
from mlcore.evaluation.worst import Suspicion
from mlcore.evaluation.worst_told import sentences
from mlcore.workspace import closer
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, show
from pages.ui.closer import look

HELP = (
    "Parts of the table in which the model may do better or worse: categories, ranges of numbers, periods, missing "
    "values. Columns that the model does not see can be chosen, too."
)


def tab(run: RunCard, key: str) -> None:
    """The worst segment, then slices of one's own choice."""
    found = look(
        lambda store: closer.read_segments(store, run.id, key), run, key, "segments", "Look for the worst segment"
    )
    if found is None:
        return
    titles = cache.titles_of(run)
    st.header("Where is it worst?", anchor=False)
    show.said(*sentences(found.worst, titles))
    if found.searched:
        show.lede(_searched(found))
    charts.panel(charts.draw("worst_segments", found.worst, titles), f"worst_{run.id}_{key}")
    _slices(run, key, found)


def _searched(found: closer.Segments) -> str:
    """Which columns the search looked at where there are too many for all."""
    many = f"The search looked at {found.searched} of {len(found.columns)} columns"
    if found.explained:
        return f"{many}: those that matter most to the model. Below any column can be chosen."
    return f"{many}: the first in the table, as the model is not explained yet. Below any column can be chosen."


@st.fragment
def _slices(run: RunCard, key: str, found: closer.Segments) -> None:
    st.header("Part by part", anchor=False)
    if not found.columns:
        show.lede("No column of this table parts the rows: all are identifiers, constants or long texts.")
        return
    columns, metric = _asked(run, key, found)
    titles = cache.titles_of(run)
    made = look(
        lambda store: closer.read_slices(store, run.id, key, columns, metric),
        run, key, "slices", "Measure each slice", {"columns": columns, "metric": metric},
    )  # fmt: skip
    if made is None:
        return
    drawn = charts.draw("slices", made, titles)
    if drawn is None:
        show.said("No slice of this column is large enough to say anything about it.")
    charts.panel(drawn, f"slices_{run.id}_{key}")
    _refused(made)


def _asked(run: RunCard, key: str, found: closer.Segments) -> tuple[list[str], str]:
    """One or two columns, and the metric."""
    titles = cache.titles_of(run)
    goal = run.plan.goal.metric if run.plan is not None else ""
    metrics = list(found.measurable)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox(
            "Column", found.columns, index=found.columns.index(_start(found)), key=f"slice_by_{run.id}_{key}",
            format_func=lambda name: titles.get(name, name), width=300, help=HELP,
        )  # fmt: skip
        second = st.selectbox(
            "and", [one for one in found.columns if one != first], index=None, placeholder="no second column",
            key=f"slice_and_{run.id}_{key}", format_func=lambda name: titles.get(name, name), width=300,
        )  # fmt: skip
        metric = st.selectbox(
            "Metric", metrics, index=metrics.index(goal) if goal in metrics else 0, key=f"slice_metric_{run.id}_{key}",
            format_func=lambda one: METRICS[one].term, width=220,
        )  # fmt: skip
    return [first, *([second] if second else [])], metric


def _start(found: closer.Segments) -> str:
    """The column of the worst suspicion, else the first."""
    worst: tuple[Suspicion, ...] = found.worst.suspicions
    named = [part.column for one in worst for part in one.parts if part.column in found.columns]
    return (named or list(found.columns))[0]


def _refused(made: Slices) -> None:
    """A sentence for each slice about which nothing is said."""
    silent = [one for one in made.slices if one.value is None]
    if silent:
        verb = "is" if len(silent) == 1 else "are"
        with st.expander(f"{len(silent)} of {len(made.slices)} slices {verb} too small, or cannot be measured"):
            for one in silent:
                show.lede(f"{' and '.join(part.label for part in one.parts)}: {one.why}")
