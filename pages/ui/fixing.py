"""What one click does about a finding, and what another click undoes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import streamlit as st

from mlcore.data.repairs import REPAIRS
from mlcore.data.schema import Kind
from mlcore.errors import UserError
from mlcore.findings import Finding, Fix
from mlcore.learning.goal import Goal
from mlcore.workspace.hints import Hints
from pages.ui import cache, recipe, session, show, words
from pages.ui.markup import esc, md

MOST_BUTTONS = 3
MOST_MADE = 6


def buttons(table: cache.TableCard, finding: Finding, key: str) -> None:
    """A button for each fix; a fix that is done says so and can be undone."""
    fixes = [fix for fix in finding.fixes if _fits(table, fix)][:MOST_BUTTONS]
    if not fixes:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"fixes_{key}"):
        for at, fix in enumerate(fixes):
            if is_done(table, fix):
                st.html(f'<span class="ts-done">{esc(fix.title)}: done</span>', width="content")
                st.button("Undo", key=f"undo_{key}_{at}", icon=":material/undo:", on_click=undo, args=(table, fix))
            else:
                st.button(
                    md(fix.title), key=f"fix_{key}_{at}", icon=_ICONS[fix.acts_on], on_click=do, args=(table, fix)
                )


_ICONS = {"recipe": ":material/build:", "goal": ":material/flag:", "kind": ":material/category:"}


def made(table: cache.TableCard) -> None:
    """Everything that was decided about the table so far, each with a way back."""
    steps = [fix for fix in _decided(table) if is_done(table, fix)]
    if not steps:
        return
    with st.expander(f"{words.count(len(steps), 'repair')} made", icon=":material/check:", expanded=len(steps) <= 3):
        for at, fix in enumerate(steps[:MOST_MADE]):
            with st.container(horizontal=True, vertical_alignment="center", key=f"made_{table.id}_{at}"):
                show.lede(fix.title)
                st.button(
                    "Undo", key=f"unmake_{table.id}_{at}", icon=":material/undo:", on_click=undo, args=(table, fix)
                )
        if len(steps) > MOST_MADE:
            show.lede(f"{len(steps) - MOST_MADE} more on the Prepare page.")


def do(table: cache.TableCard, fix: Fix) -> None:
    """Carry the fix out."""
    if fix.acts_on == "recipe":
        recipe.change(table, recipe.of(table).added(fix.step, fix.params))
    elif fix.acts_on == "kind":
        _take_kind(table.id, str(fix.params["column"]), fix.params["kind"])
    else:
        _decide(table.id, lambda of: _with(of, fix.step, _columns(fix)))


def undo(table: cache.TableCard, fix: Fix) -> None:
    """Restore what was before it."""
    if fix.acts_on == "recipe":
        step = next((step for step in reversed(recipe.of(table).steps) if _is(step.repair, step.params, fix)), None)
        if step is not None:
            recipe.change(table, recipe.of(table).without(step.id))
    elif fix.acts_on == "kind":
        _restore_kind(table.id, str(fix.params["column"]))
    else:
        _decide(table.id, lambda of: _without(of, fix.step, _columns(fix)))


def is_done(table: cache.TableCard, fix: Fix) -> bool:
    """Whether the table, its goal or its columns are as the fix makes them."""
    if fix.acts_on == "recipe":
        return any(_is(step.repair, step.params, fix) for step in recipe.of(table).active)
    if fix.acts_on == "kind":
        return str(fix.params["column"]) in cache.store().hints(table.id).kinds
    decided = cache.store().goal(table.id) or cache.store().hints(table.id)
    return _has(decided, fix.step, _columns(fix))


def _decided(table: cache.TableCard) -> list[Fix]:
    """What was decided, as the fixes that do it."""
    hints = cache.store().hints(table.id)
    goal = cache.store().goal(table.id) or hints
    steps = [
        Fix(title=_sentence(step.repair, step.params), acts_on="recipe", step=step.repair, params=step.params)
        for step in recipe.of(table).active
    ]
    out = [
        Fix(title=f"“{name}” is left out of the model.", acts_on="goal", step="exclude", params={"columns": [name]})
        for name in goal.exclude
    ]
    ordered = [("time", goal.time, "The rows are in the order of"), ("group", goal.group, "Rows belong together by")]
    said = [
        Fix(title=f"{what} “{name}”.", acts_on="goal", step=step, params={"columns": [name]})
        for step, name, what in ordered
        if name is not None
    ]
    kinds = [
        Fix(
            title=f"“{name}” is taken as {words.KINDS[table.schema[name].kind]}.",
            acts_on="kind",
            params={"column": name},
        )
        for name in hints.kinds
        if name in table.schema
    ]
    return [*steps, *out, *said, *kinds]


def _sentence(repair: str, params: Mapping[str, Any]) -> str:
    try:
        return REPAIRS[repair].sentence(params)
    except UserError:
        return repair


def _fits(table: cache.TableCard, fix: Fix) -> bool:
    """Whether the columns it needs are there; they are not when another fix has dropped them."""
    named = [str(fix.params["column"])] if "column" in fix.params else list(_columns(fix))
    return is_done(table, fix) or all(name in table.schema for name in named)


def _columns(fix: Fix) -> tuple[str, ...]:
    return tuple(str(name) for name in fix.params.get("columns", ()))


def _is(repair: str, params: Mapping[str, Any], fix: Fix) -> bool:
    return repair == fix.step and {**params} == {**fix.params}


def _decide(table: str, change: Any) -> None:
    """Change what was decided: for every goal to come, and in the goal that is there."""
    store = cache.store()
    store.set_hint(table, change(store.hints(table)))
    goal = store.goal(table)
    if goal is not None:
        store.save_goal(table, change(goal))
    session.remember(f"turn_{table}", session.recall(f"turn_{table}", 0) + 1)


def _with(of: Goal | Hints, step: str, names: Sequence[str]) -> Goal | Hints:
    if step == "exclude":
        target = getattr(of, "target", None)
        left_out = dict.fromkeys((*of.exclude, *(name for name in names if name != target)))
        kept = {"keep": tuple(name for name in of.keep if name not in names)} if isinstance(of, Goal) else {}
        return replace(of, exclude=tuple(left_out), **kept)
    return replace(of, **{step: names[0]})


def _without(of: Goal | Hints, step: str, names: Sequence[str]) -> Goal | Hints:
    if step == "exclude":
        return replace(of, exclude=tuple(name for name in of.exclude if name not in names))
    return replace(of, **{step: None})


def _has(of: Goal | Hints, step: str, names: Sequence[str]) -> bool:
    return set(names) <= set(of.exclude) if step == "exclude" else getattr(of, step) == names[0]


def _take_kind(table: str, column: str, kind: str) -> None:
    store = cache.store()
    hints = store.hints(table)
    before = store.dataset(table).schema[column].kind
    store.set_kind(table, column, cast("Kind", kind))
    store.set_hint(table, replace(hints, kinds={**hints.kinds, column: before}))


def _restore_kind(table: str, column: str) -> None:
    store = cache.store()
    hints = store.hints(table)
    store.set_kind(table, column, cast("Kind", hints.kinds[column]))
    store.set_hint(table, replace(hints, kinds={name: kind for name, kind in hints.kinds.items() if name != column}))
