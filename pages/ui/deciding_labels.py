"""Deciding between several labels: what mistakes cost, which labels cannot be ruled out, and when a person decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from mlcore.errors import UserError
from mlcore.evaluation.cases import Cases
from mlcore.evaluation.conformal import coverage_of_sets, members_of, sets_for
from mlcore.evaluation.money import money
from mlcore.evaluation.policy import Abstain, Policy, checked
from mlcore.evaluation.worth import Mask, mean_of
from mlcore.learning.ruling import AGAINST
from mlcore.workspace.store import RunCard
from pages.ui import charts, overrides, portfolio, show, words

MOST_LABELS = 12
NONE = 0.0
SHARES = (NONE, 0.8, 0.9, 0.95, 0.99)
METHODS: dict[str, Literal["lac", "aps"]] = {"As small as can be": "lac", "Fair to hard cases": "aps"}
LIKELIEST, AMOUNTS = "The likeliest label", "By what mistakes cost"


def ask(run: RunCard, key: str, cases: Cases, policy: Policy, turn: str) -> Policy:
    """The costs of mistakes, sets, abstaining, rules; the policy they make."""
    drafted = _matrix(cases, policy, turn)
    drafted, members = _sets(cases, drafted, policy, turn)
    drafted = _abstain(cases, drafted, members, policy, turn)
    drafted = replace(drafted, rules=overrides.ask(run, key, cases, policy, turn))
    portfolio.section(run, key, cases, drafted, policy, turn)
    return drafted


def _matrix(cases: Cases, policy: Policy, turn: str) -> Policy:
    st.header("Which label is the answer?", anchor=False)
    with st.container(border=True, key="card_matrix"):
        labels = list(policy.labels)
        if len(labels) > MOST_LABELS:
            show.lede(f"The likeliest. There are too many labels ({len(labels)}) to say what each mistake costs.")
            return replace(policy, matrix=())
        way = st.segmented_control(
            "The answer is", [LIKELIEST, AMOUNTS], default=AMOUNTS if policy.matrix else LIKELIEST, key=f"way_{turn}",
            required=True,
        )  # fmt: skip
        if way == LIKELIEST:
            return replace(policy, matrix=())
        usual = np.asarray(policy.matrix) if policy.matrix else np.eye(len(labels)) - 1.0
        table = pd.DataFrame(usual, index=pd.Index(labels, name="is"), columns=[f"says {label}" for label in labels])
        show.lede(
            "What an answer is worth in each case; mistakes are below 0. Rows: what is true. Columns: what is said."
        )
        edited = st.data_editor(table, key=f"matrix_{turn}", num_rows="fixed", width="content")
        currency = st.text_input(
            "Currency",
            value=policy.currency,
            placeholder="€, CHF, points …",
            max_chars=12,
            key=f"currency_{turn}",
            width=220,
        )
        matrix = tuple(tuple(float(cell) for cell in row) for row in edited.to_numpy(dtype=np.float64))
        drafted = checked(replace(policy, matrix=matrix, currency=currency.strip(), rules=(), abstain=None))
        _worth(cases, np.asarray(matrix), drafted.currency)
    return replace(policy, matrix=matrix, currency=currency.strip())


def _worth(cases: Cases, matrix: np.ndarray, currency: str) -> None:
    values, truth = cases.predictions.values, np.asarray(cases.predictions.truth).astype(np.int64)
    said, likeliest = (values @ matrix).argmax(axis=1), values.argmax(axis=1)
    worth, before = matrix[truth, said], matrix[truth, likeliest]
    better, changed = mean_of(cases, worth - before).times(1000), mean_of(cases, (said != likeliest).astype(float))
    all_worth = mean_of(cases, worth).times(1000)
    told = [f"{money(one.low, currency)} to {money(one.high, currency)}" for one in (all_worth, better)]
    show.facts(
        (
            "1,000 cases are worth",
            money(all_worth.value, currency),
            told[0],
        ),
        (
            "More than the likeliest",
            money(better.value, currency, signed=True),
            told[1],
        ),
        ("Other answers", words.share(changed.value, 1), "of cases get another label than the likeliest"),
    )


def _sets(cases: Cases, drafted: Policy, policy: Policy, turn: str) -> tuple[Policy, Mask | None]:
    st.header("Which labels cannot be ruled out?", anchor=False)
    with st.container(border=True, key="card_sets"):
        known = policy.sets
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            asked = st.segmented_control(
                "The true label should be among them in", SHARES,
                default=known.coverage if known and known.coverage in SHARES else NONE,
                format_func=lambda one: words.share(one) if one else "None", key=f"sets_{turn}", required=True,
                help="A prediction set beside the answer: one label where the model is sure, several where it is not.",
            )  # fmt: skip
            titles = list(METHODS)
            title = st.selectbox(
                "Sets are", titles, index=1 if known and known.method == "aps" else 0, key=f"method_{turn}", width=240,
                help="As small as can be on average (LAC), or as right for hard cases as for easy ones (APS).",
            )  # fmt: skip
        if not asked:
            show.lede("No sets are given: the answer stands alone.")
            return replace(drafted, sets=None), None
        method = METHODS[title]
        made = sets_for(cases, asked, method, AGAINST[method])
        members = members_of(cases, asked, method, AGAINST[method])
        found, size = coverage_of_sets(cases, asked, members), members.sum(axis=1)
        span = f"{words.share(found.whole.low, 1)} to {words.share(found.whole.high, 1)}"
        single = mean_of(cases, (size == 1).astype(float))
        show.facts(
            (
                "Inside",
                words.share(found.whole.share, 1),
                span,
            ),
            ("Labels in a set", words.number(found.whole.width, 3), f"on average, of {len(policy.labels)}"),
            ("One label only", words.share(single.value, 1), "of cases"),
        )
    charts.panel(charts.draw("coverage", found, cases.predictions.measured, by="true label"), f"coverage_{turn}")
    return replace(drafted, sets=made), members


def _abstain(cases: Cases, drafted: Policy, members: Mask | None, policy: Policy, turn: str) -> Policy:
    with st.expander("When a person decides", icon=":material/person:"):
        known = policy.abstain or Abstain()
        with st.grid(2, min_column_width=220, gap="small"):
            largest = st.number_input(
                "More labels are left than", value=known.largest, min_value=1, step=1, placeholder="Not asked",
                key=f"largest_{turn}", disabled=members is None, help="Needs sets of labels.",
            )  # fmt: skip
            least = st.number_input(
                "No label is likelier than, in %", value=None if known.least is None else 100 * known.least,
                min_value=0.0, max_value=100.0, step=5.0, placeholder="Not asked", key=f"least_{turn}",
            )  # fmt: skip
        largest = None if members is None else largest
        if largest is None and least is None:
            show.lede("No case goes to a person: every answer is the model's.")
            return replace(drafted, abstain=None)
        away = np.zeros(len(cases), dtype=bool)
        if members is not None and largest is not None:
            away |= members.sum(axis=1) > largest
        if least is not None:
            away |= cases.predictions.values.max(axis=1) < least / 100
        _left(cases, drafted, away)
    return replace(drafted, abstain=Abstain(largest=largest, least=None if least is None else least / 100))


def _left(cases: Cases, drafted: Policy, away: Mask) -> None:
    if bool(away.all()):
        raise UserError("Every case would go to a person", remedy="Allow more labels, or a lower probability.")
    values, truth = cases.predictions.values, np.asarray(cases.predictions.truth)
    said = (values @ np.asarray(drafted.matrix) if drafted.matrix else values).argmax(axis=1)
    wrong = (said != truth).astype(float)
    share, before = mean_of(cases, away.astype(float)), mean_of(cases, wrong)
    kept = float(np.average(wrong[~away], weights=cases.weights[~away]))
    show.said(
        f"{words.share(share.value, 1)} of cases go to a person. Of the others {words.share(kept, 1)} get a wrong "
        f"answer, instead of {words.share(before.value, 1)} of all."
    )
