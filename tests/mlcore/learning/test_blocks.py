"""Rows encoded block by block are those encoded at once, and new rows are encoded alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.learning import blocks, encoded
from mlcore.learning.blocks import Picked, in_blocks
from mlcore.learning.encode import Intake, Wish, encoder

pytestmark = pytest.mark.filterwarnings("ignore:`TargetEncoder:FutureWarning")  # which a fit catches

N = 600
CHANCE = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "c0": CHANCE.normal(size=N).astype(np.float32),
        "c1": np.where(CHANCE.random(N) < 0.1, np.nan, CHANCE.normal(size=N)).astype(np.float32),
        "c1_missing": np.zeros(N, dtype=np.float32),
        "c2": CHANCE.choice(["a", "b"], N),
        "c3": CHANCE.choice([f"town {number}" for number in range(30)], N),
        "c4": CHANCE.choice(["red apples", "green apples", "yellow pears", "blue plums"], N),
    }
)
FIELDS = [
    {"id": "c0", "name": "size", "kind": "number", "missing": 0.0},
    {"id": "c1", "name": "gaps", "kind": "number", "missing": 0.1},
    {"id": "c2", "name": "few", "kind": "category", "missing": 0.0, "levels": 2},
    {"id": "c3", "name": "many", "kind": "category", "missing": 0.0, "levels": 30},
    {"id": "c4", "name": "words", "kind": "text", "missing": 0.0, "pattern": "[a-z]+", "length": 10.0},
]
CHOSEN = np.arange(0, N, 2)
Y = (CHANCE.random(len(CHOSEN)) < 0.4).astype(np.int64)


@pytest.mark.parametrize("intake", blocks.INTAKES)
@pytest.mark.parametrize("coded", [(), ("c2", "c3")])
def test_blocks_make_what_is_made_at_once(
    intake: Intake, coded: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 70)
    wish = Wish(intake=intake, rows=len(CHOSEN), classes=2)
    rows, rest = Picked(TABLE, CHOSEN), TABLE.iloc[1::2].astype({"c0": float, "c1": float, "c1_missing": float})
    whole = encoder(FIELDS, wish)
    expected = whole.fit_transform(rows.part(), Y)
    stored = Picked(TABLE.astype(dict.fromkeys(coded, "category")), CHOSEN)
    made, X = in_blocks(encoder(FIELDS, wish), stored, Y)
    np.testing.assert_array_equal(X, expected.astype(np.float32))
    np.testing.assert_array_equal(made.transform(rest), whole.transform(rest))
    assert list(made.get_feature_names_out()) == list(whole.get_feature_names_out())
    assert [type(step) for _, step, _ in made.transformers_] == [type(step) for _, step, _ in whole.transformers_]


def test_only_many_rows_for_trees_are_encoded_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    def width(intake: Intake) -> int:
        wish = Wish(intake=intake, rows=len(CHOSEN), classes=2)
        return int(encoded.encoded(None, FIELDS, wish, Picked(TABLE, CHOSEN), Y)[1].dtype.itemsize)

    assert width("gaps") == 8
    monkeypatch.setattr(encoded, "MOST_CELLS", 100)
    assert width("gaps") == 4
    assert width("scaled") == 8
