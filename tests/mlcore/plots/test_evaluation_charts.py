from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from mlcore.errors import UserError
from mlcore.evaluation.compare import Leaderboard, Row
from mlcore.evaluation.evaluate import evaluate
from mlcore.evaluation.predictions import Predictions
from mlcore.plots import CHARTS


def board(scores: Sequence[float], metric: str = "rmse", half: float = 0.05) -> Leaderboard:
    rows = tuple(
        Row(key=str(place), title=f"model {place}", score=score, low=score - half, high=score + half, tied=place < 2,
            recommended=place == 1, n=100)
        for place, score in enumerate(scores)
    )  # fmt: skip
    return Leaderboard(
        metric=metric, n=100, measured="cross-validation", rows=rows, best="0", recommended=str(min(1, len(scores) - 1))
    )


def regression(n: int) -> Predictions:
    truth = np.arange(n, dtype=np.float64)
    return Predictions(task="regression", values=truth + 1, rows=np.arange(n), truth=truth)


def notes(figure: object) -> str:
    return " ".join(annotation.text for annotation in figure.layout.annotations)  # type: ignore[attr-defined]


def test_a_model_far_behind_is_named_at_the_edge_and_does_not_squeeze_the_others() -> None:
    panel = CHARTS["leaderboard"].draw(board([1.0, 1.01, 1.02, 1.05, 9.0]))
    low, high = panel.figure.layout.xaxis.range
    assert low < 0.96
    assert 1.1 < high < 2
    assert "9 ▸" in notes(panel.figure)
    assert len(panel.frame) == 5


def test_the_direction_is_said() -> None:
    assert "lower is better" in CHARTS["leaderboard"].draw(board([1.0, 1.1])).figure.layout.xaxis.title.text
    assert "higher is better" in CHARTS["leaderboard"].draw(board([0.9, 0.8], "roc_auc")).figure.layout.xaxis.title.text


@pytest.mark.parametrize("scores", [[1.0], [1.0, 1.0], [0.0, 0.0, 0.0]])
def test_one_model_or_equal_ones_can_be_drawn(scores: list[float]) -> None:
    low, high = CHARTS["leaderboard"].draw(board(scores, half=0.0)).figure.layout.xaxis.range
    assert low < high


def test_a_lasting_tendency_is_said_with_its_side() -> None:
    reading = CHARTS["residuals"].draw(evaluate(regression(50), draws=20)).reading
    assert "too much" in reading


@pytest.mark.parametrize("key", ["predicted_actual", "residuals"])
@pytest.mark.parametrize("n", [1, 2])
def test_very_few_rows_can_be_drawn(key: str, n: int) -> None:
    panel = CHARTS[key].draw(evaluate(regression(n), draws=20))
    assert "nan" not in panel.reading
    assert np.isfinite(panel.figure.layout.yaxis.range).all()


def test_a_chosen_threshold_moves_marks_and_matrix() -> None:
    score = np.linspace(0, 1, 100)
    made = Predictions(
        task="binary", values=np.column_stack([1 - score, score]), rows=np.arange(100), labels=("no", "yes"),
        truth=(score > 0.4).astype(np.int64),
    )  # fmt: skip
    done = evaluate(made, draws=20)
    assert "threshold 0.40" in notes(CHARTS["roc"].draw(done, 0.4).figure)
    assert CHARTS["confusion"].draw(done, 0.4).frame["said yes"].tolist() == [0, 60]
    assert CHARTS["thresholds"].draw(done.binary, 0.4).reading.startswith("At 0.40 it flags 60")


def test_many_labels_are_put_together() -> None:
    k, n = 30, 300
    truth = np.arange(n) % k
    made = Predictions(
        task="multiclass",
        values=np.eye(k)[truth],
        rows=np.arange(n),
        labels=tuple(f"l{i}" for i in range(k)),
        truth=truth,
    )
    panel = CHARTS["confusion"].draw(evaluate(made, draws=20))
    assert len(panel.frame) == 20
    assert panel.frame.drop(columns="true").to_numpy().sum() == n
    assert panel.reading == "It is right for every row."


def test_of_several_labels_models_are_laid_over_each_other_one_label_against_the_rest() -> None:
    random = np.random.default_rng(0)
    truth = np.arange(300) % 3
    named = []
    for title, sure in (("good", 4.0), ("poor", 0.5)):
        shares = np.exp(sure * np.eye(3)[truth] + random.normal(size=(300, 3)))
        values = shares / shares.sum(axis=1, keepdims=True)
        made = Predictions(task="multiclass", values=values, rows=np.arange(300), labels=("a", "b", "c"), truth=truth)
        named.append((title, evaluate(made, draws=20)))
    panel = CHARTS["roc_beside"].draw(named, "b")
    assert "of “b” against the rest" in panel.reading
    assert panel.reading.index("good") < panel.reading.index("poor")
    assert set(panel.frame["model"]) == {"good", "poor"}
    assert "half of the “b” rows" in CHARTS["precision_recall_beside"].draw(named, "b").reading
    with pytest.raises(UserError, match="both labels"):
        CHARTS["roc_beside"].draw(named, "no such label")
