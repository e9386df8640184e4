"""Does the graph say what the model says, where they could differ? Asked of the real graph before anyone gets it.

Ordinary rows hide a wrong threshold: of a stock conversion of histogram boosting all of 200 ordinary rows agreed, and
37 of 90 rows at thresholds did not. So the rows here are ordinary ones and, made from them: each column missing; a
category that nobody knows, and each that the model knows; the ends, zero and a million millions; and numbers on a
threshold of the model, and one step of 32 bits either side of it, as many as there is room for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats
from mlcore.handoff.shipped import quick
from mlcore.learning.scoring import LARGEST, MISSING, Scorer, conform

NEAR = 5e-5
"""How far a probability may be from the model's own; of a number, `SHARE` of the spread of ordinary predictions."""

SHARE = 1e-4
MOST_ROWS, CELLS = 3_000, 600_000
EACH = 40
"""Categories and thresholds of a column that are tried, at most; of more, evenly spaced ones."""

FAR = float(np.float32(1e12))
AT_EDGES = "rows at its thresholds"
STRANGE = "␀ nobody knows this"
_TINY = 1e-9

Edit = tuple[tuple[str, Any], ...]
"""Internal columns and what they are to hold instead."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """How far the graph was from the model: over all `rows`, and on the `edges` of them that sit at thresholds.

    `tolerance` is what it may be, in the unit of the output; `where` says which rows differ most when it is more.
    """

    ok: bool
    rows: int
    edges: int
    difference: float
    tolerance: float
    where: str = ""


def held(scorer: Scorer, graph: quick.Quick, table: pd.DataFrame, cuts: Mapping[str, Floats]) -> Gate:
    """Compare graph and model on rows made from those of `table`, which come as rows to score do."""
    base = conform(scorer.prepared(table), scorer.fields)
    edits = [("ordinary rows", ())] * len(base) + _spread(list(_edits(scorer, base, cuts)), _room(base) - len(base))
    frame = _edited(base, [edit for _, edit in edits])
    wanted = scorer.values_of(frame)
    limit = tolerance(wanted[: len(base)], bool(scorer.labels))
    far = quick.gaps(graph.values(quick.parts_of(frame)), wanted, limit)
    ok = bool((far <= limit).all())
    where = "" if ok else edits[int(np.argmax(far))][0]
    at_edges = sum(kind == AT_EDGES for kind, _ in edits)
    return Gate(ok=ok, rows=len(frame), edges=at_edges, difference=float(far.max()), tolerance=limit, where=where)


def tolerance(values: Floats, labels: bool) -> float:
    """How far an output may be from these, which the model said of ordinary rows."""
    if labels:
        return NEAR
    return max(SHARE * float(values.std()), _TINY * float(np.abs(values).max(initial=1.0)))


def _room(base: pd.DataFrame) -> int:
    return max(len(base) + 200, min(MOST_ROWS, CELLS // max(1, base.shape[1])))


def _spread(edits: Sequence[tuple[str, Edit]], room: int) -> list[tuple[str, Edit]]:
    """So many of them, of each kind a fair part."""
    by_kind: dict[str, list[tuple[str, Edit]]] = {}
    for edit in edits:
        by_kind.setdefault(edit[0], []).append(edit)
    kept: list[tuple[str, Edit]] = []
    for left, found in zip(range(len(by_kind), 0, -1), sorted(by_kind.values(), key=len), strict=True):
        kept += _even(found, max(1, (room - len(kept)) // left))
    return kept


def _even(values: Sequence[Any], most: int) -> list[Any]:
    step = max(1.0, len(values) / most)
    return [values[math.floor(place * step)] for place in range(min(most, len(values)))]


def _edits(scorer: Scorer, base: pd.DataFrame, cuts: Mapping[str, Floats]) -> Iterator[tuple[str, Edit]]:
    """What to do to rows, and what kind of oddity that is."""
    yield "rows without any cell", tuple(edit for field in scorer.fields for edit in _gone(field, base))
    for field in scorer.fields:
        name = str(field["id"])
        yield "rows with a gap", _gone(field, base)
        if field["kind"] in ("category", "text"):
            yield "rows with an unknown category", ((name, STRANGE),)
            for word in _even(sorted(map(str, field.get("categories") or base[name].unique())), EACH):
                yield "rows with each category", ((name, word),)
    numbers = [name for name in base.columns if pd.api.types.is_numeric_dtype(base[name].dtype)]
    for name in numbers:
        if name.endswith("_missing"):
            continue
        known = base[name].dropna()
        ends = [float(known.min()), float(known.max())] if len(known) else []
        for value in (*ends, 0.0, FAR, -FAR):
            yield "rows with extremes", ((name, value),)
        for cut in _even(list(cuts.get(name, ())), EACH):
            for value in beside(float(cut)):
                yield AT_EDGES, ((name, value),)


def beside(cut: float) -> tuple[float, float, float]:
    """The 32-bit number at or next to a threshold, and its neighbours: at least one on either side of it."""
    at = np.float32(np.clip(cut, -LARGEST, LARGEST))
    low, high = (max(-LARGEST, min(LARGEST, float(np.nextafter(at, np.float32(end))))) for end in (-LARGEST, LARGEST))
    return low, float(at), high


def _gone(field: Mapping[str, Any], base: pd.DataFrame) -> Edit:
    """The parts of a field as `conform` makes them of an empty cell."""
    name = str(field["id"])
    mine = [column for column in base.columns if column == name or column.startswith(f"{name}_")]
    mine += [column for column in base.columns if column.endswith(f"_since{name}")]
    empty = {"category": MISSING, "text": ""}.get(field["kind"], np.nan)
    return tuple((column, 1.0 if column == f"{name}_missing" else empty) for column in mine)


def _edited(base: pd.DataFrame, edits: Sequence[Edit]) -> pd.DataFrame:
    """The rows of `base`, over and over, each with its edit."""
    places = np.arange(len(edits)) % len(base)
    cells = {name: base[name].to_numpy()[places].copy() for name in base.columns}
    for row, edit in enumerate(edits):
        for name, value in edit:
            cells[name][row] = value
    return pd.DataFrame(cells, copy=False)
