"""Make a step of a recipe, or change one, and see beforehand what it would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlcore import records
from mlcore.data.flow import Account
from mlcore.data.recipe import Recipe, Step
from mlcore.data.repairs import REPAIRS, Repair
from mlcore.data.schema import Schema
from mlcore.errors import UserError
from pages.ui import cache, jobs, recipe, session, show, stepform

FIRST = "drop"
SHOWN_ROWS = 20
LEFT_OUT = "(this step)"


def form(table: cache.TableCard) -> None:
    """Make a step, or change one: its repair, its settings, what it would do, and the button that does it."""
    editing = session.recall(f"editing_{table.id}")
    now = recipe.of(table)
    old = next((step for step in now.steps if step.id == editing), None)
    st.header("Change a step" if old else "Add a step", anchor=False)
    with st.container(border=True, key=f"card_form_{table.id}"):
        repair = REPAIRS[old.repair] if old else _repair(table)
        show.lede(repair.help)
        bench = stepform.Bench(
            schema=_schema_for(table, now, old), others=recipe.others(table), key=_key(table, repair.key, editing)
        )
        given = old.params if old else {}
        params = stepform.answers(repair, bench, given)
        wanted = now.changed(old.id, params) if old else now.added(repair.key, params)
        problem = _problem(repair.key, params, bench.schema)
        begun = any(params.get(ask.key) not in (None, ask.default) for ask in repair.asks)
        _buttons(table, wanted, problem, editing, begun=begun)
    _looked(table, wanted, wanted.steps[-1].id if old is None else old.id)


def _repair(table: cache.TableCard) -> Repair:
    chosen = st.selectbox(
        "What should be done",
        list(REPAIRS.keys),
        index=REPAIRS.keys.index(FIRST),
        format_func=lambda key: REPAIRS[key].title,
        key=f"repair_{table.id}",
    )
    return REPAIRS[str(chosen)]


def _key(table: cache.TableCard, repair: str, editing: str | None) -> str:
    turn = session.recall(f"steps_made_{table.id}", 0)
    return f"step_{table.id}_{repair}_{editing or 'new'}_{turn}"


def _schema_for(table: cache.TableCard, now: Recipe, old: Step | None) -> Schema:
    """The columns that the step meets."""
    steps = now.steps if old is None else now.steps[: now.steps.index(old)]
    return cache.store().schemas_before(table.id, Recipe(steps=steps))[-1]


def _problem(repair: str, params: dict[str, Any], schema: Schema) -> str:
    """Why the step cannot be done as it stands; empty when it can."""
    try:
        REPAIRS[repair].check(params, schema)
    except UserError as error:
        return str(error)
    return ""


def _buttons(table: cache.TableCard, wanted: Recipe, problem: str, editing: str | None, *, begun: bool) -> None:
    if problem and begun:
        show.lede(problem)
    with st.container(horizontal=True, gap="small"):
        done = st.button(
            "Save the change" if editing else "Add this step",
            type="primary",
            icon=":material/check:",
            key=f"take_{table.id}",
            disabled=bool(problem),
        )
        if st.button("Preview", icon=":material/visibility:", key=f"look_{table.id}", disabled=bool(problem)):
            args = {"dataset": table.id, "recipe": records.to_json(wanted)}
            jobs.ask("recipe_preview", "Trying the step", **args, step=editing or wanted.steps[-1].id)
            st.rerun()
        if editing and st.button("Leave it as it is", key=f"leave_{table.id}"):
            session.remember(f"editing_{table.id}", None)
            st.rerun()
    if done:
        recipe.change(table, wanted)
        session.remember(f"editing_{table.id}", None)
        session.remember(f"steps_made_{table.id}", session.recall(f"steps_made_{table.id}", 0) + 1)
        jobs.forget("recipe_preview")
        st.rerun()


def _looked(table: cache.TableCard, wanted: Recipe, step: str) -> None:
    """What the step would do, on the first rows, when a person asked for it and has changed nothing since."""
    job = jobs.asked("recipe_preview")
    if job is None or job.args.get("dataset") != table.id or job.args.get("recipe") != records.to_json(wanted):
        return
    jobs.follow(job)
    seen = cache.store().recipe_preview(job.id) if job.state == "done" else None
    if seen is None:
        return
    account = next((one for one in seen.accounts if one.step == step), None)
    basis = "all rows" if seen.exact else f"the first {seen.looked_at:,} rows"
    touched = _touched(seen.before, seen.after)
    new = [name for name in touched if name not in seen.before]
    made = f"New: {', '.join(new[:8])}. " if new else ""
    show.said(f"{made}{recipe.told(account) if account else 'Nothing would change.'} Counted on {basis}.")
    for keys, title in _keys(account):
        show.lede(f"{title}: {', '.join(keys)}")
    left, right = st.columns(2, gap="medium")
    with left:
        _rows("Before", _first(seen.before, touched), seen.gone)
    with right:
        _rows("After", _first(seen.after, touched), ())


def _touched(before: pd.DataFrame, after: pd.DataFrame) -> list[str]:
    """The columns that are new, gone, or differ in a row that is shown."""
    same = len(before) == len(after)
    found = [name for name in before if name not in after or (same and not before[name].equals(after[name]))]
    return [*found, *(name for name in after if name not in before)]


def _first(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The table with these of its columns before all others."""
    ahead = [name for name in names if name in table]
    return table[[*ahead, *(name for name in table if name not in ahead)]]


def _keys(account: Account | None) -> list[tuple[tuple[str, ...], str]]:
    if account is None:
        return []
    found = [(account.matched_keys, "Keys with a match"), (account.unmatched_keys, "Keys without a match")]
    return [(keys[:8], title) for keys, title in found if keys]


def _rows(title: str, table: pd.DataFrame, gone: Sequence[bool]) -> None:
    left_out = sum(gone[:SHOWN_ROWS])
    more = f"; {left_out:,} of these are left out" if left_out else ""
    show.lede(f"{title}: the first {min(len(table), SHOWN_ROWS):,} rows{more}.")
    shown = table.head(SHOWN_ROWS)
    if left_out:
        shown = shown.assign(**{LEFT_OUT: ["left out" if out else "" for out in gone[: len(shown)]]})
    st.dataframe(shown, hide_index=True, key=f"rows_{title}", alt=f"The first rows {title.lower()} the step")
