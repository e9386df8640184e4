"""How common a category is: learned from the rows learned from, by their weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from mlcore.learning.encode import Wish, encoder
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.levels import Shares
from mlcore.learning.plan import Candidate
from mlcore.learning.scoring import Scorer
from mlcore.learning.trial import fit

Laid = Callable[..., Path]
ROWS = pd.DataFrame({"city": list("aaab") * 5, "way": list("xyzz") * 5})


def test_a_category_counts_by_its_rows_and_an_unseen_one_not_at_all() -> None:
    step = Shares().fit(ROWS)
    new = pd.DataFrame({"city": ["a", "b", "never"], "way": ["x", "z", "never"]})
    np.testing.assert_allclose(step.transform(new), [[0.75, 0.25], [0.25, 0.5], [0, 0]])
    np.testing.assert_array_equal(step.plain_.transform(new), step.transform(new))


def test_rows_count_by_their_weights() -> None:
    weights = np.tile([0.0, 1.0, 1.0, 2.0], 5)
    step = Shares(weights).fit(ROWS)
    np.testing.assert_allclose(step.transform(ROWS.iloc[[0, 3]]), [[0.5, 0.0], [0.5, 0.75]])


def test_only_many_categories_in_front_of_trees_that_ask_are_counted() -> None:
    fields = [
        {"id": "c0", "name": "few", "kind": "category", "levels": 3, "missing": 0.0},
        {"id": "c1", "name": "many", "kind": "category", "levels": 40, "missing": 0.0},
    ]

    def counted(**wish: object) -> list[str]:
        made = encoder(fields, Wish(**{"rows": 100, "classes": 0} | wish))  # type: ignore[arg-type]
        return [name for step, _, places in made.transformers if step == "share" for name in places]

    assert counted(intake="gaps", common=True) == ["c1"]
    assert counted(intake="gaps") == counted(intake="sparse", common=True) == []


def test_what_only_the_share_of_a_category_tells_is_learned_stored_and_read_again(laid_out: Laid) -> None:
    chance = np.random.default_rng(0)
    often = chance.permutation(np.repeat([2, 20], [150, 15]))
    rows = chance.permutation(np.repeat(np.arange(165), often))
    table = pd.DataFrame({"shop": [f"s{number:03d}" for number in rows], "x": chance.normal(size=len(rows))})
    table["y"] = np.where(often[rows] == 20, 5.0, -5.0) * table["x"] + chance.normal(size=len(rows))
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse"), only=("lightgbm",))
    run = RunFolder(folder)
    scores = {}
    for common in (False, True):
        key = f"lightgbm~{common:d}"
        run.add(Candidate(key=key, model="lightgbm", title="", params={"common": common, "rate": 0.2}))
        trial = fit(folder, key)
        assert trial.score is not None, trial.reason
        scores[common] = trial.score
    assert scores[True] < 0.8 * scores[False]
    scorer = Scorer.load(folder / "trials" / "lightgbm~1" / "model")
    assert len(scorer.values(table.head(3))) == 3
