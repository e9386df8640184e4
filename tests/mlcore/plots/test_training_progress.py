"""The course of a run as a chart: one line a family, up is better, with one candidate and with a hundred."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan, Validation
from mlcore.learning.run import Run, Trial
from mlcore.plots import CHARTS, Panel

KINDS = ("lightgbm", "linear", "forest", "net", "xgboost")


def trial(key: str, score: float, ended: float, **more: Any) -> Trial:
    model = more.pop("model", key.partition("~")[0])
    return Trial(key=key, model=model, title=f"title {key}", state="done", score=score, ended=ended, **more)


def drawn(*trials: Trial, metric: str = "roc_auc", seconds: float = 60.0) -> Panel:
    task = "regression" if metric == "rmse" else "binary"
    plan = Plan(
        goal=Goal(target="t", task=task, metric=metric),  # type: ignore[arg-type]
        schema=Schema(columns=()),
        fingerprint="",
        validation=Validation(method="folds", folds=5),
        candidates=(),
        seconds=seconds,
    )
    return CHARTS["training_progress"].draw(Run(id="r", plan="p", state="running", trials=trials), plan)


def many(count: int = 100) -> list[Trial]:
    return [trial(f"{KINDS[at % 5]}~{at}", 0.9 - 0.3 / (at + 1), 1.0 + at * 0.5) for at in range(count)]


def lines(panel: Panel) -> list[Any]:
    return [trace for trace in panel.figure.data if trace.mode == "lines"]


def texts(panel: Panel) -> str:
    return " ".join(note.text for note in panel.figure.layout.annotations)


BASELINE = trial("baseline", 0.5, 1.0)
ENSEMBLE = trial("blend", 0.95, 55.0, weights=(("lightgbm", 1.0),))


def test_each_family_has_one_line_and_the_ensemble_is_on_top_of_them() -> None:
    panel = drawn(BASELINE, *many(), ENSEMBLE)
    assert len(lines(panel)) == 5  # boosting, linear, forests, neural nets, ensemble
    assert lines(panel)[-1].line.width > lines(panel)[0].line.width
    for name in ("Boosting", "Forests", "Linear", "Neural nets", "<b>Ensemble</b>"):
        assert name in texts(panel)


def test_a_line_is_the_best_so_far_and_only_rises() -> None:
    panel = drawn(trial("lightgbm", 0.8, 2), trial("xgboost", 0.7, 5), trial("lightgbm~2", 0.85, 9))
    assert lines(panel)[0].x == (2, 9, 9)
    assert lines(panel)[0].y == (0.8, 0.85, 0.85)
    assert panel.frame["best so far"].tolist() == [True, False, True]


def test_up_is_better_also_where_less_is_better() -> None:
    low, high = drawn(trial("linear", 3.0, 1), trial("forest", 2.0, 2), metric="rmse").figure.layout.yaxis.range
    assert low > 3.0
    assert high < 2.0
    assert "lower is better" in texts(drawn(trial("linear", 3.0, 1), metric="rmse"))


def test_a_dot_names_its_candidate() -> None:
    dots = [trace for trace in drawn(*many()).figure.data if trace.mode == "markers"]
    assert sum(len(trace.customdata) for trace in dots) == 100
    assert "title forest~2" in dots[1].customdata


def test_the_end_of_the_budget_is_marked_and_on_the_chart() -> None:
    panel = drawn(trial("linear", 0.8, 3), seconds=300.0)
    assert panel.figure.layout.shapes[0].x0 == 300.0
    assert panel.figure.layout.xaxis.range[1] > 300.0


def test_a_baseline_far_behind_is_named_at_the_edge_and_squeezes_nothing() -> None:
    panel = drawn(BASELINE, *many())
    assert panel.figure.layout.yaxis.range[0] > 0.6
    assert "▾ title baseline 0.500" in texts(panel)


def test_a_baseline_that_is_near_is_a_line_to_compare_with() -> None:
    panel = drawn(BASELINE, trial("linear", 0.52, 2), trial("forest", 0.49, 3), trial("net", 0.51, 4))
    assert 0.5 in [shape.y0 for shape in panel.figure.layout.shapes]


def test_the_axis_does_not_go_where_no_score_can_be() -> None:
    _, high = drawn(trial("linear", 0.99, 2), trial("forest", 0.999, 3)).figure.layout.yaxis.range
    assert high < 1.001


def test_the_first_candidate_alone_can_be_drawn() -> None:
    low, high = drawn(BASELINE).figure.layout.yaxis.range
    assert low < 0.5 < high


def test_names_beside_the_lines_do_not_lie_upon_each_other() -> None:
    equal = [trial(kind, 0.8, 5.0) for kind in ("lightgbm", "linear", "forest", "net", "neighbours")]
    notes = [note for note in drawn(*equal).figure.layout.annotations if note.yref == "y domain" and note.xshift == 18]
    places = sorted(note.yshift for note in notes)
    assert len(places) == 5
    assert min(after - before for before, after in pairwise(places)) >= 15


def test_names_stand_beside_the_chart_where_no_line_and_no_other_words_are() -> None:
    panel = drawn(BASELINE, trial("rule", 0.6, 2, model="rule"), *many(20), seconds=60.0)  # lines end at second 11
    named = [note for note in panel.figure.layout.annotations if note.xshift == 18]
    assert {note.text for note in named} == {"Boosting", "Linear", "Forests", "Neural nets", "One question"}
    assert all(note.xref == "x domain" and note.x == 1 for note in named)


def test_a_rule_of_one_question_and_short_rules_are_told_apart() -> None:
    panel = drawn(BASELINE, trial("rule", 0.7, 2, model="rule"), trial("tree", 0.75, 3), trial("linear", 0.8, 4))
    assert "One question" in texts(panel)
    assert "Short rules" in texts(panel)
    assert panel.frame["family"].tolist() == ["One question", "One question", "Short rules", "Linear"]


def test_a_run_of_an_older_release_that_knows_no_times_adds_them_up() -> None:
    old = [replace(trial(kind, 0.8, 0.0), ended=None, seconds=4.0) for kind in ("linear", "forest")]
    assert drawn(*old).frame["seconds"].tolist() == [4.0, 8.0]


def test_a_fast_version_made_after_the_run_is_no_part_of_its_course() -> None:
    fast = trial("compact", 0.95, 0.0, weights=(("lightgbm", 1.0),), seconds=80.0)
    panel = drawn(BASELINE, *many(), ENSEMBLE, replace(fast, ended=None))
    assert "compact" not in " ".join(panel.frame["model"])
    assert panel.frame["seconds"].max() == 55.0


def test_the_reading_says_how_long_nothing_better_came() -> None:
    panel = drawn(trial("linear", 0.8, 3), trial("forest", 0.7, 8), trial("net", 0.6, 9))
    assert (
        panel.reading
        == "title linear leads with ROC AUC 0.800 since second 3; 2 candidates that came later did not beat it."
    )


def test_a_long_run_is_told_in_minutes() -> None:
    panel = drawn(trial("linear", 0.8, 600), trial("forest", 0.7, 900), seconds=3600.0)
    assert panel.reading.endswith("since minute 10; one candidate that came later did not beat it.")
    assert list(panel.figure.layout.xaxis.ticktext) == ["0", "10", "20", "30", "40", "50", "60"]
    assert list(panel.figure.layout.xaxis.tickvals)[-1] == 3600.0
    assert "Minutes" in panel.figure.layout.xaxis.title.text


def test_families_that_came_out_alike_are_not_drawn_apart() -> None:
    alike = [trial("linear", 0.7, 2), trial("linear~1", 0.80001, 5), trial("forest", 0.79, 3), trial("net", 0.8, 4)]
    low, high = drawn(BASELINE, *alike).figure.layout.yaxis.range
    assert high - low > 0.01


def test_nothing_finished_is_a_sentence() -> None:
    with pytest.raises(UserError, match="No candidate is finished"):
        drawn(replace(BASELINE, state="running", score=None))
