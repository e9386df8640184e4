from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore import records
from mlcore.data.schema import Column
from mlcore.evaluation.predictions import Predictions
from mlcore.handoff.baseline import Baseline, baseline

TABLE = pd.DataFrame(
    {
        "amount": [*np.arange(100.0), np.nan],
        "same": np.zeros(101),
        "city": pd.Series([*["Bonn"] * 70, *["Köln"] * 30, None], dtype="str"),
        "code": [*np.arange(100.0) % 3, np.nan],
    }
)
COLUMNS = (
    Column(name="amount", kind="numeric", storage="float"),
    Column(name="same", kind="numeric", storage="float"),
    Column(name="city", kind="categorical", storage="text"),
    Column(name="code", kind="categorical", storage="integer"),
)


def test_a_number_is_cut_at_its_deciles() -> None:
    amount = baseline(TABLE, COLUMNS, None).columns[0]
    assert len(amount.edges) == 9
    assert amount.counts == (10,) * 10
    assert (amount.n, amount.missing) == (101, 1)


def test_equal_borders_are_kept_once() -> None:
    same = baseline(TABLE, COLUMNS, None).columns[1]
    assert same.edges == (0.0,)
    assert sum(same.counts) == 101


def test_words_and_coded_categories_are_counted() -> None:
    _, _, city, code = baseline(TABLE, COLUMNS, None).columns
    assert (city.categories, city.counts, city.missing) == (("Bonn", "Köln"), (70, 30), 1)
    assert set(code.categories) == {"0", "1", "2"}


def test_rare_words_are_counted_together() -> None:
    many = pd.DataFrame({"city": [f"town {number}" for number in range(80)]})
    city = baseline(many, COLUMNS[2:3], None).columns[0]
    assert (len(city.categories), city.other) == (50, 30)


def test_it_comes_back_from_json_with_the_predictions() -> None:
    values = np.column_stack([np.linspace(0, 1, 50), np.linspace(1, 0, 50)])
    said = Predictions(task="binary", values=values, rows=np.arange(50), labels=("no", "yes"), positive="yes")
    made = baseline(TABLE, COLUMNS, said)
    assert [output.name for output in made.predictions] == ["probability_no", "probability_yes"]
    assert records.from_json(Baseline, records.to_json(made)) == made


def test_borders_are_those_of_numpy() -> None:
    values = np.random.default_rng(0).normal(size=37)
    said = baseline(pd.DataFrame({"amount": values}), COLUMNS[:1], None).columns[0]
    edges = np.quantile(values, np.linspace(0, 1, 11)[1:-1])
    np.testing.assert_allclose(said.edges, edges)
    np.testing.assert_array_equal(said.counts, np.bincount(np.searchsorted(edges, values), minlength=10))
