"""`make parity`: every family of models and what is made of them, scored on every path, beside the model.

Writes docs/parity.md. One configuration of each family is fitted to a real table of each task, bundled, and proven as
any bundle is, as are a blend, a stack and a calibrated version: what stands in the table are the numbers of those
proofs. `ARGS="--models linear,tree"` does less, and
only prints.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # else threads that wait for each other count as CPU time

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd

from mlcore.data.load import load, read_table
from mlcore.data.samples import Sample, samples
from mlcore.errors import UserError
from mlcore.evaluation.metrics import METRICS
from mlcore.handoff import pins, proof
from mlcore.handoff.bundle import bundle
from mlcore.handoff.manifest import Proof
from mlcore.handoff.shipped import quick
from mlcore.learning import train
from mlcore.learning.calibrate import calibrate
from mlcore.learning.ensemble import Mix, blend, pool, store_mix
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS
from mlcore.learning.planning import make_plan
from mlcore.learning.results import OutOfFold
from mlcore.learning.run import STACK, Trial
from mlcore.learning.scoring import Scorer, conform
from mlcore.learning.stack import learned
from tests.kept import KeptForks, KeptProver

ROOT = Path(__file__).parent.parent.parent
OUT = ROOT / "docs" / "parity.md"
TABLES = ("late_flights", "penguins", "departure_delays")
"""Of the samples: one for each task."""

ROWS = 400
"""Evenly spaced rows of a table; more make it slower and show the same."""

TURNS = 100

HEAD = """# Parity

How far every way to score is from the trained model, as `make parity` measured it.
Each family is fitted to a sample table of each task, bundled and proven like any bundle: its golden rows (each column
missing, unknown categories, extremes, every label) go through each path in a clean process, the service over HTTP, too.
*ONNX, gate* are the rows the graph was held to before it was let in: ordinary ones, gaps, every category, extremes, and
numbers on a threshold of the model and one step of 32 bits either side. A probability may be off by 5e-5 in ONNX, a
number by 1e-4 of the spread of predictions; everywhere else by 1e-9, and the service, which answers from the graph
where there is one, by as much as that. A stack is put together for the table even where it would not have paid.
Milliseconds are CPU time for one row of the model's own columns, on one thread.
"""


@dataclass(frozen=True)
class Line:
    """One model that was handed over: what was proven, what the graph's file says, and CPU milliseconds for a row."""

    trial: Trial
    proof: Proof
    told: dict[str, Any]
    slow: float
    fast: float | None
    seconds: float


def main(asked: argparse.Namespace) -> None:
    """All tables, or those asked for; replayed in forks of one clean process, which spares an import for each."""
    keys = asked.models.split(",") if asked.models else list(MODELS.keys)
    known = {sample.key: sample for sample in samples(ROOT / "sample_data")}
    parts = [HEAD, _about()]
    forks = KeptForks()
    with (
        closing(forks),
        mock.patch.object(proof, "CleanProcess", KeptProver(forks)),
        tempfile.TemporaryDirectory() as name,
    ):
        for table in asked.tables.split(","):
            parts.append(_section(known[table], list(lines(known[table], keys, Path(name))), keys))
            print(parts[-1], flush=True)
    if not asked.models and asked.tables == ",".join(TABLES):
        OUT.write_text("\n".join(parts), encoding="utf-8")


def lines(sample: Sample, keys: Sequence[str], folder: Path) -> Iterator[Line]:
    """One for each family that is made for the task, and for what was made of them."""
    run = _prepared(sample, keys, folder / sample.key)
    for candidate in run.candidates:
        trial = train.fit(run.path, candidate.key, deadline_seconds=300.0)
        if trial.state == "done":
            yield _handed_over(run, trial, folder)
        else:
            print(f"{trial.key}: {trial.reason}", flush=True)
    yield from (_handed_over(run, trial, folder) for trial in _made_of_them(run))


def _made_of_them(run: RunFolder) -> Iterator[Trial]:
    """A blend, a stack, and of two labels the first that a calibrator helps."""
    done = [trial for trial in run.trials() if trial.state == "done"]
    if (blended := blend(run.path)) is not None:
        yield blended
    if (layered := stacked(run)) is not None:
        yield layered
    for trial in done if len(run.labels) == 2 else ():
        with suppress(UserError):
            yield calibrate(run.path, trial.key)
            return


