"""The model of a bundle as the service asks it: JSON rows in, answers out, by the quickest way that is proven."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from mlcore.handoff.shipped.quick import Quick, gaps, load
from mlcore.handoff.shipped.rows import Cells, Floats, Reader, RowsError
from mlcore.handoff.shipped.service.answers import Answers, Prediction, together, written
from mlcore.learning.obeying import FORMAT, answered, bounded

EXACT = 1e-9
"""How far answers of the stored model may be from the trained model's; those of its graph: as onnx.json says."""

MOST_CELLS = 150_000
"""Cells of golden rows that are sent as requests are; of more, rows evenly spread over them."""

PIECE = 2_000
"""Rows of a batch that the graph scores while the next are read and the ones before are written."""

Reasons = Callable[[Cells], list[list[str]]]
"""The reasons of each row."""


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

    def answers(self, rows: Sequence[Any], reasons: Reasons | None = None) -> Answers:
        """What the model says about rows of JSON, and what its policy makes of it; `RowsError` names bad cells."""
        quick, scored = self._quick, self._scored(rows)
        if quick is not None and len(rows) > PIECE:
            scored = self._pieces(quick, rows)
        return together([self._told(*one, reasons) for one in scored])

    def _scored(self, rows: Sequence[Any]) -> Iterator[tuple[Cells, Floats | None]]:
        """The cells and what the model says of them; None where the recipe comes first."""
        cells = self.reader.read(rows)
        if cells.count:
            yield cells, None if self.way == "recipe" else self._values(cells)

    def _pieces(self, quick: Quick, rows: Sequence[Any]) -> Iterator[tuple[Cells, Floats | None]]:
        """The same piece by piece: while the graph scores one, the next is read and the one before is written."""
        with ThreadPoolExecutor(1, "graph") as graph:
            begun = []
            try:
                for start in range(0, len(rows), PIECE):
                    cells = self.reader.read(rows[start : start + PIECE])
                    begun.append((cells, graph.submit(quick.values, cells.parts())))
            except RowsError:
                graph.shutdown(cancel_futures=True)
                self.reader.read(rows)  # names bad cells by their place among all rows
                raise
            for cells, values in begun:
                yield cells, values.result()

    def _told(self, cells: Cells, values: Floats | None, reasons: Reasons | None) -> Answers:
        columns = self._framed(cells) if values is None else self._decided(values, cells)
        return written(columns, self.labels, reasons and reasons(cells))

    @property
    def tolerance(self) -> float:
        """How far what it says may be from what the trained model said."""
        return EXACT if self._quick is None else max(self._quick.tolerance, EXACT)

    def golden_rows(self) -> list[dict[str, Any]]:
        """The golden rows as JSON has them; of very many columns some of the rows."""
        given = self._golden("input")
        return [dict(zip(given, map(_as_json, cells), strict=True)) for cells in zip(*given.values(), strict=True)]

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
    """As scoring.policy_of reads it."""
    path = folder / "policy.json"
    policy = _read(path) if path.is_file() else {"threshold": spec.get("threshold", 0.5)}
    if policy.get("format", 1) > FORMAT:
        raise ValueError(f"this policy has format {policy['format']}; only formats up to {FORMAT} can be read here")
    return policy


def _as_json(cell: Any) -> Any:
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
