"""Runs this project as `../shared/bench/bench.py` runs every other system: one table, one budget, cold start.

PEERS_ROOT=… python tests/benchmarks/automl/run_tablesmith.py --data NAME --budget 60 --out r.json
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("TABLESMITH_BENCH", ROOT.parent / "shared" / "bench"))
sys.path[:0] = [str(SHARED), str(ROOT)]
METRICS = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}


def fit(train: Any, meta: dict[str, Any], budget: float, workdir: str, args: argparse.Namespace) -> Any:
    """Train through the public verb, hand the model over and load the bundle again, as an engineer would."""
    import mlcore
    from mlcore.evaluation.metrics import METRICS as CATALOGUE
    from mlcore.learning.model import Model

    os.environ["TABLESMITH_HOME"] = str(Path(workdir).parent / "home")
    out = Path(workdir)
    metric = METRICS[meta["task"]]
    trained = mlcore.train(
        train,
        meta["target"],
        task=meta["task"],
        metric=metric,
        positive=meta["positive"],
        seconds=budget,
        all_rows=True,
        out=out,
    )
    chosen = trained.best
    for row in trained.leaderboard.rows:
        print(f"{'*' if row.key == chosen else ' '} {row.key:24} {row.score} {row.fit_seconds} {row.error}")
    print("validated:", trained.plan.validation)
    (args.claimed,) = [row.score for row in trained.leaderboard.rows if row.key == chosen]
    assert metric in CATALOGUE.keys
    return Model.load(out)


def predict(model: Any, rows: Any, meta: dict[str, Any]) -> Any:
    """Numbers, or probabilities with a column a label."""
    import pandas as pd

    said = model.predict(rows)
    return said.values if meta["task"] == "regression" else pd.DataFrame(said.values, columns=list(said.labels))


if __name__ == "__main__":
    import common  # type: ignore[import-not-found]

    claimed: dict[str, argparse.Namespace] = {}

    def _fit(train: Any, meta: dict[str, Any], budget: float, workdir: str, args: argparse.Namespace) -> Any:
        claimed["args"] = args
        return fit(train, meta, budget, workdir, args)

    common.main(
        "tablesmith",
        _fit,
        predict,
        claim=lambda model, meta: claimed["args"].claimed,
    )
