"""Labels one by one: curves against the rest, first answers, and the pairs taken for each other."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_curve, top_k_accuracy_score

from mlcore.evaluation.confused import confused, sentence
from mlcore.evaluation.evaluate import evaluate
from mlcore.evaluation.predictions import Predictions
from mlcore.plots import CHARTS

LABELS = ("ant", "bee", "cat", "dog")


def said(n: int = 400, copies: int = 1) -> Predictions:
    random = np.random.default_rng(0)
    truth = np.arange(n) % 4
    raw = np.exp(random.normal(size=(n, 4)) + 1.2 * np.eye(4)[truth])
    raw[truth == 1, 2] *= 3  # bees look like cats
    values = raw / raw.sum(axis=1, keepdims=True)
    return Predictions(
        task="multiclass", values=np.repeat(values, copies, axis=0), rows=np.repeat(np.arange(n), copies),
        labels=LABELS, truth=np.repeat(truth, copies),
    )  # fmt: skip


def test_the_curve_of_a_label_is_that_of_scikit_learn() -> None:
    made = said(60)
    score = evaluate(made, draws=20).multiclass.by_label[2]
    x, y, _ = roc_curve(made.truth == 2, made.values[:, 2], drop_intermediate=False)
    theirs = {(round(a, 9), round(b, 9)) for a, b in zip(x, y, strict=True)}
    assert {(round(a, 9), round(b, 9)) for a, b in zip(score.roc.x, score.roc.y, strict=True)} <= theirs
    area = float(np.trapezoid(score.roc.y, score.roc.x))
    assert area == pytest.approx(score.roc_auc, abs=0.01)


def test_first_answers_are_those_of_scikit_learn_and_repeats_count_in_part() -> None:
    made = said()
    top = evaluate(made, draws=20).multiclass.top
    wanted = [top_k_accuracy_score(made.truth, made.values, k=k) for k in (1, 2, 3)]
    assert top[:3] == pytest.approx(wanted)
    assert top[3] == 1.0
    assert evaluate(said(copies=3), draws=20).multiclass.top == pytest.approx(top)
    panel = CHARTS["top"].draw(evaluate(made, draws=20))
    assert panel.frame["share of rows right"].tolist() == pytest.approx(top)


def test_the_pair_most_confused_is_said_with_its_rows() -> None:
    made = said()
    pair = confused(evaluate(made, draws=20))[0]
    assert (pair.truth, pair.said) == ("bee", "cat")
    rows = int(((made.truth == 1) & (made.values.argmax(axis=1) == 2)).sum())
    assert pair.rows == rows
    assert pair.low < pair.share < pair.high
    assert sentence(pair).startswith(f"{rows} rows are “bee” and called “cat”: ")


def test_nothing_is_confused_where_every_answer_is_right() -> None:
    made = said(40)
    perfect = Predictions(
        task="multiclass", values=np.eye(4)[made.truth], rows=made.rows, labels=LABELS, truth=made.truth
    )  # fmt: skip
    assert confused(evaluate(perfect, draws=20)) == ()


def test_a_label_can_be_chosen_and_the_worst_comes_first() -> None:
    done = evaluate(said(), draws=20)
    areas = {one.label: one.roc_auc for one in done.multiclass.by_label}
    worst = min(areas, key=lambda label: areas[label])
    assert f"“{worst}”" in CHARTS["label_roc"].draw(done).reading
    assert "“dog”" in CHARTS["label_roc"].draw(done, "dog").reading
    assert set(CHARTS["label_pr"].draw(done).frame["label"]) == set(LABELS)


def test_one_label_only_is_a_sentence() -> None:
    made = said(100)
    alone = made.take(np.flatnonzero(made.truth == 0))
    from mlcore.errors import UserError

    for key in ("label_roc", "label_pr"):
        with pytest.raises(UserError, match="at least two labels"):
            CHARTS[key].draw(evaluate(alone, draws=20))
