"""How long to search and among what; what training will do; and its start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.errors import GoalError, UserError
from mlcore.learning.audit import audit
from mlcore.learning.estimate import shape_of
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Validation
from mlcore.learning.rehearse import rehearsed
from mlcore.workspace.expected import expected
from pages.ui import cache, jobs, models, show, words

BUDGETS = {"Quick": 60, "Balanced": 300, "Thorough": 3600}
OTHER = "Other"
ROUNDS = {
    "folds": "each on rows not learned from",
    "repeated folds": "on rows not learned from, {} times over",
    "one split": "on rows not learned from",
    "forward in time": "each on later rows than learned from",
    "group folds": "each on groups not learned from",
    "given split": "on the rows that the table names",
    "given folds": "each on the rows that the table names",
}


@dataclass(frozen=True)
class Effort:
    """How long to search, from which seed, and among which kinds of models (None: all that suit)."""

    seconds: int
    seed: int
    models: tuple[str, ...] | None


def ask(table: cache.TableCard) -> Effort:
    """How long to search, and among what."""
    usual = "Quick" if cache.sample_of(table) is not None else "Balanced"
    chosen = st.segmented_control(
        "Time to spend",
        [*BUDGETS, OTHER],
        default=usual,
        key=f"budget_{table.id}",
        required=True,
        help="A promise kept within ten per cent. The best model so far can be used at any time.",
    )
    seconds = BUDGETS.get(str(chosen), 300)
    if chosen == OTHER:
        minutes = st.number_input("Minutes", min_value=0.25, max_value=24 * 60.0, value=2.0, key=f"minutes_{table.id}")
        seconds = int(60 * minutes)
    with st.expander("Models to try"):
        installed = [kind.key for kind in MODELS if kind.installed and kind.key != "baseline"]
        chosen_models = st.multiselect(
            "Kinds of models",
            installed,
            default=installed,
            format_func=lambda key: MODELS[key].title,
            key=f"models_{table.id}",
            help=models.HELP,
        )
        own = models.own(table.id, installed)
        models.left_out()
        models.listed()
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=2**31 - 1,
            value=0,
            key=f"seed_{table.id}",
            help="The same plan and seed give the same leaderboard.",
        )
    every = set(chosen_models) == set(installed) and own is None
    asked = (*chosen_models, *([] if own is None else [own]))
    return Effort(seconds=seconds, seed=int(seed), models=None if every else asked)


def summary(table: cache.TableCard, draft: Goal, effort: Effort) -> bool:
    """What training will do; whether it can start."""
    try:
        learned, plan = _judged(table, draft)
    except UserError as error:
        show.user_error(error)
        return False
    held = f"{plan.holdout:,} rows" if plan.holdout else "none"
    judged = f"{plan.folds} rounds" if plan.folds > 1 else "One split"
    show.facts(
        ("Time", words.duration(effort.seconds), "at most"),
        ("Learn from", f"{learned - plan.holdout:,}", "rows with a known answer"),
        ("Judged in", judged, ROUNDS[plan.method].format(plan.repeats) + _perhaps_later(table, draft)),
        ("Locked away", held, "opened once, at the end"),
    )
    _foretold(table, draft, effort, plan)
    return True


def _foretold(table: cache.TableCard, draft: Goal, effort: Effort, plan: Validation) -> None:
    """What the training takes: how much of it fits into the time, memory and disk."""
    target = cache.column(table.dataset.path, draft.target)
    shape = shape_of(table.schema, draft, target, seconds=effort.seconds, planned=plan)
    told = expected(shape, draft, seconds=effort.seconds, models=effort.models)
    show.lede(told.sentence)
    if told.warning:
        show.failure(told.warning)


def _perhaps_later(table: cache.TableCard, draft: Goal) -> str:
    """That the rows may be judged in the order of their dates, where that is still to be measured."""
    said = draft.time is not None or draft.group is not None or draft.split is not None or draft.at_random
    unused = (draft.target, *draft.exclude)
    dated = any(column.kind == "datetime" for column in table.schema if column.name not in unused)
    return ", or on later ones if random rows flatter" if dated and not said else ""


def _judged(table: cache.TableCard, draft: Goal) -> tuple[int, Validation]:
    """How many rows can be learned from and how they are judged; `GoalError` when the goal cannot be done as asked.

    Looks at the columns that the goal names and one other only: what the checks say about the rest comes from a job.
    """
    named = (draft.target, draft.time, draft.group, draft.weight, draft.split, *draft.monotone)
    special = [name for name in named if name is not None]
    others = [column.name for column in table.schema if column.name not in (*special, *draft.exclude)]
    if not others and draft.time is None and not draft.monotone:
        raise GoalError("No column is left to learn from", remedy="Leave fewer columns out, or bring more of them.")
    names = [*special, *others[:1]]
    schema = Schema(columns=tuple(column for column in table.schema if column.name in names))
    frame = pd.DataFrame({name: cache.column(table.dataset.path, name) for name in schema.names})
    kept = (*others[:1], *(name for name in draft.keep if name in draft.monotone))
    checked = audit(frame, schema, replace(draft, exclude=(), keep=kept))
    return len(checked.target.rows), rehearsed(frame, checked)


def button(key: str, ready: bool) -> bool:
    """The button that starts the training."""
    return st.button(
        "Train models", type="primary", key=key, icon=":material/play_arrow:", disabled=not ready, width="stretch"
    )


def start(table: cache.TableCard, draft: Goal, effort: Effort) -> str:
    """Start the training; the id of its run."""
    args: dict[str, Any] = {
        "dataset": table.id,
        "goal": records.to_json(draft),
        "seconds": effort.seconds,
        "seed": effort.seed,
    }
    if effort.models is not None:
        args["models"] = list(effort.models)
    return jobs.ask("train", f"Predict {draft.target}", **args)
