"""One small model of a table that has every kind of column, and rows of it with everything that can be wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.load import store_rows
from mlcore.handoff.batch.asked import Asked
from mlcore.handoff.batch.scored import Scored
from mlcore.handoff.batch.scoring import score_rows
from mlcore.learning.goal import Goal
from mlcore.learning.model import Model
from tests.mlcore.handoff.conftest import MakeRun


def orders(rows: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    size = np.round(rng.uniform(1, 9, rows), 2)
    shop = rng.choice(["Köln, Süd", "Bonn", "=1+1"], rows)
    return pd.DataFrame(
        {
            "size": size,
            "weight": np.where(rng.random(rows) < 0.1, np.nan, np.round(size * 10 + rng.normal(size=rows), 1)),
            "shop": shop,
            "seen": pd.Timestamp("2024-03-01") + pd.to_timedelta(rng.integers(0, 200, rows), unit="D"),
            "late": np.where(size + (shop == "Bonn") * 3 > 6, "yes", "no"),
        }
    )


@pytest.fixture(scope="session")
def order_run(make_run: MakeRun) -> Path:
    return make_run(orders(), Goal(target="late", task="binary", metric="", positive="yes"), "linear")


@pytest.fixture(scope="session")
def model(order_run: Path) -> Model:
    return Model.load(order_run / "trials" / "linear" / "model")


@pytest.fixture
def rows() -> pd.DataFrame:
    """Twenty rows as text, as a file has them; the target is not among them."""
    frame = orders(20).drop(columns="late")
    return frame.assign(seen=frame["seen"].dt.strftime("%Y-%m-%d")).astype("str").fillna("")


class Shop:
    """Scores frames with a model, as files."""

    def __init__(self, model: Model, folder: Path) -> None:
        self.model, self.folder = model, folder

    def score(self, frame: pd.DataFrame, asked: Asked, *, sep: str = ",") -> Scored:
        from mlcore.data.choices import Choices

        frame.to_csv(self.folder / "rows.csv", index=False, sep=sep)
        stored = self.folder / "rows.parquet"
        reading = store_rows(self.folder / "rows.csv", stored, Choices.like(self.model.raw))
        faults = (self.folder / "errors.csv", self.folder / "errors.json")
        out = self.folder / f"out{asked.ending}"
        return score_rows(self.model, stored, out, asked, reading=reading, faults=faults)

    def out(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "out.csv", keep_default_na=False)

    def faults(self) -> pd.DataFrame:
        return pd.read_csv(self.folder / "errors.csv", keep_default_na=False)


@pytest.fixture
def shop(model: Model, tmp_path: Path) -> Shop:
    return Shop(model, tmp_path)
