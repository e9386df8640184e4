"""The Fairness tab: how groups of people are treated, and, off by default, a threshold for each group."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from mlcore.errors import UserError
from mlcore.evaluation.evening import Alike, Evened, sentences
from mlcore.evaluation.fairness import CRITERIA, Fairness
from mlcore.evaluation.fairness_told import CAUTION, refused
from mlcore.evaluation.policy import GroupThresholds
from mlcore.evaluation.stated import share
from mlcore.workspace import closer
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, markup, show, words
from pages.ui.closer import look
from pages.ui.markup import Head, esc

ALIKE: dict[Alike, str] = {"called_yes": "the share called yes", "found": "the share of yes cases found"}
LAWFUL = (
    "Treating people by different rules because of the group they belong to is unlawful in many places, also where it "
    "narrows a gap: ask who is responsible for that first. It is off unless you save it here."
)
SEGMENTS_FIRST = "Look for the worst segment"


def tab(run: RunCard, key: str) -> None:
    """The groups of a column that a person names; nothing is guessed about who is protected."""
    try:
        threshold = cache.store().policy(run.id, key).threshold
    except UserError as error:
        show.user_error(error)
        return
    found = look(lambda store: closer.read_segments(store, run.id, key), run, key, "segments", SEGMENTS_FIRST)
    if found is None:
        return
    st.header("Are groups treated alike?", anchor=False)
    show.lede(CAUTION)
    columns = _asked(run, key, found.columns)
    if not columns:
        show.said("Choose a column that says which group a row belongs to. The model need not see it.")
        return
    made = look(
        lambda store: closer.read_fairness(store, run.id, key, columns, threshold), run, key, "fairness",
        "Compare the groups", {"columns": columns, "threshold": threshold},
    )  # fmt: skip
    if made is not None:
        _shown(made, run, key)
        if made.task == "binary" and len(columns) == 1:
            _thresholds(run, key, columns[0], threshold)


def _asked(run: RunCard, key: str, columns: tuple[str, ...]) -> list[str]:
    titles = cache.titles_of(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox(
            "Groups by", columns, index=None, placeholder="Choose a column", key=f"fair_by_{run.id}_{key}",
            format_func=lambda name: titles.get(name, name), width=300,
        )  # fmt: skip
        second = None
        if first is not None:
            second = st.selectbox(
                "and", [one for one in columns if one != first], index=None, placeholder="no second column",
                key=f"fair_and_{run.id}_{key}", format_func=lambda name: titles.get(name, name), width=300,
            )  # fmt: skip
    return [one for one in (first, second) if one is not None]


def _shown(made: Fairness, run: RunCard, key: str) -> None:
    drawn = {one.key: charts.draw("fairness", made, one.key) for one in CRITERIA[made.task]}
    if not any(drawn.values()):
        show.said("No group is large enough to say anything about it.")
    if made.threshold is not None:
        show.lede(f"“Yes” is said from a probability of {made.threshold:.2f} on.")
    named = list(drawn)
    for pair in zip(named[::2], named[1::2], strict=True):
        for place, one in zip(st.columns(2, gap="small"), pair, strict=True):
            with place:
                charts.panel(drawn[one], f"fair_{run.id}_{key}_{one}", stretch=True)
    if made.calibration:
        _calibration(made, run, key)
    silent = refused(made)
    if silent:
        with st.expander(
            f"{words.count(len(silent), 'group')} of {len(made.groups)} with too few rows for a criterion"
        ):
            for one in silent:
                show.lede(one)


def _calibration(made: Fairness, run: RunCard, key: str) -> None:
    """What was said against what happened, group by group; the one that is farthest off in front."""
    named = [one.label for one, bins in zip(made.groups, made.calibration, strict=True) if bins]
    if not named:
        show.lede("No group is large enough to show whether its probabilities hold.")
        return
    at = f"fair_calibration_{run.id}_{key}"
    front = st.selectbox(
        "Group in front", named, index=None, placeholder="The one farthest off", key=f"{at}_front", width=300
    )
    charts.panel(charts.draw("fairness_calibration", made, front), at)


def _thresholds(run: RunCard, key: str, column: str, threshold: float | None) -> None:
    stored = cache.store().policy(run.id, key).group_thresholds
    with st.expander("A threshold for each group", expanded=stored is not None):
        show.lede(LAWFUL)
        if stored is not None:
            show.said(f"Saved: groups of “{stored.column}” have thresholds of their own.")
            if st.button("Take it back: one threshold for all", key=f"fair_forget_{run.id}_{key}"):
                _save(run, key, None)
                st.rerun()
        if not _nameable(run, column):
            show.lede("This column holds numbers or dates: thresholds can be kept only for groups that have a name.")
            return
        alike = st.radio(
            "What shall be alike?", list(ALIKE), format_func=lambda one: ALIKE[one], index=None, horizontal=True,
            key=f"fair_alike_{run.id}_{key}",
        )  # fmt: skip
        if alike is None:
            return
        made = look(
            lambda store: closer.read_evened(store, run.id, key, column, alike, threshold), run, key, "evened",
            "Try a threshold for each group", {"column": column, "alike": alike, "threshold": threshold},
        )  # fmt: skip
        if made is not None:
            _priced(made, run, key)


def _priced(made: Evened, run: RunCard, key: str) -> None:
    show.said(*sentences(made))
    rows = [((esc(label), share(value)), "") for label, value in made.thresholds.items()]
    rows += [((esc(label), f"{share(made.threshold)}, too few rows for its own"), "") for label in made.kept]
    heads = (Head("Group", name=True), Head("Says yes from", numeric=True))
    st.html(markup.table(heads, rows, caption="Thresholds by group"))
    agreed = st.checkbox("It was checked that this is lawful here", key=f"fair_lawful_{run.id}_{key}")
    if st.button("Save these thresholds", key=f"fair_save_{run.id}_{key}", disabled=not agreed):
        try:
            _save(run, key, GroupThresholds(column=made.column, thresholds=dict(made.thresholds)))
        except UserError as error:
            show.user_error(error)
        else:
            st.rerun()


def _save(run: RunCard, key: str, thresholds: GroupThresholds | None) -> None:
    store = cache.store()
    store.save_policy(run.id, key, replace(store.policy(run.id, key), group_thresholds=thresholds))


def _nameable(run: RunCard, column: str) -> bool:
    return run.plan is not None and column in run.plan.schema and run.plan.schema[column].storage == "text"
