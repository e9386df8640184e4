"""The model of a bundle as the service asks it: JSON rows in, answers out, by the quickest way that is proven."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.handoff.shipped.quick import gaps, load
from mlcore.handoff.shipped.rows import Cells, Floats, Reader
from mlcore.learning.obeying import answered, bounded

EXACT = 1e-9
"""How far answers of the stored model may be from the trained model's; those of its graph: as onnx.json says."""

MOST_CELLS = 150_000
"""Cells of golden rows that are sent as requests are; of more, rows evenly spread over them."""

Prediction = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What became of the golden rows: how far they are from what the trained model said, and how far they may be."""

    rows: int
    difference: float
    tolerance: float
    seconds: float
    note: str = ""

    @property
    def ok(self) -> bool:
        """Whether the service may answer."""
        return not self.note and self.difference <= self.tolerance


class Served:
    """A model in memory. `way` is how it scores: "onnx", "scoring", or "recipe" where rows are repaired first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.spec = _read(folder / "scoring.json")
        self.schema = _read(folder / "schema.json")
        self.manifest = _read(folder / "manifest.json")
        self.labels: list[str] = self.spec["labels"]
        recipe = _read(folder / "recipe.json") if (folder / "recipe.json").is_file() else None
        self._scorer: Any = None
        self._quick = None if recipe or any(field.get("lessons") for field in self.spec["fields"]) else load(folder)
        if self._quick is None:
            from mlcore.learning.scoring import Scorer

            self._scorer = Scorer.load(folder)
        self.way = "recipe" if recipe else "scoring" if self._quick is None else "onnx"
        self.policy = _policy(folder, self.spec)
        fields = recipe["inputs"] if recipe else self.spec["fields"]
        self.reader = Reader(fields, self.policy.get("wanted") or ())

    @property
    def card(self) -> dict[str, Any]:
        """Which model it is."""
        told = {key: self.manifest[key] for key in ("title", "task", "target", "run", "model", "made")}
        return {**told, "way": self.way}

    @property
    def yes(self) -> int | None:
        """The place of the label that counts as yes; None where there are several, or none."""
        return self.labels.index(self.spec["positive"]) if self.spec["task"] == "binary" else None

    def answers(self, cells: Cells) -> list[Prediction]:
        """What the model says about rows that were read, and what its policy makes of it."""
        if not cells.count:
            return []
        columns = self._framed(cells) if self.way == "recipe" else self._decided(self._values(cells), cells)
        return _listed(columns, self.labels)

    @property
    def tolerance(self) -> float:
        """How far what it says may be from what the trained model said."""
        return EXACT if self._quick is None else max(self._quick.tolerance, EXACT)

    def golden_rows(self) -> list[dict[str, Any]]:
        """The golden rows as JSON has them; of very many columns some of the rows."""
        given = self._golden("input")
        return [dict(zip(given, map(_written, cells), strict=True)) for cells in zip(*given.values(), strict=True)]

    def distance(self, predictions: Sequence[Prediction]) -> float:
        """How far predictions for the golden rows are from what the trained model said of them."""
        said = [list(one["probabilities"].values()) if self.labels else one["prediction"] for one in predictions]
        return self._gap(np.asarray(said, dtype=np.float64), self._said(self._expected()))

    def replay(self) -> Replayed:
        """Score the golden rows from JSON as requests are, and compare with what the trained model said."""
        started = time.perf_counter()
        rows, expected = self.golden_rows(), self._expected()
        cells = self.reader.read(json.loads(json.dumps(rows)))
        truth = self._said(expected)
        if self.way == "recipe":
            columns = self._framed(cells)
            gap = self._gap(self._said(columns), truth)
        else:
            gap = self._gap(self._values(cells), truth)
            columns = self._decided(truth, cells)  # a difference that is allowed may tip a decision
        note = "" if _same(columns, expected) else "what the policy makes of golden rows differs"
        seconds = round(time.perf_counter() - started, 3)
        return Replayed(rows=len(rows), difference=gap, tolerance=self.tolerance, seconds=seconds, note=note)

    def _expected(self) -> dict[str, list[Any]]:
        return self._golden("output")

    def _golden(self, name: str) -> dict[str, list[Any]]:
        import pyarrow.parquet as pq

        found = pq.read_table(self.folder / "golden" / f"{name}.parquet")
        most = max(1, MOST_CELLS // max(1, len(self.reader.fields)))
        if len(found) > most:
            found = found.take(np.linspace(0, len(found) - 1, most).astype(np.int64))
        columns: dict[str, list[Any]] = found.to_pydict()
        return columns

    def _gap(self, said: Floats, truth: Floats) -> float:
        return float(gaps(said, truth, self.tolerance).max(initial=0.0))

    def _values(self, cells: Cells) -> Floats:
        if self._quick is not None:
            return np.asarray(self._quick.values(cells.parts()), dtype=np.float64)
        import pandas as pd

        from mlcore.learning.scoring import settled

        frame = settled(pd.DataFrame(cells.parts()), self.spec["fields"])
        return np.asarray(self._scorer.values_of(frame), dtype=np.float64)

    def _decided(self, values: Floats, cells: Cells) -> dict[str, Any]:
        if self.labels:
            columns = answered(self.policy, values, self.labels, self.yes, cells.column)
        else:
            columns = bounded(self.policy, values, self.spec["interval"], cells.column)
        seen = cells.flags()
        return columns | {"flags": [one + two if two else one for one, two in zip(seen, columns["flags"], strict=True)]}

    def _framed(self, cells: Cells) -> dict[str, Any]:
        """By way of a table, as its recipe needs one."""
        import pandas as pd

        frame = self._scorer.frame(pd.DataFrame(cells.columns()))
        columns: dict[str, Any] = {str(name): frame[name].to_numpy() for name in frame}
        return columns | {"flags": [[code for code in row.split(";") if code] for row in frame["flags"]]}

    def _said(self, columns: Mapping[str, Any]) -> Floats:
        """The numbers that the model itself gave, out of columns of answers."""
        if not self.labels:
            return np.asarray(columns["prediction"], dtype=np.float64)
        return np.column_stack([np.asarray(columns[f"probability_{label}"], dtype=np.float64) for label in self.labels])


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _policy(folder: Path, spec: Mapping[str, Any]) -> dict[str, Any]:
    path = folder / "policy.json"
    return _read(path) if path.is_file() else {"threshold": spec.get("threshold", 0.5)}


def _listed(columns: Mapping[str, Any], labels: Sequence[str]) -> list[Prediction]:
    """One object a row."""
    said, flags = columns["prediction"].tolist(), columns["flags"]
    if not labels:
        names = [name for name in ("low", "high", "decision") if name in columns]
        ends = zip(*(columns[name].tolist() for name in names), strict=True)
        return [
            {"prediction": number, **dict(zip(names, row, strict=True)), "flags": codes}
            for number, row, codes in zip(said, ends, flags, strict=True)
        ]
    shares = zip(*(columns[f"probability_{label}"].tolist() for label in labels), strict=True)
    found: list[Prediction] = [
        {"prediction": label, "probabilities": dict(zip(labels, row, strict=False)), "flags": codes}
        for label, row, codes in zip(said, shares, flags, strict=True)
    ]
    for answer, words in zip(found, columns.get("prediction_set", ()), strict=False):
        answer["prediction_set"] = words.split(";")
    return found


def _written(cell: Any) -> Any:
    """A cell of a table as JSON has it."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    return None if cell != cell else cell


def _same(columns: Mapping[str, Any], expected: Mapping[str, Any]) -> bool:
    """Whether words are equal, and numbers but for rounding."""
    if columns.keys() != expected.keys():
        return False
    return all(_equal(cells, expected[name]) for name, cells in columns.items())


def _equal(cells: Any, expected: Sequence[Any]) -> bool:
    if isinstance(expected[0], float):
        far = gaps(np.asarray(cells, dtype=np.float64), np.asarray(expected, dtype=np.float64), EXACT)
        return float(far.max(initial=0.0)) <= EXACT
    return [";".join(cell) if isinstance(cell, list) else str(cell) for cell in cells] == list(map(str, expected))
