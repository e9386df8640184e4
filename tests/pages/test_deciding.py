"""The decide page: amounts become a threshold, and what is saved is what every way to score obeys."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.evaluation.costs import Costs
from mlcore.evaluation.policy import Interval, Rule
from mlcore.learning.model import Model
from tests.pages.conftest import Made, Open, Workspace
from tests.pages.working import carry_out, newest

PAGE = "pages/use/decide.py"


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def opened(app: Open, workspace: Workspace, task: str) -> tuple[AppTest, Made]:
    """The page after what it rests on was gathered."""
    made = workspace[task]
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    job = newest(workspace.store, "gather")
    assert job.args == {"run": made.run, "key": made.model}
    assert carry_out(workspace.store, job).state == "done"
    at = app(PAGE, table=made.table, run=made.run, model=made.model)
    assert not at.exception, at.exception
    return at, made


def field(at: AppTest, label: str) -> object:
    return next(one for one in at.number_input if one.label == label)


def said(at: AppTest) -> str:
    assert not at.exception, at.exception
    return html(at).replace("\u00a0", " ")


@pytest.mark.slow
def test_amounts_become_a_threshold_that_is_saved_obeyed_and_taken_back(app: Open, workspace: Workspace) -> None:
    at, made = opened(app, workspace, "binary")
    assert "as the model was made: The answer is" in said(at)
    assert "These are example amounts" in said(at)
    field(at, "A right yes gains").set_value(40.0).run()
    field(at, "A false yes gains").set_value(-10.0).run()
    field(at, "Cases a month").set_value(1000.0).run()
    at.switch_page("pages/data/home.py").run()
    at.switch_page(PAGE).run()
    shown = said(at)  # what was typed is still there
    for words in (
        "A month is worth",
        "1,000 cases are worth",
        "Calling everybody",
        "Calling nobody",
        "The threshold is",
    ):
        assert words in shown
    assert "by the rule in use" in shown
    at.button(key="use_policy").click().run()
    policy = workspace.store.policy(made.run, made.model)
    assert policy.costs == Costs(tp=40.0, fp=-10.0)
    assert "every case gets the same answer" in said(at)
    who = next(one for one in at.selectbox if one.label == "By")
    who.set_value(who.options[1]).run()
    assert "Who is affected" in said(at)
    assert "Wrong before" in said(at)
    assert policy.volume == 1000.0
    assert "Agreed worth of a case: a right yes +40" in said(at)
    assert at.button(key="use_policy").disabled

    table = pd.read_parquet(workspace.store.dataset(made.table).path)
    frame = Model.load(workspace.store.model_folder(made.run, made.model)).scorer.frame(table)
    yes = frame[f"probability_{policy.positive}"] >= policy.threshold
    assert ((frame["prediction"] == policy.positive) == yes).all()

    at.button(key="forget").click().run()
    assert workspace.store.policy_mark(made.run, made.model) == ""
    assert "as the model was made" in said(at)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "value", "words"),
    [
        ("A false yes gains", 5.0, "being wrong would pay"),
        ("Cases a month", -3.0, "Cases a month must be above 0"),
        ("You can see to", 500.0, "A capacity needs to know how many cases come"),
    ],
)
def test_what_cannot_be_decided_is_a_sentence_and_cannot_be_saved(
    label: str, value: float, words: str, app: Open, workspace: Workspace
) -> None:
    at, _ = opened(app, workspace, "binary")
    field(at, label).set_value(value).run()
    assert words in said(at)
    assert at.button(key="use_policy").disabled


@pytest.mark.slow
def test_a_capacity_above_all_cases_is_said(app: Open, workspace: Workspace) -> None:
    at, _ = opened(app, workspace, "binary")
    field(at, "Cases a month").set_value(100.0).run()
    field(at, "You can see to").set_value(500.0).run()
    assert "the capacity never binds" in said(at)


@pytest.mark.slow
def test_a_rule_and_cases_for_a_person_are_part_of_what_is_saved(app: Open, workspace: Workspace) -> None:
    at, made = opened(app, workspace, "binary")
    name = next(column.name for column in workspace.store.dataset(made.table).schema if column.name != made.target)
    next(one for one in at.selectbox if one.label == "Where").set_value(name)
    next(one for one in at.selectbox if one.label == "compares").set_value("is empty")
    next(one for one in at.text_input if one.label == "because").set_value("Never measured.")
    next(one for one in at.button if one.label == "Add the rule").click().run()
    next(one for one in at.slider if one.label.startswith("Share of cases to send")).set_value(20).run()
    assert "Never measured." in said(at)
    assert "<script>alert" not in html(at)
    at.button(key="use_policy").click().run()
    policy = workspace.store.policy(made.run, made.model)
    assert policy.rules == (Rule(column=name, op="is empty", then=policy.labels[0], why="Never measured."),)
    assert policy.refer is not None
    assert "Rule 1: " in said(at)
    next(one for one in at.button if one.label == "Remove").click().run()
    at.button(key="use_policy").click().run()
    assert workspace.store.policy(made.run, made.model).rules == ()


def test_intervals_are_chosen_by_their_coverage_and_a_number_to_act_on_by_its_costs(
    app: Open, workspace: Workspace
) -> None:
    at, made = opened(app, workspace, "regression")
    assert "Asked for" in said(at)
    field(at, "One unit too little costs").set_value(3.0).run()
    field(at, "One unit too much costs").set_value(1.0).run()
    assert "Act on the 75 % quantile" in said(at)
    at.button(key="use_policy").click().run()
    policy = workspace.store.policy(made.run, made.model)
    assert isinstance(policy.interval, Interval)
    assert policy.lean is not None
    assert policy.lean.quantile == 0.75
    table = pd.read_parquet(workspace.store.dataset(made.table).path)
    frame = Model.load(workspace.store.model_folder(made.run, made.model)).scorer.frame(table)
    inside = (frame["low"] <= table[made.target]) & (table[made.target] <= frame["high"])
    assert 0.85 < inside.mean() < 0.97
    assert 0.68 < (table[made.target] <= frame["decision"]).mean() < 0.82


def test_sets_of_labels_and_abstaining_are_chosen_and_saved(app: Open, workspace: Workspace) -> None:
    at, made = opened(app, workspace, "multiclass")
    assert "No sets are given" in said(at)
    next(one for one in at.segmented_control if one.label.startswith("The true label")).set_value(0.9).run()
    assert "Labels in a set" in said(at)
    field(at, "No label is likelier than, in %").set_value(60.0).run()
    assert "of cases go to a person" in said(at)
    at.button(key="use_policy").click().run()
    policy = workspace.store.policy(made.run, made.model)
    assert policy.sets is not None
    assert policy.abstain is not None
    assert (policy.sets.coverage, policy.abstain.least) == (0.9, 0.6)
    table = pd.read_parquet(workspace.store.dataset(made.table).path)
    frame = Model.load(workspace.store.model_folder(made.run, made.model)).scorer.frame(table)
    inside = [
        truth in found.split(";") for truth, found in zip(table[made.target], frame["prediction_set"], strict=True)
    ]
    assert sum(inside) / len(inside) > 0.85


@pytest.mark.slow
def test_a_bundle_with_another_decision_rule_is_to_be_built_again(app: Open, workspace: Workspace) -> None:
    store, made = workspace.store, workspace["binary"]
    asked = store.submit("bundle", {"run": made.run, "key": made.model}, "Bundle")
    assert carry_out(store, store.job(asked)).state == "done"
    assert not store.stale(store.bundles(made.run)[0])
    store.save_policy(made.run, made.model, replace(store.policy(made.run, made.model), threshold=0.3))
    assert store.stale(store.bundles(made.run)[0])
    at = app("pages/use/export.py", table=made.table, run=made.run, model=made.model)
    assert "The decision rule was changed since" in said(at)
    assert at.button(key="build")


def test_the_columns_of_a_rule_are_titled_together(
    app: Open, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of columns, each titled with all of them, took minutes."""
    from pages.ui import cache

    asked = []
    titled = cache.titles_of
    monkeypatch.setattr(cache, "titles_of", lambda run: asked.append(run.id) or titled(run))
    at, _ = opened(app, workspace, "binary")
    (columns,) = [one for one in at.selectbox if one.label == "Where"]
    assert len(asked) < 2 * len(columns.options)
