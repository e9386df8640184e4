"""How fast and in how much memory a large text table enters, against polars, duckdb and pyarrow: `make bench-data`.

    python -m tests.benchmarks.data [--quick] [--times 3] [--folder /tmp]

Every contestant reads the same made-up file in a process of its own, in turns, so that a noisy machine is noisy for
all: compare the figures of one run. Memory is that of the process and its children together, looked at 50 times a
second. Prints; asserts nothing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import psutil

SMALL_ROWS, LARGE_ROWS = 2_000_000, 10_000_000
_AT_ONCE = 500_000
_OURS = "tablesmith load"

CONTESTANTS = {
    _OURS: """
from pathlib import Path
from mlcore.data.load import load
card = load({file!r}, out=Path({out!r}))
rows = card.rows
""",
    "polars read": """
import polars as pl
rows = pl.read_csv({file!r}, try_parse_dates=True, infer_schema_length=10_000).height
""",
    "polars sink": """
import polars as pl
frame = pl.scan_csv({file!r}, try_parse_dates=True, infer_schema_length=10_000)
frame.sink_parquet({out!r}, engine="streaming")
rows = pl.scan_parquet({out!r}).select(pl.len()).collect().item()
""",
    "duckdb → arrow": """
import duckdb
rows = duckdb.sql("SELECT * FROM read_csv({file!r})").to_arrow_table().num_rows
""",
    "duckdb → parquet": """
import duckdb
made = duckdb.execute("COPY (SELECT * FROM read_csv({file!r})) TO {out!r} (FORMAT parquet)").fetchall()
rows = made[0][0]
""",
    "pyarrow read": """
from pyarrow import csv
rows = csv.read_csv({file!r}).num_rows
""",
}
_PROFILE = """
import time
from pathlib import Path
from mlcore.data.load import load
from mlcore.data.profile import profile
card = load({file!r}, out=Path({out!r}))
began = time.monotonic()
profile(Path(card.path), card.schema)
seconds, rows = time.monotonic() - began, card.rows
"""
_TIMED = """
import time
began = time.monotonic()
{body}
print(rows, time.monotonic() - began, time.process_time())
"""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One reading: rows found, seconds without the start of Python, seconds of work on all cores together, megabytes
    of the whole process tree.
    """

    rows: int
    seconds: float
    work: float
    megabytes: float


