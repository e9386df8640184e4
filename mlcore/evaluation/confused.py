"""Which labels are taken for each other most, in sentences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.binning import wilson
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.predictions import Floats

MOST = 5


@dataclass(frozen=True, kw_only=True)
class Pair:
    """`rows` of the label `truth` were called `said`: the share of that label's rows, with its 95 % interval."""

    truth: str
    said: str
    rows: float
    share: float
    low: float
    high: float


def confused(evaluation: Evaluation, most: int = MOST) -> tuple[Pair, ...]:
    """The pairs of labels with most wrong answers; none when every answer is right."""
    detail = evaluation.multiclass
    if detail is None:
        return ()
    matrix = np.array(detail.confusion)
    wrong = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-wrong, axis=None, kind="stable")[:most]
    places = [tuple(int(one) for one in np.unravel_index(int(flat), wrong.shape)) for flat in order]
    return tuple(_pair(evaluation.labels, matrix, i, j) for i, j in places if wrong[i, j] > 0)


def sentence(pair: Pair) -> str:
    """One pair as a person says it."""
    rows = f"{round(pair.rows):,} rows are" if round(pair.rows) != 1 else "1 row is"
    return (
        f"{rows} “{pair.truth}” and called “{pair.said}”: {100 * pair.share:.0f} % of all “{pair.truth}” "
        f"({100 * pair.low:.0f} to {100 * pair.high:.0f} %)."
    )


def _pair(labels: tuple[str, ...], matrix: Floats, i: int, j: int) -> Pair:
    n = float(matrix[i].sum())
    share = float(matrix[i, j]) / n
    low, high = wilson(share, n)
    return Pair(truth=labels[i], said=labels[j], rows=float(matrix[i, j]), share=share, low=low, high=high)
