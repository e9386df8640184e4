"""A finding is mended by one click, says so, and another click takes it back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore import records
from mlcore.data.load import store_frame
from mlcore.learning.goal import Goal
from mlcore.learning.suspects import FILE, ROWS, Suspect, Suspects
from mlcore.workspace import errands, places
from mlcore.workspace.store import Store

COUNT = 400
HOSTILE = "mail <script>alert(1)</script> ]"


def html(at: AppTest) -> str:
    return "\n".join(str(element.value) for element in at.html)


def button(at: AppTest, label: str, page: str = "") -> object:
    return next(one for one in at.button if one.label.replace("\\", "") == label)


def looked(store: Store, table: str, target: str | None) -> None:
    card, seen = store.dataset(table), store.findings_folder(table, target)
    seen.mkdir(parents=True, exist_ok=True)
    errands.look(card.path, records.to_json(store.schema_for(table, target)), target, None, str(seen))


@pytest.fixture
def messy(workspace, tmp_path: Path) -> str:
    dice = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "nr": range(COUNT),
            HOSTILE: [f"p{n}@example.org" for n in range(COUNT)],
            "day": pd.date_range("2024-01-01", periods=COUNT),
            "age": np.where(dice.random(COUNT) < 0.05, -1, dice.integers(18, 80, COUNT)),
            "y": dice.choice(["yes", "no"], COUNT),
        }
    )
    table = workspace.store.add_dataset(store_frame(frame, tmp_path / "messy.parquet", "messy"))
    for target in ("y", None):
        looked(workspace.store, table, target)
    return table


def test_the_report_card_grades_the_table_and_runs_no_name_as_html(app, workspace, messy) -> None:
    at = app("pages/data/profile.py", table=messy)
    assert not at.exception
    assert "How good is this table?" in [header.value for header in at.header]
    assert "ts-report" in html(at)
    assert "<script>alert" not in html(at)
    assert "@example.org" not in "".join(one for one in html(at).split("<details") if "Personal data" in one)


@pytest.mark.slow
def test_a_repair_is_a_step_of_the_recipe_until_it_is_undone(app, workspace, messy) -> None:
    at = app("pages/data/profile.py", table=messy)
    button(at, "Make '-1' missing").click().run()
    (step,) = workspace.store.recipe(messy).steps
    assert (step.repair, dict(step.params)["columns"]) == ("replace", ["age"])
    assert workspace.store.jobs(kind="prepare")[0].args == {"dataset": messy}
    assert "done" in html(at)
    button(at, "Undo").click().run()
    assert not at.exception
    assert workspace.store.recipe(messy).steps == ()
    assert button(at, "Make '-1' missing")


@pytest.mark.slow
def test_a_decision_waits_for_the_goal_and_fills_it_in(app, workspace, messy) -> None:
    at = app("pages/data/profile.py", table=messy)
    button(at, f"Leave '{HOSTILE}' out of the model").click().run()
    assert workspace.store.hints(messy).exclude == (HOSTILE,)
    at = app("pages/model/goal.py", table=messy)
    at.selectbox(key=f"target_{messy}").select("y").run()
    goal = workspace.store.goal(messy)
    assert goal is not None
    assert goal.exclude == (HOSTILE,)


@pytest.mark.slow
def test_the_same_fixes_stand_on_the_goal_page_and_change_the_goal(app, workspace, messy) -> None:
    workspace.store.save_goal(messy, Goal(target="y", task="binary", metric="roc_auc", positive="yes"))
    at = app("pages/model/goal.py", table=messy)
    button(at, "Order the rows by 'day'").click().run()
    assert not at.exception
    assert workspace.store.goal(messy).time == "day"
    assert workspace.store.hints(messy).time == "day"
    assert button(at, "Undo"), "before the checks have looked again"
    looked(workspace.store, messy, "y")
    at.run()
    button(at, "Undo").click().run()
    assert not at.exception
    assert workspace.store.goal(messy).time is None
    assert button(at, "Order the rows by 'day'")


@pytest.mark.slow
def test_random_rows_are_an_order_of_their_own_on_the_goal_page(app, workspace, messy) -> None:
    workspace.store.save_goal(messy, Goal(target="y", task="binary", metric="roc_auc", positive="yes"))
    for chosen, time, at_random in (("(random rows)", None, True), ("day", "day", False), ("(measured)", None, False)):
        at = app("pages/model/goal.py", table=messy)
        at.selectbox(key=f"time_{messy}_0").select(chosen).run()
        assert not at.exception
        goal = workspace.store.goal(messy)
        assert (goal.time, goal.at_random) == (time, at_random)
        again = app("pages/model/goal.py", table=messy)
        assert again.selectbox(key=f"time_{messy}_0").value == chosen


@pytest.mark.slow
def test_a_kind_goes_back_to_what_it_was(app, workspace, messy) -> None:
    at = app("pages/data/profile.py", table=messy)
    button(at, "Use 'nr': it describes the row").click().run()
    assert workspace.store.dataset(messy).schema["nr"].kind == "integer"
    for target in ("y", None):
        looked(workspace.store, messy, target)
    at.run()
    button(at, "Undo").click().run()
    assert workspace.store.dataset(messy).schema["nr"].kind == "identifier"


@pytest.mark.slow
def test_rows_in_doubt_are_shown_until_somebody_has_looked_at_them(app, workspace) -> None:
    made = workspace["binary"]
    folder = places.run_folder(workspace.home, made.run)
    workspace.store.dataset(made.table)
    table = pd.read_parquet(workspace.store.dataset(made.table).path)
    table.iloc[[7]].to_parquet(folder / ROWS)
    one = Suspect(row=7, truth="<i>malignant</i>", said="benign", doubt=0.97)
    records.write(folder / FILE, Suspects(key=made.model, target=made.target, judged=400, found=1, listed=(one,)))
    at = app("pages/model/evaluate.py", table=made.table, run=made.run, model=made.model)
    assert not at.exception
    assert "Are some outcomes wrong?" in [header.value for header in at.header]
    assert "&lt;i&gt;malignant" in html(at)
    at.button(key=f"reviewed_{made.run}").click().run()
    assert "marked as looked at" in html(at)
    assert "&lt;i&gt;malignant" not in html(at)
