"""Small real runs to hand over, and one proven bundle for the whole session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.load import load, read_table
from mlcore.handoff.bundle import bundle
from mlcore.learning import train
from mlcore.learning.goal import Goal
from mlcore.learning.planning import make_plan

MakeRun = Callable[[pd.DataFrame, Goal, str], Path]


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """A function that gives a run folder in which the plain configuration of one kind of model is fitted."""

    def make(frame: pd.DataFrame, goal: Goal, model: str) -> Path:
        folder = tmp_path_factory.mktemp("runs")
        frame.to_csv(folder / "table.csv", index=False)
        dataset = load(folder / "table.csv", out=folder / "table.parquet")
        table = read_table(dataset)
        plan, _ = make_plan(table, dataset.schema, dataset.fingerprint, goal, seconds=30, models=(model,))
        plan = replace(plan, validation=replace(plan.validation, method="folds", repeats=1))
        run = folder / "0123456789ab"
        train.prepare(Path(dataset.path), plan, run)
        trial = train.fit(run, model)
        assert trial.state == "done", trial.reason
        return run

    return make


@pytest.fixture(scope="session")
def untidy(iris: pd.DataFrame) -> pd.DataFrame:
    """Iris as real tables are: gaps, words with commas and quotes, dates, codes, awkward names."""
    size = np.round(iris["petal length (cm)"]).astype(int)
    return pd.DataFrame(
        {
            "länge; cm": iris["sepal length (cm)"].where(np.arange(len(iris)) % 9 != 4),
            "base": size,
            'shop, "big"': size.map({1: "Köln, Süd", 2: '"Bonn"', 3: "=1+1", 4: "N.A. Town", 5: "São Paulo"}),
            "seen": pd.Timestamp("2024-02-27") + pd.to_timedelta(np.arange(len(iris)) % 37, unit="D"),
            "zip": size.map(lambda number: f"0{number}234"),
            "open": np.where(iris["sepal width (cm)"] > 3, "yes", "no"),
            "rate": (size % 3).map({0: 1.5, 1: 2.25, 2: 3.0}),
            "species": iris["species"],
        }
    )


@pytest.fixture(scope="session")
def cancer_run(cancer: pd.DataFrame, make_run: MakeRun) -> Path:
    goal = Goal(target="diagnosis", task="binary", metric="", positive="malignant")
    return make_run(cancer.iloc[::3], goal, "linear")


@pytest.fixture(scope="session")
def cancer_bundle(cancer_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("bundles") / "cancer"
    bundle(cancer_run, "linear", out)
    return out
