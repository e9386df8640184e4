"""What issue after issue promised about speed, measured by hand: `make bench`. Prints one table; asserts nothing.

Machines are noisy: compare figures of one run with each other, not with those of another day.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

ROWS, COLUMNS = 10_000, 20


def made_up(rows: int = ROWS, columns: int = COLUMNS) -> pd.DataFrame:
    """Numbers, categories and gaps with a binary answer; made up, for timing only."""
    chance = np.random.default_rng(0)
    table = pd.DataFrame(chance.normal(size=(rows, columns - 4)).round(4)).add_prefix("n")
    for name, levels in (("small", 5), ("medium", 30), ("large", 300), ("yes", 2)):
        table[name] = chance.integers(0, levels, rows).astype(str)
        table[name] = "level " + table[name]
    table.iloc[chance.integers(0, rows, rows // 10), 0] = np.nan
    noise = chance.logistic(size=rows)
    table["answer"] = np.where(table["n1"] + table["n2"] * table["n3"] + noise > 0, "yes", "no")
    return table


def importing() -> tuple[str, str]:
    """CPU seconds of `import mlcore`."""
    code = "import time; t = time.process_time(); import mlcore; print(time.process_time() - t)"
    seconds = min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(3))
    return "import mlcore", f"{seconds:.2f} CPU s (promise: below 1.0)"


def training(seconds: float = 60.0) -> tuple[str, str]:
    """Submit a run to a warm worker: when the first row is there, and how the budget is kept."""
    from mlcore.data.load import store_frame
    from mlcore.learning.goal import Goal

    with working() as store:
        table = store.add_dataset(store_frame(made_up(), out=store.home / "made-up.parquet", name="made up"))
        store.save_goal(table, Goal(target="answer", task="binary", metric="roc_auc"))
        began = time.monotonic()
        run = store.submit("train", {"dataset": table, "seconds": seconds}, "Train")
        first = until(lambda: any(trial.state == "done" for trial in store.run(run).trials), began)
        whole = until(lambda: not store.job(run).active, began)
        done = sum(trial.state == "done" for trial in store.run(run).trials)
    said = f"first row after {first:.1f} s (promise: 5), {done} models in {whole:.1f} s of {seconds:.0f} s"
    return f"training on {ROWS:,} × {COLUMNS}", said


def pages() -> tuple[str, str]:
    """Seconds from starting the server of the pages until it answers."""
    with tempfile.TemporaryDirectory() as home:
        began = time.monotonic()
        words = [sys.executable, "-m", "mlcore", "ui"]
        variables = {**os.environ, "TABLESMITH_HOME": home, "TABLESMITH_PORT": "8599", "TABLESMITH_WORKER": "none"}
        server = subprocess.Popen(words, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            seconds = until(answers, began)
        finally:
            server.terminate()
            server.wait()
    return "server answers", f"{seconds:.1f} s after its start"


def explaining() -> tuple[str, str]:
    """One view of 500 rows of a LightGBM model, once everything is compiled."""
    import mlcore
    from mlcore.explanation import explain
    from mlcore.learning.model import Model

    with tempfile.TemporaryDirectory() as home:
        os.environ["TABLESMITH_HOME"] = home
        made = mlcore.train(made_up(), "answer", seconds=30, models=("lightgbm",))
        model = Model.load(Path(home) / "runs" / made.run.id / "trials" / "lightgbm" / "model")
        explain(model, made_up(100), rows=20)
        began = time.monotonic()
        shown = explain(model, made_up(2_000), rows=500)
    rate = len(shown.rows) / (time.monotonic() - began)
    return "explaining LightGBM", f"{len(shown.rows)} rows, {rate:.0f} rows/s, off by {shown.additivity_error:.0e}"


def answers() -> bool:
    """Whether the server on the benchmark's port is healthy."""
    from urllib.request import urlopen

    try:
        return bool(urlopen("http://127.0.0.1:8599/_stcore/health", timeout=1).status == 200)
    except OSError:
        return False


@contextmanager
def working() -> Iterator[Any]:
    """A workspace of its own with a warm worker."""
    from mlcore.workspace.store import Store

    with tempfile.TemporaryDirectory() as home:
        os.environ["TABLESMITH_HOME"] = home
        worker = subprocess.Popen([sys.executable, "-m", "mlcore", "worker"], stderr=subprocess.DEVNULL)
        store = Store.open(Path(home))
        time.sleep(8)
        try:
            yield store
        finally:
            worker.terminate()
            worker.wait()
            store.close()


def until(true: Callable[[], bool], began: float, limit: float = 300.0) -> float:
    """Seconds since `began` at which `true` became so."""
    while not true():
        if time.monotonic() - began > limit:
            raise TimeoutError
        time.sleep(0.05)
    return time.monotonic() - began


def main(names: list[str]) -> None:
    """Print the measurements named, or all."""
    for measure in (importing, pages, training, explaining):
        if not names or measure.__name__ in names:
            what, said = measure()
            print(f"{what:<28} {said}", flush=True)
    print(json.dumps({"load": os.getloadavg()[0]}))


if __name__ == "__main__":
    main(sys.argv[1:])