def main() -> None:
    """Write the files, let everyone read them, print a table each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the 300 MB file only, once")
    parser.add_argument("--times", type=int, default=3, help="how often everyone reads each file")
    parser.add_argument("--folder", type=Path, default=None, help="where the files are written, and deleted again")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="bench-data-") as folder:
        compare(Path(folder), SMALL_ROWS, 1 if asked.quick else asked.times)
        if not asked.quick:
            compare(Path(folder), LARGE_ROWS, asked.times)
            profiling(Path(folder))


def compare(folder: Path, rows: int, times: int) -> None:
    """Everyone reads a file of so many rows, in turns."""
    file = folder / f"{rows}.csv"
    write_mixed(file, rows)
    size = file.stat().st_size
    turns: dict[str, list[Turn]] = {name: [] for name in CONTESTANTS}
    for _ in range(times):
        for name, body in CONTESTANTS.items():
            turns[name].append(taken(body, file, folder / "out.parquet", _TIMED))
    file.unlink()
    print(f"\n{rows:,} rows × 20 columns, {size / 1e6:,.0f} MB, {times} times each (median)")
    fastest = min(median(turn.seconds for turn in found) for name, found in turns.items() if name != _OURS)
    print(f"{'':18}{'seconds':>9}{'CPU s':>8}{'MB/s':>8}{'peak MB':>9}{'speed of the fastest':>22}")
    for name, found in turns.items():
        seconds, peak = median(turn.seconds for turn in found), max(turn.megabytes for turn in found)
        work = median(turn.work for turn in found)
        print(f"{name:18}{seconds:9.2f}{work:8.2f}{size / 1e6 / seconds:8.0f}{peak:9.0f}{fastest / seconds:22.2f}")


def profiling(folder: Path, rows: int = 1_000_000) -> None:
    """The profile of a stored table of so many rows and fifty columns."""
    file = folder / "wide.csv"
    write_wide(file, rows, 50)
    turn = taken(_PROFILE, file, folder / "out.parquet", "{body}\nprint(rows, seconds, time.process_time())")
    print(
        f"\nprofile of {turn.rows:,} × 50: {turn.seconds:.1f} s (promise: 10), peak {turn.megabytes:.0f} MB with load"
    )
    file.unlink()


def taken(body: str, file: Path, out: Path, frame: str) -> Turn:
    """Run one contestant in a process of its own and watch its memory."""
    code = frame.format(body=body.format(file=str(file), out=str(out)))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process.pid, peak))
    watcher.start()
    printed, _ = process.communicate()
    watcher.join()
    out.unlink(missing_ok=True)
    if process.returncode:
        raise SystemExit(f"a contestant failed:\n{code}")
    rows, seconds, work = printed.split()[-3:]
    return Turn(rows=int(rows), seconds=float(seconds), work=float(work), megabytes=peak[0])


def _watch(process: int, peak: list[float]) -> None:
    try:
        parent = psutil.Process(process)
        while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
            family = (parent, *parent.children(recursive=True))
            peak[0] = max(peak[0], sum(_resident(member) for member in family) / 1e6)
            time.sleep(0.02)
    except psutil.NoSuchProcess:
        return


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def write_mixed(path: Path, rows: int, seed: int = 0) -> None:
    """Twenty columns as sales tables have them: whole numbers, decimals, dates, categories, text and gaps."""
    chance = np.random.default_rng(seed)
    with path.open("wb") as out:
        for start in range(0, rows, _AT_ONCE):
            part = _mixed(chance, start, min(_AT_ONCE, rows - start))
            part.write_csv(out, include_header=start == 0, datetime_format="%Y-%m-%d %H:%M:%S")


def write_wide(path: Path, rows: int, columns: int, seed: int = 0) -> None:
    """Three of five columns decimals, one whole numbers, one categories; a tenth of the first is missing."""
    chance = np.random.default_rng(seed)
    with path.open("wb") as out:
        for start in range(0, rows, _AT_ONCE):
            size = min(_AT_ONCE, rows - start)
            made = {f"c{place}": _any_kind(chance, place, size) for place in range(columns)}
            part = pl.DataFrame(made).with_columns(_gaps(chance, size, "c0", 0.1))
            part.write_csv(out, include_header=start == 0, datetime_format="%Y-%m-%d %H:%M:%S")


def _any_kind(chance: np.random.Generator, place: int, size: int) -> pl.Series:
    if place % 5 == 3:
        return pl.Series(chance.integers(0, 10 ** (1 + place % 6), size))
    if place % 5 == 4:
        return pl.Series(chance.integers(0, 10 + place, size)).cast(pl.String) + " level"
    return pl.Series(chance.normal(size=size).round(3))


def _mixed(chance: np.random.Generator, start: int, size: int) -> pl.DataFrame:
    def whole(low: int, high: int) -> pl.Series:
        return pl.Series(chance.integers(low, high, size))

    def one_of(levels: list[str]) -> pl.Series:
        return pl.Series(levels).gather(whole(0, len(levels)))

    def decimal(mean: float, spread: float, digits: int) -> pl.Series:
        return pl.Series(chance.normal(mean, spread, size).round(digits))

    day = pl.Series(np.datetime64("2019-01-01", "D") + chance.integers(0, 2000, size))
    second = chance.integers(0, 170_000_000, size)
    moment = pl.Series(np.datetime64("2019-01-01", "ms") + 1000 * second)
    words = ["late", "blue, not red", "ok", "asked twice", "Größe M", 'the "best" one', "returned", "none left"]
    cities = [f"City {place:03d}" for place in range(500)]
    frame = pl.DataFrame(
        {
            "order_id": np.arange(start + 1, start + size + 1),
            "customer": whole(100_000, 2_000_000),
            "ordered": day,
            "shipped": moment,
            "country": one_of(["DE", "FR", "US", "IT", "ES", "GB", "NL", "PL", "SE", "CH"]),
            "city": one_of(cities),
            "channel": one_of(["web", "shop", "phone", "partner"]),
            "product": "P-" + whole(0, 50_000).cast(pl.String).str.zfill(6),
            "postcode": whole(0, 99_999).cast(pl.String).str.zfill(5),
            "quantity": whole(1, 30),
            "price": decimal(80, 25, 2),
            "discount": decimal(0.1, 0.02, 3),
            "weight": decimal(3, 1, 3),
            "latitude": decimal(48, 5, 5),
            "longitude": decimal(9, 5, 5),
            "rating": whole(1, 6),
            "age": whole(18, 95),
            "member": one_of(["yes", "no"]),
            "comment": one_of(words) + " / " + one_of(words),
            "answer": one_of(["kept", "sent back"]),
        }
    )
    return frame.with_columns(
        *(_gaps(chance, size, name, share) for name, share in (("discount", 0.3), ("rating", 0.2), ("age", 0.05))),
        *(_gaps(chance, size, name, share) for name, share in (("comment", 0.5), ("shipped", 0.02), ("city", 0.01))),
    )


def _gaps(chance: np.random.Generator, size: int, name: str, share: float) -> pl.Expr:
    return pl.when(pl.Series(chance.random(size) >= share)).then(pl.col(name)).alias(name)


if __name__ == "__main__":
    main()
