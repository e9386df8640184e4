"""What chance alone makes is no reason to warn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.checks import check
from mlcore.data.load import store_frame

Make = Callable[[np.random.Generator, int], pd.DataFrame]
TABLES = 10


def warned(folder: Path, make: Make, rows: int) -> Counter[str]:
    """Of how many tables each check warns."""
    told: Counter[str] = Counter()
    for seed in range(TABLES):
        frame = make(np.random.default_rng(seed), rows)
        card = store_frame(frame, folder / "table.parquet")
        found = check(Path(card.path), card.schema, "y")
        told.update({finding.code for finding in found if finding.level != "note"})
    return told


def answers(random: np.random.Generator, rows: int) -> np.ndarray:
    return np.where(random.random(rows) < 0.4, "yes", "no")


def related(random: np.random.Generator, rows: int) -> pd.DataFrame:
    """Columns that go together and are rounded: some rows are equal, as they describe like things."""
    same = random.normal(size=rows)
    parts = {name: (same + random.normal(0, 0.3, rows)).round(1) for name in "abc"}
    return pd.DataFrame({**parts, "d": np.where(same > 0, "u", "v"), "y": answers(random, rows)})


def few_levels(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"a": random.poisson(3, rows), "b": random.choice(list("abc"), rows, p=[0.8, 0.15, 0.05]),
         "c": random.poisson(1, rows), "age": random.integers(18, 60, rows), "y": answers(random, rows)}
    )  # fmt: skip


def measured(random: np.random.Generator, rows: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"age": random.integers(18, 70, rows), "bmi": random.normal(25, 4, rows).round(1),
         "sex": random.choice(["m", "f"], rows), "pulse": random.integers(50, 110, rows), "y": answers(random, rows)}
    )  # fmt: skip


def answered_twice(random: np.random.Generator, rows: int) -> pd.DataFrame:
    frame = measured(random, rows)
    again = frame.iloc[: rows // 50].copy()
    again["y"] = np.where(again["y"] == "yes", "no", "yes")
    return pd.concat([frame, again], ignore_index=True)


def heavy_tails(random: np.random.Generator, rows: int) -> pd.DataFrame:
    """Five columns with tails that are heavier than exponential."""
    columns = {f"x{place}": random.standard_t(3, rows).round(4) for place in range(5)}
    return pd.DataFrame({**columns, "y": answers(random, rows)})


def one_slip(random: np.random.Generator, rows: int) -> pd.DataFrame:
    frame = heavy_tails(random, rows)
    frame.loc[random.integers(rows), "x0"] *= 1_000
    frame.loc[random.integers(rows), "x0"] = 5_000.0
    return frame


@pytest.mark.parametrize("make", [related, few_levels, measured], ids=lambda make: make.__name__)
@pytest.mark.parametrize("rows", [60, 300])
def test_rows_that_are_equal_by_chance_are_no_warning(tmp_path: Path, make: Make, rows: int) -> None:
    told = warned(tmp_path, make, rows)
    assert told["duplicates"] <= 0.1 * TABLES
    assert told["conflicting_labels"] <= 0.1 * TABLES


@pytest.mark.parametrize("rows", [300, 3000])
def test_rows_that_were_answered_twice_are(tmp_path: Path, rows: int) -> None:
    assert warned(tmp_path, answered_twice, rows)["conflicting_labels"] >= 0.8 * TABLES


def test_heavy_tails_have_few_outliers_and_slips_are_still_seen(tmp_path: Path) -> None:
    assert warned(tmp_path, heavy_tails, 3000)["outliers"] <= 0.1 * TABLES
    assert warned(tmp_path, one_slip, 3000)["outliers"] >= 0.9 * TABLES
