"""The model card says what is known, says what is not, and its head is YAML that hubs read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mlcore import records
from mlcore.evaluation.cuts import Cut
from mlcore.evaluation.fairness import fairness
from mlcore.handoff.card import Facts, model_card
from mlcore.handoff.facts import facts_of
from mlcore.learning.folder import RunFolder
from mlcore.learning.plan import Plan
from mlcore.learning.scoring import Scorer
from mlcore.learning.train import out_of_fold


@pytest.fixture(scope="module")
def known(cancer_run: Path) -> tuple[Plan, Facts]:
    run = RunFolder(cancer_run)
    scorer = Scorer.load(run.trial_folder("linear") / "model")
    return run.plan, facts_of(run, run.trials()[0], scorer, rows=190, plugins=())


def head(card: str) -> dict[str, Any]:
    _, text, _ = card.split("---\n", 2)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_the_head_has_the_task_and_every_measure_with_its_rows(known: tuple[Plan, Facts]) -> None:
    plan, facts = known
    found = head(model_card(plan, facts))
    assert found["pipeline_tag"] == "tabular-classification"
    result = found["model-index"][0]["results"][0]
    assert "190 rows" in result["dataset"]["name"]
    told = {measure["type"]: measure["value"] for measure in result["metrics"]}
    assert told == {measure.key: measure.value for measure in facts.evaluations[0].measures}


def test_a_hostile_title_stays_a_title_in_the_head(known: tuple[Plan, Facts]) -> None:
    plan, facts = known
    title = 'best: "model"\n---\n- !!python/object: {x} # '
    assert head(model_card(plan, replace(facts, title=title)))["model-index"][0]["name"] == " ".join(title.split())


def test_without_measures_the_head_is_whole_too(known: tuple[Plan, Facts]) -> None:
    plan, facts = known
    assert "model-index" not in head(model_card(plan, replace(facts, evaluations=())))


def test_what_was_agreed_stands_in_it_and_what_was_not_is_said(known: tuple[Plan, Facts]) -> None:
    plan, facts = known
    assert model_card(plan, facts).count("not stated") == 3
    goal = replace(
        plan.goal, purpose="Ask for a biopsy", not_for="Sending <b>anyone</b> home", owner="Dr. O", success=0.9
    )
    card = model_card(replace(plan, goal=goal), facts)
    assert "- Intended use: Ask for a biopsy" in card
    assert "- Not to be used for: Sending \\<b\\>anyone\\</b\\> home" in card
    assert "- Asked for by: Dr. O" in card
    assert f"- Good enough from: {goal.metric} of 0.9" in card


def test_what_is_done_with_answers_is_told_by_the_policy(known: tuple[Plan, Facts]) -> None:
    plan, facts = known
    assert facts.policy
    for sentence in facts.policy:
        assert sentence.split("“")[0] in model_card(plan, facts)


def test_groups_that_somebody_compared_are_told_of(cancer_run: Path, known: tuple[Plan, Facts]) -> None:
    plan, facts = known
    assert "Nobody compared groups" in model_card(plan, facts)
    said = out_of_fold(cancer_run, "linear")
    codes = np.arange(len(said)) % 2
    made = fairness(said, [Cut(column="ward", labels=("a", "b"), codes=codes, own=2)], threshold=0.5, draws=50)
    place = cancer_run / "closer" / "linear" / "fairness-0123456789ab.json"
    records.write(place, made)
    try:
        run = RunFolder(cancer_run)
        again = facts_of(run, run.trials()[0], Scorer.load(run.trial_folder("linear") / "model"), rows=190, plugins=())
    finally:
        place.unlink()
    card = model_card(plan, again)
    assert "Nobody compared groups" not in card
    assert f"By ward, on {made.n:,} rows" in card
