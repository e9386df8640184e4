"""What a goal may ask for besides: weights, a split of one's own, a gap in time, directions. All can be left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlcore.errors import UserError
from mlcore.evaluation.costs import Costs
from mlcore.learning.durations import said, seconds_in
from mlcore.learning.fields import kind_of
from mlcore.learning.goal import Goal
from mlcore.learning.weights import ClassWeight
from pages.ui import cache, session, show, words

NONE = "(none)"
USUAL = Costs(tp=10.0, fp=-1.0)
OUTCOMES = (
    ("tp", "A right yes gains", "What one case is worth that the model calls a yes and that is one."),
    ("fp", "A false yes gains", "Usually below 0: what it costs to act for nothing."),
    ("fn", "A missed yes gains", "0 or below: what it costs to miss one."),
    ("tn", "A right no gains", "Usually 0."),
)
MEASURED, SAME = "If it helps (measured)", "No, all alike"
ALIKE, BALANCED, GIVEN = "As often as they come", "Every label the same", "As given"
MOST_PARTS = 60
WEIGHT = "Rows with 2 count twice while models learn. Scores count every row once all the same."
SPLIT = "A column that says train, validation or test of each row, or numbers the folds. Test rows are locked away."


def costs(table: cache.TableCard, stored: Goal | None) -> Costs:
    """What right and wrong answers are worth, asked where models are ranked by it."""
    known = (stored.costs if stored else None) or USUAL
    places = st.columns(4)
    asked = {
        key: place.number_input(
            title, value=getattr(known, key), step=None, format="%.6g", key=f"{key}_{table.id}", help=help
        )
        for place, (key, title, help) in zip(places, OUTCOMES, strict=True)
    }
    made = Costs(**asked)
    if made.sensible:
        show.lede(f"The model says yes from a probability of {words.share(made.threshold)}.")
    return made


def ask(table: cache.TableCard, made: Goal, stored: Goal | None) -> Goal:
    """The goal with what is asked for besides."""
    others = [name for name in table.schema.names if name not in (made.target, made.time, made.group)]
    turn = session.recall(f"turn_{table.id}", 0)
    with st.expander("Advanced"):
        made = _weights(table, made, stored, others, turn)
        if made.weight is not None or made.class_weight is not None:
            show.lede("Only learning is weighted: scores count every row once.")
        made = _judging(table, made, stored, others, turn)
        return _directions(table, made, stored, others, turn)


def _weights(table: cache.TableCard, made: Goal, stored: Goal | None, others: list[str], turn: int) -> Goal:
    left, right = st.columns(2)
    numbers = [name for name in others if kind_of(table.schema[name]) == "number"]
    weight = _one_of(left, table, "Rows count by", numbers, stored.weight if stored else None, f"weight_{turn}", WEIGHT)
    if made.task == "regression":
        return replace(made, weight=weight)
    known: ClassWeight | None = stored.class_weight if stored else None
    ways = [ALIKE, BALANCED, *([GIVEN] if isinstance(known, dict) else [])]
    current = ALIKE if known is None else BALANCED if known == "balanced" else GIVEN
    chosen = right.selectbox(
        "Labels count",
        ways,
        index=ways.index(current),
        key=f"labels_{table.id}_{made.target}_{turn}",
        help="With every label the same, rare ones weigh as much as common ones while models learn. Probabilities are "
        "then no longer shares.",
    )
    return replace(made, weight=weight, class_weight={BALANCED: "balanced", GIVEN: known}.get(chosen))


def _judging(table: cache.TableCard, made: Goal, stored: Goal | None, others: list[str], turn: int) -> Goal:
    left, right = st.columns(2)
    parts = [
        name
        for name in others
        if name != made.weight
        and 1 < table.schema[name].distinct <= MOST_PARTS
        and table.schema[name].kind != "numeric"
    ]
    split = _one_of(left, table, "Split given by", parts, stored.split if stored else None, f"split_{turn}", SPLIT)
    if made.time is None:
        return replace(made, split=split)
    asked = right.text_input(
        "Gap before the rows judged on",
        value=said(stored.gap) if stored and stored.gap else "",
        placeholder="None, or for example 7 days",
        key=f"gap_{table.id}_{turn}",
        help="Rows learned from end that long before the first row judged on: as long as outcomes take to be known.",
    )
    known = stored.recent if stored else None
    ways = [MEASURED, SAME, *([said(known)] if known else [])]
    age = left.selectbox(
        "Recent rows count more",
        ways,
        index=0 if known is None else ways.index(said(known)) if known else 1,
        key=f"recent_{table.id}_{turn}",
        help="Measured: only if models then do better on later rows, beyond chance. A length is the age at which a row "
        "counts half.",
    )
    recent = {MEASURED: None, SAME: 0.0}.get(age, known)
    try:
        return replace(made, split=split, gap=seconds_in(asked) if asked.strip() else 0.0, recent=recent)
    except UserError as error:
        show.user_error(error)
        st.stop()


def _directions(table: cache.TableCard, made: Goal, stored: Goal | None, others: list[str], turn: int) -> Goal:
    if made.task == "multiclass":
        return made
    used = [name for name in others if name not in (made.weight, made.split, *made.exclude)]
    numbers = [name for name in used if kind_of(table.schema[name]) == "number"]
    known = stored.monotone if stored else {}
    left, right = st.columns(2)
    what = "probability of yes" if made.task == "binary" else "prediction"
    rising = _several(left, table, f"The {what} only rises with", numbers, [n for n in known if known[n] == "up"], turn)
    left_over = [name for name in numbers if name not in rising]
    falls = [n for n in known if known[n] == "down"]
    falling = _several(right, table, f"The {what} only falls with", left_over, falls, turn)
    return replace(made, monotone={**dict.fromkeys(rising, "up"), **dict.fromkeys(falling, "down")})


def _one_of(
    place: DeltaGenerator, table: cache.TableCard, title: str, names: list[str], known: str | None, key: str, help: str
) -> str | None:
    options = [NONE, *names]
    chosen = place.selectbox(
        title,
        options,
        index=options.index(known) if known in options else 0,
        format_func=table.chosen,
        key=f"{key}_{table.id}",
        help=help,
    )
    return None if chosen == NONE else str(chosen)


def _several(
    place: DeltaGenerator, table: cache.TableCard, title: str, names: list[str], known: Sequence[str], turn: int
) -> list[str]:
    chosen = place.multiselect(
        title,
        names,
        default=[name for name in known if name in names],
        format_func=table.chosen,
        key=f"{title}_{table.id}_{turn}",
        placeholder="Not bound",
        help="Every model that is kept follows this; kinds of models that cannot are not tried.",
    )
    return [str(name) for name in chosen]