def stacked(run: RunFolder) -> Trial | None:
    """A stack as `learning.stack` makes it, but also where it does not pay; None without members."""
    able = pool(run, METRICS[run.plan.goal.metric])
    left = [OutOfFold.read(run, trial.key) for trial in able]
    parts = [part.values for part in left]
    layer = learned(parts, run.truth[left[0].chosen])
    members = tuple((able[place], float(layer.weights[place])) for place in np.flatnonzero(layer.weights))
    said = replace(left[0], values=layer.said(parts))
    mix = Mix(key=STACK, title=f"Stack of {len(members)} models", members=members, said=said, note="")
    return store_mix(run, replace(mix, stack=layer.stored), time.monotonic()) if members else None


def _prepared(sample: Sample, keys: Sequence[str], folder: Path) -> RunFolder:
    folder.mkdir()
    table = pd.read_csv(sample.path, dtype="str", keep_default_na=False)
    table.iloc[:: max(1, len(table) // ROWS)].to_csv(folder / "table.csv", index=False)
    dataset = load(folder / "table.csv", out=folder / "table.parquet")
    goal = Goal(target=sample.target, task=sample.task, metric="")  # type: ignore[arg-type]
    plan, _ = make_plan(read_table(dataset), dataset.schema, dataset.fingerprint, goal, seconds=600, models=keys)
    first = {candidate.model: candidate for candidate in reversed(plan.candidates)}
    chosen = tuple(candidate for candidate in plan.candidates if first[candidate.model] is candidate)
    validation = replace(plan.validation, method="folds", folds=2, repeats=1)
    train.prepare(Path(dataset.path), replace(plan, candidates=chosen, validation=validation), folder / "run")
    return RunFolder(folder / "run")


def _handed_over(run: RunFolder, trial: Trial, folder: Path) -> Line:
    out = folder / f"{run.path.parent.name}-{trial.key}"
    began = time.process_time()
    made = bundle(run.path, trial.key, out)
    seconds = time.process_time() - began
    assert made.proof is not None
    told = json.loads((out / "onnx.json").read_text(encoding="utf-8"))
    scorer, graph = Scorer.load(out), quick.load(out)
    frame = conform(scorer.prepared(pd.read_parquet(out / "golden" / "input.parquet")).head(1), scorer.fields)
    parts = quick.parts_of(frame)
    slow = _milliseconds(lambda: scorer.values_of(frame), TURNS // 10)
    fast = None if graph is None else _milliseconds(lambda: graph.values(parts), TURNS)
    print(f"{trial.key}: {seconds:.1f} s of CPU, graph {told.get('seconds')} s", flush=True)
    return Line(trial, made.proof, told, slow, fast, seconds)


def _milliseconds(answer: Callable[[], Any], turns: int) -> float:
    answer()
    took = []
    for _ in range(turns):
        began = time.process_time()
        answer()
        took.append(time.process_time() - began)
    return float(np.median(took)) * 1000


def _section(sample: Sample, found: Sequence[Line], keys: Sequence[str]) -> str:
    paths = {path.key: path.title for line in found for path in line.proof.paths}
    heads = [
        "model",
        "golden rows",
        *paths.values(),
        "ONNX, gate (rows, at thresholds)",
        "allowed",
        "ms a row: Python → ONNX",
    ]
    body = [_row(line, list(paths)) for line in found]
    table = [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *body)]
    tried = {line.trial.model for line in found}
    absent = ", ".join(MODELS[key].title for key in keys if key not in tried)
    more = f"\nNot made for this task, or not for such a table: {absent}.\n" if absent else ""
    return f"## {sample.task.capitalize()}: {sample.title.lower()}\n\n" + "\n".join(table) + "\n" + more


def _row(line: Line, paths: Sequence[str]) -> list[str]:
    proven = {path.key: path for path in line.proof.paths}
    cells = [line.trial.title, f"{line.proof.rows:,}"]
    cells += [_far(proven[key].difference) if key in proven else "not there" for key in paths]
    gate = line.told.get("gate")
    if gate is None or line.fast is None:
        return [*cells, str(line.told["why"]), "", f"{line.slow:.2f}"]
    cells.append(f"{_far(gate['difference'])} ({gate['rows']:,}, {gate['edges']:,})")
    return [*cells, f"{gate['tolerance']:.1e}", f"{line.slow:.2f} → {line.fast:.3f}"]


def _far(difference: float) -> str:
    return f"{difference:.1e}" if difference else "0"


def _about() -> str:
    names = ("scikit-learn", "lightgbm", "xgboost", "catboost", "onnx", "onnxruntime")
    versions = ", ".join(f"{name} {pins.installed(name)}" for name in names)
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{datetime.now(UTC).date()}, {system}: {versions}. Up to {ROWS:,} rows of each table.\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="", help="keys of models (default: all, and docs/parity.md is written)")
    parser.add_argument("--tables", default=",".join(TABLES))
    main(parser.parse_args())
