"""`make bench-explain`: rows explained per second, ours beside shap, explainerdashboard and shapash.

    python -m tests.benchmarks.explain                       boosted trees, 50 columns, 100 background rows
    python -m tests.benchmarks.explain --rows 2000 --tasks regression --models lightgbm xgboost

The others run in an environment of their own, `$PEERS_ROOT/venv-explain` (made when it is not there), on the same
library's model, stored in its own format, and the same rows. Seconds are CPU seconds of one thread, so that a busy
machine does not decide. docs/benchmarks.md tells the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
COLUMNS, BACKGROUND, TRAINED, TREES = 50, 100, 4_000, 300
WANTED = ("lightgbm==4.7.0", "xgboost==3.2.0", "shap", "explainerdashboard", "shapash", "setuptools<81")
METHODS = ("shap path", "shap interventional", "explainerdashboard", "shapash")


def main(words: Sequence[str] | None = None) -> int:
    """Print one table; a method that fails has its reason there."""
    parser = argparse.ArgumentParser(description="Explanations beside other tools.", allow_abbrev=False)
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--models", nargs="+", default=["lightgbm", "xgboost"])
    parser.add_argument("--tasks", nargs="+", default=["binary", "regression"])
    parser.add_argument("--seconds", type=float, default=600.0, help="after which another tool is given up")
    asked = parser.parse_args(words)
    for name in ("OMP_NUM_THREADS", "LOKY_MAX_CPU_COUNT"):
        os.environ[name] = "1"
    print(f"{asked.rows} rows x {COLUMNS} columns, {TREES} trees, {BACKGROUND} background rows; rows per CPU second")
    print("| model | task | tool | rows/s | adds up within | what |\n|---|---|---|---|---|---|")
    for kind in asked.models:
        for task in asked.tasks:
            with tempfile.TemporaryDirectory() as folder:
                lay_out(Path(folder), kind, task, asked.rows)
                for line in (ours(Path(folder), kind, task), *others(Path(folder), kind, task, asked.seconds)):
                    rate, off = (f"{line[key]:.3g}" if line.get(key) is not None else "–" for key in ("rate", "off"))
                    print(f"| {kind} | {task} | {line['tool']} | {rate} | {off} | {line['what']} |", flush=True)
    return 0


def lay_out(folder: Path, kind: str, task: str, rows: int) -> None:
    """A fitted model in its library's own format, rows to explain and background rows; made up, for timing only."""
    random = np.random.default_rng(0)
    X = random.normal(size=(TRAINED + rows + BACKGROUND, COLUMNS)).astype(np.float32)
    signal = X[:, 0] * X[:, 1] + np.sin(2 * X[:, 2]) + (X[:, 3] > 0) * X[:, 4] + 0.3 * X[:, 5:25].sum(axis=1)
    y = signal + random.normal(0, 0.6, len(X))
    truth = (y > 0).astype(int) if task == "binary" else y
    model = built(kind, task).fit(X[:TRAINED], truth[:TRAINED])
    if kind == "lightgbm":
        model.booster_.save_model(folder / "model.txt")
    else:
        model.save_model(folder / "model.json")
    np.save(folder / "X.npy", X[TRAINED : TRAINED + rows])
    np.save(folder / "B.npy", X[TRAINED + rows :])
    import joblib

    joblib.dump(model, folder / "ours.joblib")


def built(kind: str, task: str) -> Any:
    """The library's usual settings, 300 trees of 31 leaves."""
    if kind == "lightgbm":
        from lightgbm import LGBMClassifier, LGBMRegressor

        return (LGBMClassifier if task == "binary" else LGBMRegressor)(n_estimators=TREES, n_jobs=1, verbosity=-1)
    from xgboost import XGBClassifier, XGBRegressor

    return (XGBClassifier if task == "binary" else XGBRegressor)(
        n_estimators=TREES, n_jobs=1, grow_policy="lossguide", max_leaves=31, max_depth=0, learning_rate=0.1
    )


def ours(folder: Path, kind: str, task: str) -> dict[str, Any]:
    """Ours: on the probability for labels, on the number otherwise; compiled before it is timed."""
    import joblib

    from mlcore.explanation.explainers import EXPLAINERS, trees
    from mlcore.explanation.part import Part
    from mlcore.explanation.ways import error_of

    trees.MOST_CORES = 1
    model, X, B = joblib.load(folder / "ours.joblib"), *(np.load(folder / f"{name}.npy") for name in "XB")
    labels = 2 if task == "binary" else 0

    def outputs(rows: Any) -> Any:
        return model.predict_proba(rows)[:, [1]] if labels else np.asarray(model.predict(rows))[:, None]

    origins = np.arange(COLUMNS)
    part = Part(title="", estimator=model, outputs=outputs, origins=origins, columns=COLUMNS, classes=labels,
                chosen=(1,) if labels else (0,))  # fmt: skip
    EXPLAINERS["trees"].method(part, seed=0).run(X[:2], B[:2])
    began = time.process_time()
    method = EXPLAINERS["trees"].method(part, seed=0)
    found = method.run(X, B)
    spent = time.process_time() - began
    error = error_of(outputs(B).mean(axis=0), found.values, outputs(X))
    noise = "" if found.variance is None else f", standard error {np.sqrt(found.variance.mean()):.2g}"
    scale = "probability" if labels else "prediction"
    return {"tool": "tablesmith", "rate": len(X) / spent, "off": error, "what": f"{scale}, {BACKGROUND} rows{noise}"}


def others(folder: Path, kind: str, task: str, seconds: float) -> list[dict[str, Any]]:
    """Every other tool, each in a process of its own."""
    python = environment()
    lines = []
    for method in METHODS:
        words = [str(python), str(HERE / "peers.py"), str(folder), kind, task, method]
        try:
            done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, check=False)
            lines.append(json.loads(done.stdout.strip().splitlines()[-1]))
        except subprocess.TimeoutExpired:
            lines.append({"tool": method, "what": f"given up after {seconds:.0f} s"})
        except (IndexError, ValueError):
            lines.append({"tool": method, "what": f"failed: {done.stderr.strip().splitlines()[-1:]}"})
    return lines


def environment() -> Path:
    """The interpreter of the other tools."""
    place = Path(os.environ.get("PEERS_ROOT", str(Path.home() / "peers"))) / "venv-explain"
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *WANTED], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
