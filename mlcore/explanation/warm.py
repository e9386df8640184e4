"""Compile what is compiled on first use, so that no person waits for it: `python -m mlcore.explanation.warm`."""

from __future__ import annotations

import numpy as np

from mlcore.explanation import lonely
from mlcore.explanation.explainers import trees
from mlcore.explanation.part import Part
from mlcore.explanation.trees.arrays import Tree, joined


def warm() -> None:
    """Run every compiled function once on rows or a tree; ten seconds the first time, then half a second."""
    ends = np.array([0, -1, -1])
    tree = Tree(
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        feature=ends,
        threshold=np.zeros(3),
        missing_left=ends > 0,
        value=np.array([[0.0], [1.0], [2.0]]),
    )
    forest = joined([tree], base=np.zeros(1), link="logistic", single=False)
    rows = np.array([[-1.0], [1.0]])
    part = Part(
        title="", estimator=None, outputs=np.asarray, origins=np.zeros(1, np.int64), columns=1, classes=0, chosen=(0,)
    )
    ready = trees.prepared(forest, part)
    trees.exact(ready, rows, rows)
    trees.cube(ready, rows, rows)
    trees.walks(ready, rows, rows, 0)
    few, scales = rows.astype(np.float32), np.ones(1, dtype=np.float32)
    lonely.apart(few, few, scales)
    lonely.lonely(few, few, scales, 1.0, 1)


if __name__ == "__main__":
    warm()
