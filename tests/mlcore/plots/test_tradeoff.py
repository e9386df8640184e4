"""Score against speed and size: which models nothing beats, and what the recommended one costs."""

from __future__ import annotations

from typing import Any

import pytest

from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.plots import CHARTS, Panel


def row(key: str, score: float, ms: float | None, **more: Any) -> Row:
    return Row(key=key, title=f"title {key}", score=score, ms_per_1000=ms, **{"megabytes": 1.0, **more})


def drawn(*rows: Row, metric: str = "roc_auc") -> Panel:
    board = Leaderboard(metric=metric, n=100, measured="cross-validation", rows=rows, best=rows[0].key)
    return CHARTS["tradeoff"].draw(board)


BOARD = (
    row("blend", 0.90, 400.0, tied=True, megabytes=40.0),
    row("boosted", 0.895, 20.0, tied=True, recommended=True),
    row("forest", 0.89, 90.0),
    row("linear", 0.88, 2.0, megabytes=0.01),
    row("baseline", 0.50, 0.5),
)


def test_the_line_joins_the_models_that_none_beats_in_both() -> None:
    panel = drawn(*BOARD)
    assert list(panel.figure.data[0].x) == [2.0, 20.0, 400.0]
    assert panel.frame["beaten by none in both"].tolist() == [True, True, False, True, False]


def test_less_is_better_turns_the_axis_and_the_comparison() -> None:
    panel = drawn(row("a", 1.0, 50.0), row("b", 1.2, 5.0), row("c", 1.3, 60.0), metric="rmse")
    low, high = panel.figure.layout.yaxis.range
    assert low > high
    assert list(panel.figure.data[0].x) == [5.0, 50.0]


def test_the_area_of_a_dot_is_its_size_on_disk_and_a_small_one_can_still_be_seen() -> None:
    sizes = drawn(*BOARD).figure.data[1].marker.size
    assert sizes[0] == 30
    assert min(sizes) == 9


def test_a_model_far_behind_is_in_the_table_but_does_not_squeeze_the_others() -> None:
    panel = drawn(*BOARD)
    assert panel.figure.layout.yaxis.range[0] > 0.8
    assert len(panel.frame) == 5
    assert "1 further behind not drawn" in panel.basis


def test_recommended_and_tied_are_told_apart_without_colour_alone() -> None:
    hover = drawn(*BOARD).figure.data[1].customdata
    assert hover[0].endswith("tied with the best")
    assert hover[1].endswith("recommended")
    notes = " ".join(note.text for note in drawn(*BOARD).figure.layout.annotations)
    assert "<b>title boosted</b>" in notes


def test_the_reading_says_when_a_tied_model_is_quicker() -> None:
    quick = row("linear", 0.894, 2.0, tied=True)
    said = drawn(BOARD[0], BOARD[1], quick).reading
    assert "title boosted is recommended: 20 ms for 1,000 rows, 1.0 MB" in said
    assert "title linear is tied with the best, too, answers 10.0 times as quickly and scores 0.001 worse." in said
    assert drawn(*BOARD).reading.endswith("no model tied with the best is quicker.")


def test_a_difference_that_cannot_be_seen_is_none() -> None:
    quick = row("linear", 0.89499, 2.0, tied=True)
    assert drawn(BOARD[0], BOARD[1], quick).reading.endswith("answers 10.0 times as quickly and scores the same.")


def test_speeds_that_were_not_measured_are_a_sentence() -> None:
    with pytest.raises(UserError, match="speed"):
        drawn(row("a", 0.9, None))


def test_a_slow_model_answers_in_seconds_and_each_dot_has_its_rank() -> None:
    panel = drawn(row("blend", 0.9, 7561.0, tied=True, recommended=True), row("linear", 0.89, 9.0))
    assert "7.6 s for 1,000 rows" in panel.reading
    assert [text for trace in panel.figure.data if trace.text for text in trace.text] == ["<b>1</b>", "<b>2</b>"]
