"""The gate lets nothing through that says something else, however seldom."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest
from onnx import numpy_helper

from mlcore.handoff.graph.drawing import Late
from mlcore.handoff.graph.gate import AT_EDGES, Gate, beside, held
from mlcore.handoff.graph.make import made
from mlcore.handoff.graph.whole import Drawn, drawn
from mlcore.handoff.shipped.quick import Quick
from mlcore.learning.goal import Goal
from mlcore.learning.scoring import LARGEST, Scorer

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]


@pytest.fixture(scope="module")
def few(cancer: pd.DataFrame) -> pd.DataFrame:
    return cancer.iloc[::3, [0, 1, 2, -1]].assign(size=np.where(cancer.iloc[::3, 0] > 14, "large", "small"))


@pytest.fixture(scope="module")
def scorer(few: pd.DataFrame, make_run: MakeRun) -> Scorer:
    goal = Goal(target="diagnosis", task="binary", metric="", positive="malignant")
    return Scorer.load(make_run(few, goal, "tree") / "trials" / "tree" / "model")


def told(graph: Drawn) -> dict[str, object]:
    return {"numbers": graph.numbers, "words": graph.words, "labels": ["benign", "malignant"]}


def gated(scorer: Scorer, table: pd.DataFrame, change: Callable[[onnx.ModelProto], None]) -> Gate:
    graph = drawn(scorer)
    model = onnx.load_from_string(graph.content)
    change(model)
    return held(scorer, Quick(model.SerializeToString(), told(graph)), table, graph.cuts)


def changed(name: str, edit: Callable[[np.ndarray], np.ndarray]) -> Callable[[onnx.ModelProto], None]:
    def change(model: onnx.ModelProto) -> None:
        node = next(node for node in model.graph.node if node.op_type == "TreeEnsembleRegressor")
        held = next(attribute for attribute in node.attribute if attribute.name == name)
        held.t.CopyFrom(numpy_helper.from_array(edit(numpy_helper.to_array(held.t).copy()), name))

    return change


def moved(thresholds: np.ndarray) -> np.ndarray:
    """One of them, by a step of 32 bits."""
    place = np.flatnonzero(thresholds)[0]
    thresholds[place] = np.nextafter(np.float32(thresholds[place]), np.float32(np.inf))
    return thresholds


def test_the_graph_as_it_was_drawn_passes(scorer: Scorer, few: pd.DataFrame) -> None:
    gate = gated(scorer, few, lambda model: None)
    assert gate.ok
    assert gate.difference < 1e-6
    assert gate.edges > 0


def test_one_threshold_moved_by_one_step_is_refused(scorer: Scorer, few: pd.DataFrame) -> None:
    gate = gated(scorer, few, changed("nodes_values_as_tensor", moved))
    assert not gate.ok
    assert gate.where == AT_EDGES


def test_a_gap_that_goes_the_other_way_is_refused(scorer: Scorer, few: pd.DataFrame) -> None:
    def filled_otherwise(model: onnx.ModelProto) -> None:
        known = {constant.name: constant for constant in model.graph.initializer}
        node = next(node for node in model.graph.node if node.op_type == "Where")
        fill = numpy_helper.to_array(known[node.input[1]])
        known[node.input[1]].CopyFrom(numpy_helper.from_array(fill + 100.0, node.input[1]))

    assert not gated(scorer, few, filled_otherwise).ok


def test_a_leaf_that_says_something_else_is_refused(scorer: Scorer, few: pd.DataFrame) -> None:
    assert not gated(scorer, few, changed("target_weights_as_tensor", lambda weights: weights * 0.99)).ok


def test_numbers_are_tried_on_both_sides_of_a_threshold() -> None:
    for cut in (0.1, 1 / 3, -2.5, 1e-35, 7.0, float(np.float64(1) + 2**-40)):
        low, at, high = beside(cut)
        assert low <= cut <= high
        assert low < at < high
    assert max(map(abs, beside(1e300))) <= LARGEST


def test_what_is_refused_is_told_in_a_sentence_and_leaves_no_graph(
    scorer: Scorer, few: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlcore.handoff.graph.make.held", lambda *_: Gate(
        ok=False, rows=9, edges=3, difference=0.5, tolerance=5e-5, where=AT_EDGES
    ))  # fmt: skip
    found = made(tmp_path, scorer, few)
    assert found.why.startswith(
        "The graph does not say what the model says: rows at its thresholds differ by up to 0.5"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["onnx.json"]


def test_what_would_not_be_ready_in_time_is_left_for_later(scorer: Scorer, few: pd.DataFrame, tmp_path: Path) -> None:
    found = made(tmp_path, scorer, few, until=0.0)
    assert found.late
    assert "--format onnx" in found.why
    assert issubclass(Late, Exception)


def test_a_graph_of_thousands_of_columns_is_left_for_later_where_a_narrow_one_has_time(
    scorer: Scorer, few: pd.DataFrame, tmp_path: Path
) -> None:
    until = time.monotonic() + 60
    wide = Scorer(
        {**scorer.spec, "fields": scorer.fields * (5_000 // len(scorer.fields))}, [p for _, p in scorer.members]
    )
    late = made(tmp_path, wide, few, until=until)
    assert late.late
    assert "no time left" in late.why
    assert not made(tmp_path, scorer, few, until=until).late
