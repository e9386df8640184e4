"""Rules that hold whatever the model says: listed, added, taken away."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.policy import OPS, Policy, Rule
from mlcore.evaluation.stated import rule_said
from mlcore.learning import ruling
from mlcore.learning.fields import kind_of
from mlcore.workspace.store import RunCard
from pages.ui import cache, session, show, words
from pages.ui.markup import esc

PERSON = "A person decides"
SHOWN = {"<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}


def schema(run: RunCard) -> Schema:
    """The columns that rows to score come with."""
    assert run.plan is not None
    return run.plan.schema if run.plan.inputs is None else run.plan.inputs


def forget(run: str, key: str) -> None:
    """Let go of the rules that were being drafted."""
    session.remember(f"rules_{run}_{key}", None)


def ask(run: RunCard, key: str, cases: Cases, policy: Policy, turn: str) -> tuple[Rule, ...]:
    """The rules as they are now on the page."""
    kept = f"rules_{run.id}_{key}"
    rules: tuple[Rule, ...] = session.recall(kept) if session.recall(kept) is not None else policy.rules
    with st.expander("Rules that always hold", icon=":material/rule:", expanded=bool(rules)):
        show.lede(
            "A rule answers whatever the model says, where a column is as it says; of several that hold, the first. "
            "Its rows are flagged rule:1, rule:2 and so on."
        )
        for place, rule in enumerate(rules):
            _listed(run, key, cases, rules, place, rule)
        with st.form(f"rule_{turn}_{len(rules)}", border=False, clear_on_submit=False):
            made = _form(run, policy, turn)
            pressed = st.form_submit_button("Add the rule", icon=":material/add:")
        if pressed and made is not None and _fits(run, key, policy, made):
            session.remember(kept, (*rules, made))
            st.rerun()
    return rules


def _listed(run: RunCard, key: str, cases: Cases, rules: tuple[Rule, ...], place: int, rule: Rule) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"listed_{run.id}_{key}_{place}"):
        held = ruling.where(
            rule, cases.column(rule.column), ruling.described(_folder(run, key), schema(run), rule.column)
        )
        share = float((held * cases.weights).sum() / cases.weights.sum())
        st.html(
            f"<p><b>{place + 1}</b> {esc(_upper(rule_said(rule)))} <small>{words.share(share, 1)} of rows.</small></p>"
        )
        st.button(
            "Remove",
            key=f"drop_{run.id}_{key}_{place}_{len(rules)}",
            type="tertiary",
            icon=":material/close:",
            on_click=session.remember,
            args=(f"rules_{run.id}_{key}", (*rules[:place], *rules[place + 1 :])),
        )


def _form(run: RunCard, policy: Policy, turn: str) -> Rule | None:
    rule = condition(run, f"rule_{turn}")
    with st.grid(2, min_column_width=220, gap="small"):
        if policy.labels:
            options = [*policy.labels, PERSON]
            then = st.selectbox("then the answer is", options, format_func=str, key=f"then_{turn}")
        else:
            then = st.number_input("then act on", value=0.0, step=None, format="%.6g", key=f"then_{turn}")
        why = st.text_input("because", key=f"why_{turn}", placeholder="The reason, for whoever reads it later")
    if rule is None:
        return None
    answer = None if then == PERSON else float(then) if not policy.labels else str(then)
    return Rule(column=rule.column, op=rule.op, value=rule.value, then=answer, why=why.strip())


def condition(run: RunCard, key: str) -> Rule | None:
    """What a rule looks for: a column, how it compares, and with what; None while a value is missing."""
    columns, titles = [column for column in schema(run) if _told(column.name, run)], cache.titles_of(run)
    names = [column.name for column in columns]
    with st.grid(3, min_column_width=180, gap="small"):
        name = st.selectbox("Where", names, format_func=lambda one: titles.get(one, one), key=f"column_{key}")
        op = st.selectbox("compares", list(OPS), format_func=lambda one: SHOWN.get(one, one), key=f"op_{key}")
        typed = st.text_input("with", key=f"value_{key}", placeholder="A number, a word, or 2026-01-31")
    column = next(column for column in columns if column.name == name)
    if op == "is empty":
        return Rule(column=name, op=op)
    if not typed.strip():
        return None
    value: str | float = typed.strip()
    if kind_of(column) == "number":
        try:
            value = float(typed.replace(",", ""))
        except ValueError:
            show.failure(f"“{typed}” is no number, and “{name}” holds numbers.", "Give a number, such as 100.")
            return None
    return Rule(column=name, op=op, value=value)


def when(rule: Rule) -> str:
    """What a condition looks for, in words."""
    value = "" if rule.op == "is empty" else f" {rule.value}"
    return f"where “{rule.column}” {SHOWN.get(rule.op, rule.op)}{value}"


def _fits(run: RunCard, key: str, policy: Policy, rule: Rule) -> bool:
    try:
        ruling.fitted(Policy(task=policy.task, labels=policy.labels, rules=(rule,)), _folder(run, key), schema(run))
    except UserError as error:
        show.user_error(error)
        return False
    return True


def _told(name: str, run: RunCard) -> bool:
    return run.plan is not None and name != run.plan.goal.target


def _folder(run: RunCard, key: str) -> Path:
    return cache.store().model_folder(run.id, key)


def _upper(words_said: str) -> str:
    return words_said[:1].upper() + words_said[1:]
