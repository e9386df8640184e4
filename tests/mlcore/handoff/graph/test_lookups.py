"""Words are looked up for all columns at once, and every column has a word of its own that nobody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
import pytest

from mlcore.handoff.graph.gate import held
from mlcore.handoff.graph.lookups import BROAD
from mlcore.handoff.graph.whole import Drawn, drawn
from mlcore.handoff.shipped.quick import Quick, parts_of
from mlcore.learning.goal import Goal
from mlcore.learning.scoring import Scorer, conform

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]
ROWS = 240


@pytest.fixture(scope="module")
def wordy() -> pd.DataFrame:
    """Four columns of words, the last with more of them than a table of ones is kept for, and two of numbers."""
    random = np.random.default_rng(8)
    table = pd.DataFrame({"size": random.normal(size=ROWS), "age": random.normal(size=ROWS)})
    for name, levels in (("plan", 3), ("shop", 9), ("town", 20), ("street", BROAD + 8)):
        table[name] = [f"{name} {code}" for code in np.arange(ROWS) % levels]
    score = table["size"] + (table["plan"] == "plan 1") + (table["town"] < "town 5") + random.normal(0, 0.3, ROWS)
    return table.assign(left=np.where(score > 0.9, "yes", "no"))


def stored(wordy: pd.DataFrame, make_run: MakeRun, model: str) -> Scorer:
    goal = Goal(target="left", task="binary", metric="", positive="yes")
    return Scorer.load(make_run(wordy, goal, model) / "trials" / model / "model")


def opened(graph: Drawn) -> Quick:
    return Quick(graph.content, {"numbers": graph.numbers, "words": graph.words, "labels": ["no", "yes"]})


def nodes(graph: Drawn) -> Counter[str]:
    return Counter(node.op_type for node in onnx.load_from_string(graph.content).graph.node)


@pytest.mark.parametrize("model", ["tree", "linear"])
def test_unknown_words_count_as_unknown_in_their_own_column(wordy: pd.DataFrame, make_run: MakeRun, model: str) -> None:
    scorer = stored(wordy, make_run, model)
    graph = opened(drawn(scorer))
    words = ["plan", "shop", "town", "street"]
    for strange in (*[[name] for name in words], words):
        frame = conform(
            scorer.prepared(wordy.drop(columns="left").assign(**dict.fromkeys(strange, "?"))), scorer.fields
        )
        assert np.abs(graph.values(parts_of(frame)) - scorer.values_of(frame)).max() < 1e-6, strange


def test_boosted_trees_of_words_and_numbers_are_drawn_with_few_nodes(wordy: pd.DataFrame, make_run: MakeRun) -> None:
    scorer = stored(wordy, make_run, "lightgbm")
    graph = drawn(scorer)
    found = nodes(graph)
    assert found["LabelEncoder"] == 1
    assert found["Split"] == found["Squeeze"] == 0
    assert found["Div"] == found["ReduceSum"] == found["Mul"] == 0, "shares of two labels add up to 1"
    assert found.total() <= 20
    assert held(scorer, opened(graph), wordy.drop(columns="left"), graph.cuts).ok


def test_no_constant_is_left_that_no_node_takes(wordy: pd.DataFrame, make_run: MakeRun) -> None:
    model = onnx.load_from_string(drawn(stored(wordy, make_run, "lightgbm")).content).graph
    taken = {name for node in model.node for name in node.input}
    assert {constant.name for constant in model.initializer} <= taken
