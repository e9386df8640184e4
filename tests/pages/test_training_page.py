"""The train page in each state of a run: what runs, what comes next, the course, what more time would bring."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from mlcore.data.load import store_frame
from mlcore.learning.forecast import write_forecast
from mlcore.learning.goal import Goal
from mlcore.learning.run import Run, Trial
from mlcore.workspace import places
from mlcore.workspace.store import Store
from pages.ui import trials
from tests.pages.runs import finished, invented, other

PAGE = "pages/model/train.py"
GOAL = Goal(target="species", task="multiclass", metric="accuracy")
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def store(empty, iris) -> Store:
    """A workspace with one table."""
    made = Store.open(empty)
    (empty / "incoming").mkdir()
    made.add_dataset(store_frame(iris, empty / "incoming" / "iris.parquet", "iris"))
    return made


def table(store: Store) -> str:
    return store.datasets()[0].id


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def charts(at: AppTest) -> int:
    return len(at.get("plotly_chart"))


def test_without_a_run_it_leads_to_the_goal(app, store) -> None:
    at = app(PAGE, table=table(store))
    assert "Nothing has been trained yet" in html(at)


def test_before_anything_is_finished_it_says_what_happens(app, store) -> None:
    run = store.submit("train", {"dataset": table(store), "goal": {}}, "Predict species")
    at = app(PAGE, table=table(store), run=run)
    assert not at.exception
    assert "Waiting for the worker" in html(at)
    assert charts(at) == 0


@pytest.mark.slow
@pytest.mark.parametrize("many", [0, 1, 100])
def test_a_run_under_way_shows_its_course_and_what_comes_next(many, app, store) -> None:
    waiting = [other(f"forest~{at}", "waiting") for at in range(12)]
    under_way = [*finished(many), other("net", "running"), *waiting]
    run = invented(store, table(store), GOAL, under_way, state="running")
    at = app(PAGE, table=table(store), run=run)
    assert not at.exception
    assert charts(at) == 1
    assert f"{many + 1} candidate{'s' * (many > 0)} tried, 12 waiting" in html(at)
    assert "<dd>Other net</dd>" in html(at)
    assert "Other forest~0, Other forest~1, Other forest~2 and 9 more" in html(at)
    assert "left of 1 min" in html(at)


def test_a_hundred_candidates_take_the_room_of_eight(app, store) -> None:
    run = invented(store, table(store), GOAL, finished(100), state="done")
    said = html(app(PAGE, table=table(store), run=run))
    assert "93 more candidates with a score" in said
    assert said.index("<details") < said.index("Always the average")


def test_reasons_are_said_once_for_all_they_hold_for(app, store) -> None:
    late = [other(f"forest~{at}", "skipped", "The time was up before its turn.") for at in range(20)]
    worse = replace(other("xgboost~4", "skipped", "it did worse than the model it varies"), seconds=2.0)
    failed = [other("catboost", "failed", f"{HOSTILE} (ValueError)"), other("net", "failed", "ran out of time: 9 s")]
    failed += [
        other("net-long", "failed", "Other net-long was ended because it took longer than the 8 seconds it had.")
    ]
    run = invented(store, table(store), GOAL, [*finished(3), *late, *failed, worse], state="done")
    said = html(app(PAGE, table=table(store), run=run))
    assert said.count("The time was up before its turn.") == 1
    assert "and 16 more" in said
    assert "1 candidate failed" in said
    assert "2 candidates out of time" in said
    assert "1 candidate given up early" in said
    assert "Was ended because it took longer" in said
    assert "20 candidates and 1 kind of model not tried" in said
    assert "meant for 60 to 20,000 rows" in said
    assert HOSTILE not in said


@pytest.mark.slow
@pytest.mark.parametrize("state", ["done", "stopped"])
def test_at_the_end_it_says_what_more_time_would_bring_and_offers_it(state, app, store) -> None:
    run = invented(store, table(store), GOAL, finished(40), state=state)
    told = write_forecast(places.run_folder(store.home, run))
    at = app(PAGE, table=table(store), run=run)
    assert told.sentence in html(at)
    assert charts(at) == 1
    at.button(key="longer").click().run()
    new = store.jobs(kind="train")[0]
    assert new.id != run
    assert (new.args["seconds"], new.args["continues"], new.args["before"]) == (120, run, 56.0)
    assert new.args["goal"] == store.job(run).args["goal"]


def test_a_run_that_goes_on_shows_the_time_of_both(app, store) -> None:
    run = invented(store, table(store), GOAL, [*finished(4), other("net", "running")], state="running", before=40.0)
    said = html(app(PAGE, table=table(store), run=run))
    assert "left of 2 min" in said
    assert "1 min 36 s spent" in said


def test_a_failed_run_says_why_and_keeps_what_was_finished(app, store) -> None:
    run = invented(store, table(store), GOAL, finished(4), state="failed", error="The memory was not enough.")
    at = app(PAGE, table=table(store), run=run)
    assert "The memory was not enough." in html(at)
    assert charts(at) == 1
    assert "resume" in [button.key for button in at.button]
    assert "longer" not in [button.key for button in at.button]


def test_the_best_candidate_is_on_top_whatever_the_direction() -> None:
    run = Run(id="r", plan="p", state="done", trials=tuple(finished(5)))
    best = max(run.trials, key=lambda trial: trial.score or 0.0)
    from mlcore.evaluation.metrics import METRICS

    assert trials._ordered(list(run.trials), METRICS["roc_auc"])[0] == best
    assert trials._ordered(list(run.trials), METRICS["rmse"])[0].key == "baseline"


def test_candidates_found_during_the_search_need_no_place_in_the_plan() -> None:
    found = Trial(key="lightgbm~3", model="lightgbm", title="Boosted trees, near the best", state="running")
    assert "Boosted trees, near the best" in trials.under_way(Run(id="r", plan="p", state="running", trials=(found,)))
