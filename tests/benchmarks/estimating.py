"""The estimate before training held against what happens, by hand: `python -m tests.benchmarks.estimating`.

Takes as arguments the seconds a run may take and tables as NAME=FILE=TARGET. Trains the portfolio without the search
and compares CPU seconds, never the clock, as far as the seconds allow them; tables of 2,000 rows or more only, because
on smaller ones further rounds of folds take whatever time there is.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

import mlcore
from mlcore.learning.run import Run
from tests.benchmarks.__main__ import made_up

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
TABLES = (
    ("delays", SAMPLES / "departure_delays.csv", "mean_delay_minutes"),
    ("flights", SAMPLES / "late_flights.csv", "late"),
)


def main() -> None:
    """Print one line a table: expected and true CPU seconds, megabytes of memory and of disk."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 900.0
    named = [tuple(word.split("=")) for word in sys.argv[2:]] or [(*one,) for one in TABLES]
    print(f"{'table':<12}{'CPU s':>16}{'first s':>14}{'memory MB':>18}{'disk MB':>16}   done of all")
    for name, file, target in named:
        print(_line(str(name), Path(file), str(target), seconds), flush=True)
    if len(sys.argv) <= 2:
        for rows in (3_000, 20_000):
            with tempfile.TemporaryDirectory() as folder:
                made_up(rows).to_parquet(Path(folder) / "t.parquet")
                print(_line(f"made {rows}", Path(folder) / "t.parquet", "answer", seconds), flush=True)


def _line(name: str, file: Path, target: str, seconds: float) -> str:
    with tempfile.TemporaryDirectory() as home:
        os.environ["TABLESMITH_HOME"] = home
        dataset = mlcore.load(file)
        expected = mlcore.estimate(dataset, target, seconds=seconds)
        with _weighed() as peak:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            made = mlcore.train(dataset, target, seconds=seconds, search=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        disk = sum(p.stat().st_size for p in (Path(home) / "runs").rglob("*") if p.is_file()) / 1e6
    first = min(trial.ended or 0.0 for trial in made.run.trials if trial.state == "done")
    return (
        f"{name:<12}{_pair(min(expected.work, expected.cores * seconds), spent):>16}{_pair(expected.first, first):>14}"
        f"{_pair(expected.megabytes, peak[0]):>18}{_pair(expected.disk, disk):>16}   {_done(made.run)}"
    )


def _pair(expected: float, true: float) -> str:
    return f"{expected:.0f}/{true:.0f} {expected / max(true, 0.1):.1f}x"


def _done(run: Run) -> str:
    return f"{sum(trial.state == 'done' and not trial.weights for trial in run.trials)} of {len(run.trials)}"


@contextmanager
def _weighed() -> Iterator[list[float]]:
    """The most memory that the children hold together, shared pages counted once, looked at four times a second."""
    peak, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.25):
            held = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    held += child.memory_full_info().pss
                except psutil.Error:
                    continue
            peak[0] = max(peak[0], held / 1e6)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    main()
