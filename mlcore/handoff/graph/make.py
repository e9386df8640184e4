"""model.onnx and onnx.json of a model folder: drawn, held to the model, written; or why not, in a sentence."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore import files, records
from mlcore.handoff import pins
from mlcore.handoff.graph.drawing import IR, MOST_BYTES, OPSET, Late, Refused
from mlcore.handoff.graph.gate import Gate, held
from mlcore.handoff.graph.size import nodes
from mlcore.handoff.graph.whole import Drawn, drawn
from mlcore.handoff.shipped import quick
from mlcore.learning.scoring import Scorer

FILE, TOLD = "model.onnx", "onnx.json"
LIBRARIES = ("onnx", "onnxruntime")
START_SECONDS, NODE_SECONDS, PAIR_SECONDS = 1.5, 1.2e-5, 6e-6
"""What the libraries take to load, what each node of a tree takes to be drawn, written, read and opened, and, for each
pair of columns, what holding the graph to the model takes: there are rows for every column. Measured with 1,000."""

ROWS = 400
"""Ordinary rows of the gate, at most."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """What came of it: `why` there is no graph, empty when there is one. `late`: only because there was no time."""

    why: str
    late: bool = False
    gate: Gate | None = None
    seconds: float = 0.0


def made(folder: Path, scorer: Scorer, table: pd.DataFrame, *, until: float | None = None) -> Made:
    """Draw the model of this folder, hold the graph to it on `table` and what is made of that, and write both files.

    Rows of `table` come as rows to score do. Nothing is drawn that would not be ready at the moment `until`
    (`time.monotonic`). A model that cannot be drawn, or whose graph says something else, has onnx.json only.
    """
    started = time.monotonic()
    try:
        graph, gate = _proven(scorer, table.iloc[:ROWS], until)
    except Refused as reason:
        late = isinstance(reason, Late)
        _write(folder, {"file": None, "why": str(reason), "late": late})
        return Made(why=str(reason), late=late, seconds=time.monotonic() - started)
    files.write_bytes(folder / FILE, graph.content)
    found = Made(why="", gate=gate, seconds=time.monotonic() - started)
    _write(
        folder, {"file": FILE, "why": "", **_told(scorer, graph), **_passed(gate), "seconds": round(found.seconds, 2)}
    )
    return found


def _proven(scorer: Scorer, table: pd.DataFrame, until: float | None) -> tuple[Drawn, Gate]:
    _in_time(scorer, until)
    graph = drawn(scorer)
    if len(graph.content) > MOST_BYTES:
        raise Refused(f"It is too large for ONNX: {len(graph.content) / 1e9:.1f} GB, where a file ends at 2 GB.")
    gate = held(scorer, quick.Quick(graph.content, _told(scorer, graph)), table, graph.cuts)
    if not gate.ok:
        raise Refused(
            f"The graph does not say what the model says: {gate.where} differ by up to {gate.difference:.2g}, and "
            f"{gate.tolerance:.2g} is allowed."
        )
    return graph, gate


def _in_time(scorer: Scorer, until: float | None) -> None:
    if until is None:
        return
    needed = START_SECONDS + NODE_SECONDS * sum(nodes(pipe.named_steps["model"]) for _, pipe in scorer.members)
    needed += PAIR_SECONDS * len(scorer.fields) ** 2
    if time.monotonic() + needed > until:
        raise Late(
            f"There was no time left for it: about {needed:.0f} seconds. `tablesmith export BUNDLE --format onnx` "
            "makes it."
        )


def _told(scorer: Scorer, graph: Drawn) -> dict[str, Any]:
    return {
        "task": scorer.spec["task"],
        "labels": scorer.labels,
        "numbers": list(graph.numbers),
        "words": list(graph.words),
        "opset": OPSET,
        "ir": IR,
        "nodes": graph.size,
        "megabytes": round(len(graph.content) / 1e6, 3),
    }


def _passed(gate: Gate) -> dict[str, Any]:
    versions = {name: pins.installed(name) or "" for name in LIBRARIES}
    return {"tolerance": gate.tolerance, "gate": records.to_json(gate), "versions": versions}


def _write(folder: Path, told: Mapping[str, Any]) -> None:
    text = json.dumps({"format": quick.FORMAT, **told}, indent=1, ensure_ascii=False)
    files.write_text(folder / TOLD, text + "\n")
