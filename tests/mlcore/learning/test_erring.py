"""Rows beside what was said, the error over time and how far ahead: on a run that was carried out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import UserError
from mlcore.learning.erring import against, in_time, rows_of, time_columns
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.train import fit, out_of_fold
from tests.mlcore.learning.conftest import Laid


@pytest.fixture
def timed(laid_out: Laid) -> RunFolder:
    random = np.random.default_rng(0)
    n = 240
    table = pd.DataFrame(
        {"when": pd.date_range("2024-01-01", periods=n, freq="D").as_unit("us"), "x": random.normal(size=n)}
    )
    table["y"] = table["x"] * 2 + np.arange(n) * 0.05 + random.normal(size=n)
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse", time="when"))
    assert fit(folder, "linear", deadline_seconds=60.0).state == "done"
    return RunFolder(folder)


def test_each_row_has_its_truth_and_what_was_said_of_it(timed: RunFolder) -> None:
    made, said = rows_of(timed, "linear"), out_of_fold(timed.path, "linear")
    table = pd.read_parquet(timed.table_path)
    assert made["row"].is_monotonic_increasing
    assert set(made["row"]) == set(said.rows.tolist())
    assert np.allclose(made["truth"], table["y"].iloc[made["row"]])
    assert np.allclose(made["error"], made["truth"] - made["said"])
    assert (made["low"] < made["high"]).all()


def test_how_far_ahead_is_counted_from_the_newest_row_learned_from(timed: RunFolder) -> None:
    made = in_time(timed, "linear")
    assert made.columns == time_columns(timed) == ("when",)
    assert made.over is not None
    assert made.ahead is not None
    assert made.ahead.unit == "days"
    assert min(span.at or 0 for span in made.ahead.spans) >= 1.0
    tested = max(len(test) for _, test in timed.split.pairs())
    assert max(span.at or 0 for span in made.ahead.spans) <= tested
    assert sum(span.n for span in made.ahead.spans) == sum(span.n for span in made.over.spans)


def test_a_column_that_is_not_there_is_a_sentence(timed: RunFolder) -> None:
    with pytest.raises(UserError, match="nope"):
        against(timed, "linear", "nope")
    assert sum(span.n for span in against(timed, "linear", "x").spans) == len(rows_of(timed, "linear"))
