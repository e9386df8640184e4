"""The prediction page's first part: one row with its answer and reasons."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from mlcore.errors import UserError
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.sentences import about_row
from mlcore.workspace import scorer
from mlcore.workspace.store import RunCard
from pages.ui import cache, charts, markup, rowform, session, show, words
from pages.ui.markup import Head, esc

FLAGS = {
    "unseen": "{column}: this value was never seen in training",
    "range": "{column}: outside the range seen in training",
    "missing": "{column}: empty, which never happened in training",
    "unreadable": "{column}: cannot be read, so it counts as empty",
    "rule": "Rule {column} of your decision rule gave the answer",
    "refer": "A person should decide this one",
    "abstain": "A person should decide this one: no answer is sure enough",
    "filtered": "Your recipe leaves such rows out ({column}); the model never saw one like it",
}


def context(run: RunCard, key: str) -> str:
    """Which model answers."""
    about = f"“{cache.model_title(run.id, key)}” predicts {cache.target_title(run)}"
    return f"{about}, by the same code that the exported bundle runs."


def one_row(run: RunCard, key: str) -> None:
    """The form, beside it the answer, below them how it came about."""
    if run.plan is None:
        return
    kept = f"row_{run.id}_{key}"
    left, right = st.columns([5, 4], gap="large")
    with left:
        columns = rowform.by_importance(run.id, key, run.plan)
        asked = rowform.ask(cache.told(run, columns), cache.raw_card(run.dataset), key)
    if asked is not None:
        session.remember(kept, asked)
    row = session.recall(kept)
    with right:
        if row is None:
            show.lede("Fill in the row and ask: the answer appears here, with what moved it.")
            return
        try:
            mark = cache.store().policy_mark(run.id, key)
            with st.spinner("Asking the model"):
                said, why = _answer(run.id, key, json.dumps(row, default=str, ensure_ascii=False), mark)
        except UserError as error:
            show.user_error(error)
            return
        why = cache.in_words(why, run)
        output = _output(why.outputs, said)
        _said(run, key, said)
        show.said(*about_row(why, 0, output=output))
    charts.panel(charts.draw("waterfall", why, row=0, output=why.outputs[output]), f"waterfall_{key}")


@st.cache_resource(max_entries=64, show_spinner=False)
def _answer(run: str, key: str, row: str, mark: str) -> tuple[dict[str, Any], Explanation]:
    """What a model, which never changes, says about a row under the decision rule of this mark, and why."""
    del mark
    asked = json.loads(row)
    return scorer.client().predict(run, key, [asked])[0], scorer.client().explain_row(run, key, asked)


def _output(outputs: tuple[str, ...], said: Mapping[str, Any]) -> int:
    predicted = str(said.get("prediction"))
    return outputs.index(predicted) if len(outputs) > 1 and predicted in outputs else 0


def _said(run: RunCard, key: str, said: Mapping[str, Any]) -> None:
    name, policy = cache.target_title(run), cache.store().policy(run.id, key)
    if "low" in said:
        covered = 0.9 if policy.interval is None else policy.interval.coverage
        interval = f"{words.number(said['low'])} to {words.number(said['high'])} in {words.share(covered)} of cases"
        act = (
            [("To act on", words.number(float(said["decision"])), "by your decision rule")]
            if "decision" in said
            else []
        )
        show.facts((name, words.number(float(said["prediction"])), interval), *act)
    else:
        usual = policy.threshold in (None, 0.5) and not (policy.rules or policy.matrix or policy.group_thresholds)
        left = (
            [("Cannot be ruled out", said["prediction_set"].replace(";", ", "), "")] if "prediction_set" in said else []
        )
        show.facts((name, said["prediction"], "the likeliest answer" if usual else "by the decision rule"), *left)
        heads = (Head("Answer", name=True), Head("Probability"))
        st.html(markup.table(heads, _probabilities(said), caption="Probabilities"))
    flags = [flag.partition(":") for flag in str(said.get("flags") or "").split(";") if flag]
    if flags:
        titles = cache.titles_of(run)
        unusual = [
            FLAGS.get(code, "{column}: unusual").replace("{column}", titles.get(column, column))
            for code, _, column in flags
        ]
        st.html(" ".join(markup.chip(words_about, "watch") for words_about in unusual))


def _probabilities(said: Mapping[str, Any]) -> list[tuple[tuple[str, str], str]]:
    start = "probability_"
    found = [(name.removeprefix(start), float(value)) for name, value in said.items() if name.startswith(start)]
    found.sort(key=lambda pair: -pair[1])
    return [((esc(label), markup.bar(share, words.share(share, 1))), "") for label, share in found[:10]]
