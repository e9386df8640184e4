"""The proven graph of a model, kept beside it: single rows are answered by it in a fraction of the time.

It is taken out of a bundle after that was proven, and counts only for the very files that it was drawn from. Where a
decision might tip within the difference that its gate allows, the pipelines are asked instead: the screen decides as a
scored file does.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import files
from mlcore.evaluation.predictions import Floats
from mlcore.handoff.shipped import quick
from mlcore.handoff.shipped.quick import Quick
from mlcore.learning.scoring import Scorer, conform, typed

KEPT, OF = "graph", "of.json"
GRAPH = ("model.onnx", "onnx.json")
DRAWN_FROM = ("model.skops", "scoring.json")
MOST_LABELS = 20
"""Of more labels the pipelines are asked: to see that nothing tips, every label is moved by itself."""


def keep(model: Path, bundle: Path, hashes: Mapping[str, str]) -> bool:
    """Keep the graph of a proven bundle, a zip or a folder, beside the model that it was made from; whether it has one.

    `hashes` are those of the files in the bundle.
    """
    place = model.with_name(KEPT)
    if GRAPH[0] not in hashes or any(hashes[name] != files.sha256(model / name) for name in DRAWN_FROM):
        shutil.rmtree(place, ignore_errors=True)
        return False
    with files.whole_folder(place) as unfinished:
        for name in GRAPH:
            (unfinished / name).write_bytes(_inside(bundle, name))
        told = {name: hashes[name] for name in (*GRAPH, *DRAWN_FROM)}
        (unfinished / OF).write_text(json.dumps(told), encoding="utf-8")
    return True


def _inside(bundle: Path, name: str) -> bytes:
    if bundle.is_dir():
        return (bundle / name).read_bytes()
    with zipfile.ZipFile(bundle) as packed:
        return packed.read(name)


def mark(model: Path) -> int:
    """Another number whenever another graph is kept; 0 where there is none."""
    try:
        return (model.with_name(KEPT) / OF).stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def load(model: Path) -> Quick | None:
    """The graph of a model folder; None where none is kept that was drawn from it, or ONNX Runtime is not installed."""
    place = model.with_name(KEPT)
    try:
        told = json.loads((place / OF).read_text(encoding="utf-8"))
        now = {name: files.sha256((place if name in GRAPH else model) / name) for name in (*GRAPH, *DRAWN_FROM)}
        return quick.load(place) if told == now else None
    except FileNotFoundError:  # none is kept, or another one takes its place just now
        return None


def answers(scorer: Scorer, graph: Quick, table: pd.DataFrame) -> pd.DataFrame:
    """As `Scorer.frame`: the output columns for raw rows, with numbers that differ by no more than the gate allows."""
    ready = typed(scorer.prepared(table), scorer.fields)
    inside = conform(ready, scorer.fields)
    values = np.asarray(graph.values(quick.parts_of(inside)), dtype=np.float64)
    if not _certain(scorer, values, table, graph.tolerance):
        values = scorer.values_of(inside)
    return scorer.answers(values, table, scorer.noticed(ready, table))


def _certain(scorer: Scorer, values: Floats, table: pd.DataFrame, tolerance: float) -> bool:
    """Whether the same is decided wherever within the tolerance the probabilities lie; numbers decide nothing."""
    if not scorer.labels:
        return True
    if len(scorer.labels) > MOST_LABELS:
        return False
    said = _words(scorer.decided(values, table))
    moves = tolerance * (2.0 * np.eye(len(scorer.labels)) - 1.0)
    return all(_words(scorer.decided(values + move, table)) == said for move in moves)


def _words(columns: Mapping[str, Any]) -> list[list[Any]]:
    """What is decided, but for the probabilities."""
    return [list(columns[name]) for name in columns if not name.startswith("probability_")]
