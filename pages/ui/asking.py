"""The questions of the goal page, with sensible answers already chosen."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import streamlit as st

from mlcore.data.schema import Column
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS, default_metric, metrics_for
from mlcore.evaluation.predictions import Task
from mlcore.findings import Finding
from mlcore.learning.goal import Goal
from mlcore.learning.tasks import TASKS, guess_positive, guess_task
from pages.ui import agreeing, cache, demanding, fixing, jobs, report_card, session, show, words
from pages.ui.markup import md

NONE = "(none)"
MEASURED = "(measured)"
RANDOM = "(random rows)"
MOST_LEAKS = 8
LEAKS = ("leak", "filled_after")
SETTLED_HERE = ("time_order", "drift_inside")
"""Notes that the answers on this page settle."""


def target(table: cache.TableCard) -> str | None:
    """The column to predict."""
    names = list(table.schema.names)
    stored = cache.store().goal(table.id)
    sample = cache.sample_of(table)
    known = stored.target if stored else sample.target if sample else None
    chosen = st.selectbox(
        "Column to predict",
        names,
        index=names.index(known) if known in names else None,
        format_func=table.chosen,
        placeholder="Choose the outcome you know for these rows",
        key=f"target_{table.id}",
        help="The column whose value you want to know for new rows.",
    )
    if chosen is None:
        show.lede("What kind of answer it is, how models are judged and which columns may be used is proposed then.")
    return str(chosen) if chosen is not None else None


def goal(table: cache.TableCard, name: str) -> Goal:
    """The goal for this target, from the answers on the page."""
    stored = cache.store().goal(table.id)
    stored = stored if stored is not None and stored.target == name else None
    values = cache.column(table.dataset.path, name)
    task = _task(table, table.schema[name], values, stored)
    positive = _positive(table, values, stored) if task == "binary" else None
    metric = _metric(table, task, values, positive, stored)
    costs = demanding.costs(table, stored) if metric == "value" else None
    made = Goal(target=name, task=task, metric=metric, positive=positive, costs=costs)
    made = demanding.ask(table, _columns(table, made, stored), stored)
    return agreeing.agreement(table, made, stored)


def _task(table: cache.TableCard, column: Column, values: pd.Series, stored: Goal | None) -> Task:
    try:
        guessed, reason = guess_task(values, column)
    except UserError as error:
        show.user_error(error)
        st.stop()
    keys = list(TASKS.keys)
    chosen = st.segmented_control(
        "What kind of answer",
        keys,
        default=stored.task if stored else guessed,
        format_func=lambda key: TASKS[key].title,
        key=f"task_{table.id}_{column.name}",
        required=True,
    )
    task: Task = chosen or guessed
    said = f"{TASKS[guessed].title}, because {reason}." if task == guessed else f"Chosen by you; {reason}."
    show.lede(said)
    return task


def _positive(table: cache.TableCard, values: pd.Series, stored: Goal | None) -> str | None:
    counts = _labels(values)
    labels = [str(label) for label in counts.index]
    if len(labels) != 2:
        return None
    guessed = stored.positive if stored and stored.positive in labels else guess_positive(counts)
    total = int(counts.sum())
    chosen = st.segmented_control(
        "Which answer counts as yes",
        labels,
        default=guessed,
        format_func=lambda label: md(f"{label} · {words.share(counts[label] / total)}"),
        key=f"positive_{table.id}_{values.name}",
        required=True,
        help="The answer you are looking for, such as a customer who leaves. Probabilities are for this one.",
    )
    return chosen or guessed


def _metric(table: cache.TableCard, task: Task, values: pd.Series, positive: str | None, stored: Goal | None) -> str:
    keys = [metric.key for metric in metrics_for(task) if task != "binary" or not metric.uses_threshold]
    try:
        usual = default_metric(task, _truth(values, task), positive)
    except (ValueError, TypeError, UserError):
        usual = keys[0]
    known = stored.metric if stored and stored.task == task and stored.metric in keys else usual
    chosen = st.selectbox(
        "Models are ranked by",
        keys,
        index=keys.index(known) if known in keys else 0,
        format_func=lambda key: f"{METRICS[key].title} ({METRICS[key].term})",
        key=f"metric_{table.id}_{values.name}_{task}",
    )
    metric = METRICS[chosen]
    way = "" if "better" in metric.help else f" {metric.direction.capitalize()}."
    show.lede(metric.help + way)
    return chosen


def _columns(table: cache.TableCard, made: Goal, stored: Goal | None) -> Goal:
    others = [name for name in table.schema.names if name != made.target]
    sample = cache.sample_of(table)
    hints = cache.store().hints(table.id)
    time = stored.time if stored else hints.time or (sample.time if sample else None)
    group = stored.group if stored else hints.group
    left_out = stored.exclude if stored else hints.exclude
    turn = session.recall(f"turn_{table.id}", 0)
    with st.expander("Columns the models may use"):
        exclude = st.multiselect(
            "Leave out",
            others,
            default=[name for name in left_out if name in others],
            format_func=table.chosen,
            key=f"exclude_{table.id}_{made.target}_{turn}",
            placeholder="Nothing left out by you",
            help="Leave out what is not known yet when the prediction is made.",
        )
        keep = st.multiselect(
            "Use even if a check objects",
            [name for name in others if name not in exclude],
            default=[name for name in (stored.keep if stored else ()) if name in others and name not in exclude],
            format_func=table.chosen,
            key=f"keep_{table.id}_{made.target}_{turn}",
            placeholder="Nothing kept against advice",
            help="Columns that give the target away are left out unless you name them here.",
        )
        dated = [name for name in others if table.schema[name].kind == "datetime"]
        moments = [MEASURED, *dated, RANDOM] if dated else [NONE]
        known = time or (RANDOM if stored and stored.at_random else None)
        left, right = st.columns(2)
        chosen_time = left.selectbox(
            "Rows are in the order of",
            moments,
            index=moments.index(known) if known in moments else 0,
            format_func=table.chosen,
            key=f"time_{table.id}_{turn}",
            help="With a time column, models are judged on later rows than they learned from. Measured: only if random "
            "rows would flatter.",
        )
        groups = [NONE, *(name for name in others if name != chosen_time)]
        chosen_group = right.selectbox(
            "Rows belong together by",
            groups,
            index=groups.index(group) if group in groups else 0,
            format_func=table.chosen,
            key=f"group_{table.id}_{turn}",
            help="Rows of one customer or machine stay on one side when models are judged.",
        )
    return replace(
        made,
        exclude=tuple(exclude),
        keep=tuple(keep),
        time=chosen_time if chosen_time in dated else None,
        at_random=chosen_time == RANDOM,
        group=None if chosen_group == NONE else chosen_group,
    )


def keep(table: cache.TableCard, draft: Goal) -> None:
    """Remember the answers, so that a refresh loses none of them."""
    if cache.store().goal(table.id) != draft:
        cache.store().save_goal(table.id, draft)


def cautions(table: cache.TableCard, draft: Goal) -> None:
    """What the checks say about this target, looked for in the background."""
    found = cache.store().findings(table.id, draft.target)
    if found is not None:
        mine = [_heeded(one, draft) for one in found if one.level != "note" or one.code in SETTLED_HERE]
        report_card.findings(
            table,
            mine,
            title="Check before you train",
            none="The checks found nothing that speaks against this goal.",
            instead=lambda one: _leaks(table, draft, one),
        )
        return
    fixing.made(table)
    job = jobs.latest("check", dataset=table.id, target=draft.target)
    if job is None or job.state in ("cancelled", "done"):
        jobs.ask("check", f"Check {draft.target}", dataset=table.id, target=draft.target)
        job = jobs.asked("check")
    if job is not None:
        jobs.follow(job, cancel=False)


def _heeded(one: Finding, draft: Goal) -> Finding:
    """The finding as it stands after what was decided about its columns."""
    if one.code not in LEAKS or not one.columns:
        return one
    if set(one.columns) <= set(draft.keep):
        return replace(
            one, level="watch", remedy="It is used, as you asked. Leave it out if it is known only afterwards."
        )
    return replace(one, remedy="It is left out, as you asked.") if set(one.columns) <= set(draft.exclude) else one


def _leaks(table: cache.TableCard, draft: Goal, leak: Finding) -> bool:
    """For each column that may give the target away: what is done with it, and the opposite by one click."""
    if leak.code not in LEAKS:
        return False
    for name in leak.columns[:MOST_LEAKS]:
        out = name in draft.exclude or (leak.level == "stop" and name not in draft.keep)
        with st.container(horizontal=True, vertical_alignment="center", key=f"leak_{table.id}_{name}"):
            show.lede(f"“{name}” is {'left out' if out else 'used'}.")
            st.button(
                "Keep it" if out else "Leave it out",
                key=f"flip_{table.id}_{name}",
                on_click=_use if out else _leave_out,
                args=(table.id, draft, name),
            )
    return True


def _use(table: str, draft: Goal, name: str) -> None:
    _changed(table, replace(draft, exclude=_without(draft.exclude, name), keep=(*_without(draft.keep, name), name)))


def _leave_out(table: str, draft: Goal, name: str) -> None:
    _changed(table, replace(draft, exclude=(*_without(draft.exclude, name), name), keep=_without(draft.keep, name)))


def _without(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)


def _changed(table: str, goal: Goal) -> None:
    """Keep the goal, and ask for its columns anew so that the lists show it."""
    cache.store().save_goal(table, goal)
    session.remember(f"turn_{table}", session.recall(f"turn_{table}", 0) + 1)


def _labels(values: pd.Series) -> pd.Series:
    from mlcore.learning.scoring import labels_of

    return labels_of(values).value_counts()


def _truth(values: pd.Series, task: Task) -> pd.Series:
    from mlcore.learning.scoring import labels_of

    return pd.to_numeric(values, errors="coerce") if task == "regression" else labels_of(values)
