"""A table's recipe on screen: its steps with what each did, and every change with a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from mlcore import records
from mlcore.data import outline
from mlcore.data.flow import Account
from mlcore.data.recipe import Recipe, Step
from mlcore.errors import UserError
from mlcore.workspace.store import Card
from pages.ui import cache, jobs, session, show, words
from pages.ui.markup import esc

MOST_UNDONE = 50
SHOWN_ROWS = 20
SHOWN_COLUMNS = 60


def of(table: cache.TableCard) -> Recipe:
    """The recipe as a person left it; the table shown may still be on its way there."""
    return cache.store().recipe(table.id)


def others(table: cache.TableCard) -> tuple[Card, ...]:
    """The other tables of the workspace, for steps that look something up."""
    return tuple(card for card in cache.store().datasets() if card.id != table.id)


def change(table: cache.TableCard, recipe: Recipe) -> None:
    """Take this recipe from now on: check it, remember the one before for "Undo", and prepare the table anew."""
    problem = refusal(table, recipe)
    session.remember(f"refused_{table.id}", problem)
    if problem:
        return
    session.remember(f"before_{table.id}", (*before(table), records.to_json(of(table)))[-MOST_UNDONE:])
    take(table.id, recipe)


def refusal(table: cache.TableCard, recipe: Recipe) -> str:
    """Why the table cannot be prepared so; empty when it can."""
    store = cache.store()
    known = {key: other.schema for key, other in store.others(table.id, recipe).items()}
    try:
        outline.check_recipe(recipe, store.raw(table.id).schema, known)
    except UserError as error:
        return str(error)
    return ""


def take(table: str, recipe: Recipe) -> None:
    """Save the recipe; the table it makes is shown at once when it was made before, and made otherwise."""
    if not cache.store().set_recipe(table, recipe):
        jobs.ask("prepare", "Prepare the table", dataset=table)


def before(table: cache.TableCard) -> tuple[Any, ...]:
    """The recipes this tab has seen before the present one, the oldest first."""
    return tuple(session.recall(f"before_{table.id}", ()))


def undo(table: cache.TableCard) -> None:
    """Go back to the recipe before the last change."""
    *rest, last = before(table)
    session.remember(f"before_{table.id}", tuple(rest))
    session.remember(f"refused_{table.id}", "")
    take(table.id, records.from_json(Recipe, last))


def refused(table: cache.TableCard) -> None:
    """Why the last change could not be made."""
    said = session.recall(f"refused_{table.id}", "")
    if said:
        show.failure("This change was not made.", said)


def under_way(table: cache.TableCard) -> bool:
    """Whether the table of the recipe is being made; shows how far it is, or why it failed."""
    if cache.store().is_prepared(table.id):
        return False
    job = jobs.latest("prepare", dataset=table.id)
    if job is None:
        take(table.id, of(table))
        st.rerun()
    jobs.follow(job)
    if not job.active:
        show.lede("The table is shown as it was before. Change or switch off a step, or undo.")
    return job.active


def outcome(table: cache.TableCard) -> None:
    """The table as it is now beside the one that came, and its first rows."""
    raw, now = cache.store().raw(table.id), table.dataset
    st.header("The table now", anchor=False)
    show.facts(
        ("Rows", f"{now.rows:,}", _from(now.rows, raw.rows)),
        ("Columns", f"{len(now.schema):,}", _from(len(now.schema), len(raw.schema))),
        ("Steps", f"{len(of(table).active):,}", "done each time rows come in"),
    )
    names = list(now.schema.names[:SHOWN_COLUMNS])
    head = pl.read_parquet(now.path, columns=names, n_rows=SHOWN_ROWS)
    show.rows(head, key=f"now_{table.id}", alt="The first rows of the prepared table")
    more = len(now.schema) - len(names)
    show.lede(f"The first {len(head):,} rows" + (f"; {more:,} more columns are not shown." if more > 0 else "."))


def _from(now: int, then: int) -> str:
    return "as they came" if now == then else f"{then:,} as they came"


def written(table: cache.TableCard) -> None:
    """The recipe as text, to keep and to read; and the recipe of another table, to take over."""
    recipe, titles = of(table), {card.id: card.dataset.name for card in others(table)}
    with st.expander("The recipe as text"):
        if recipe.steps:
            st.code(outline.recipe_text(recipe, titles), language=None, wrap_lines=True)
            st.download_button(
                "Save the recipe",
                records.text(recipe),
                file_name="recipe.json",
                mime="application/json",
                icon=":material/download:",
                key=f"save_{table.id}",
                on_click="ignore",
            )
            show.lede(
                "It is part of every model trained on this table: rows to score are prepared by the same steps, in "
                "this app and in the bundle. A newer version of the table is prepared by it too."
            )
        _take_over(table)


def _take_over(table: cache.TableCard) -> None:
    """Take the steps of another table that has some."""
    known = {card.id: card for card in others(table) if cache.store().recipe(card.id).steps}
    if not known:
        return
    chosen = st.selectbox(
        "Take over the steps of",
        list(known),
        index=None,
        format_func=lambda key: known[key].dataset.name,
        placeholder="Another table with a recipe",
        key=f"other_{table.id}",
        width=420,
    )
    if chosen is not None and st.button("Take them over", key=f"over_{table.id}"):
        change(table, cache.store().recipe(str(chosen)))
        st.rerun()


def listed(table: cache.TableCard, accounts: Sequence[Account]) -> None:
    """Every step with its sentence, what it did, and what can be done with it."""
    recipe, titles = of(table), {card.id: card.dataset.name for card in others(table)}
    st.header("The recipe", anchor=False)
    if not recipe.steps:
        show.lede("No steps yet: the table is used as it came.")
    did = {account.step: account for account in accounts}
    for place, step in enumerate(recipe.steps):
        with st.container(border=True, key=f"card_step_{table.id}_{step.id}"):
            _step(table, recipe, place, titles, did.get(step.id))
    if before(table):
        st.button("Undo the last change", icon=":material/undo:", key=f"undo_{table.id}", on_click=undo, args=(table,))


def _step(table: cache.TableCard, recipe: Recipe, place: int, titles: dict[str, str], account: Account | None) -> None:
    step = recipe.steps[place]
    said = esc(outline.sentence(step, titles))
    tale = "Switched off." if not step.on else told(account) if account is not None else ""
    css = "" if step.on else " off"
    st.html(
        f'<div class="ts-step{css}"><span class="ts-step-no">{place + 1}</span><div><b>{said}</b>'
        f'<div class="ts-meta">{esc(tale)}</div></div></div>'
    )
    with st.container(horizontal=True, gap="small", key=f"tools_{table.id}_{step.id}"):
        _tool(table, step, "up", "Move up", "arrow_upward", recipe.moved(step.id, -1), place == 0)
        last = place == len(recipe.steps) - 1
        _tool(table, step, "down", "Move down", "arrow_downward", recipe.moved(step.id, 1), last)
        switched = recipe.switched(step.id, on=not step.on)
        icon = "toggle_on" if step.on else "toggle_off"
        _tool(table, step, "switch", "Switch off" if step.on else "Switch on", icon, switched, False)
        if st.button("Change", icon=":material/edit:", type="tertiary", key=f"edit_{table.id}_{step.id}"):
            session.remember(f"editing_{table.id}", step.id)
            st.rerun()
        _tool(table, step, "remove", "Remove", "delete", recipe.without(step.id), False)


def _tool(
    table: cache.TableCard, step: Step, key: str, words_on_it: str, icon: str, result: Recipe, disabled: bool
) -> None:
    st.button(
        words_on_it,
        icon=f":material/{icon}:",
        type="tertiary",
        key=f"{key}_{table.id}_{step.id}",
        on_click=change,
        args=(table, result),
        disabled=disabled,
    )


def told(account: Account) -> str:
    """What a step did to the table, in words."""
    said = []
    if account.learned:
        said.append("Learned from the training rows of each fold; the table itself shows the cells as they are")
    if account.before != account.after:
        gone = account.before - account.after
        said.append(f"{words.count(abs(gone), 'row')} {'left out' if gone > 0 else 'added'}")
    if account.matched or account.unmatched:
        said.append(f"{words.count(account.matched, 'row')} matched, {account.unmatched:,} without a match")
    if account.repeated:
        said.append(f"{words.count(account.repeated, 'row')} of the other table repeat a key; the first counts")
    if account.changed:
        said.append(f"{words.count(account.changed, 'cell')} changed")
    if account.lost:
        said.append(f"Could not be read and empty now: {words.count(account.lost, 'cell')}")
    return ". ".join(said) + "." if said else "No row and no cell that was there is different."
