"""Encoded rows kept for the candidates that take them in alike, so that each fold is encoded once and not for each.

Kept in the run's own folder and read by the run's own processes only: what is read is unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.blocks import INTAKES, MOST_CELLS, Picked, in_blocks
from mlcore.learning.encode import Wish, encoder
from mlcore.learning.wide import telling

MOST_BYTES = 500_000_000
WORTH_SECONDS = 0.05  # what is encoded quicker is not kept
SEEN = 200  # rows whose cells tell one table from another


def encoded(
    cache: Path | None,
    fields: Sequence[Mapping[str, Any]],
    wish: Wish,
    rows: Picked,
    y: Floats | Integers,
    weights: Floats | None = None,
) -> tuple[Any, Any]:
    """The encoder fitted on these rows (internal columns) and their encoded form; None as `cache` keeps nothing.

    `weights`, what each row counts, are looked at where the wish is for how `common` categories are. Two processes may
    ask for the same at once: both then make it, and either file is whole. When the folder holds `MOST_BYTES`, no more
    is kept.
    """
    weights = weights if wish.common else None
    path = None if cache is None else cache / f"{_key(fields, wish, rows, y, weights)}.joblib"
    kept = None if path is None else _read(path)
    if kept is not None:
        return kept
    start = time.perf_counter()
    told = telling(fields, rows.columns, y, classes=wish.classes, most=wish.most)
    made = encoder(told, wish, weights)
    rows = rows.of([field["id"] for field in told]) if len(told) < len(fields) else rows
    light = [field["id"] for field in told if wish.sparse and field.get("light")]
    if wish.intake in INTAKES and rows.cells > MOST_CELLS and not light:
        made, X = in_blocks(made, rows, y)
    else:
        X = made.fit_transform(rows.part(light=light), y)
    if path is not None and time.perf_counter() - start > WORTH_SECONDS:
        _keep(path, (made, X))
    return made, X


def _key(
    fields: Sequence[Mapping[str, Any]], wish: Wish, rows: Picked, y: Floats | Integers, weights: Floats | None
) -> str:
    """The same for the same fields, wish, targets, weights and rows: their numbers, and the cells of some."""
    some = rows.part(step=max(1, len(rows.places) // SEEN))
    parts = (
        records.to_json([dict(field) for field in fields]),
        asdict(wish),
        list(rows.table.columns),
        _digest(some),
        hashlib.sha256(rows.table.index[rows.places].to_numpy().tobytes()).hexdigest(),
        hashlib.sha256(y.tobytes()).hexdigest(),
        None if weights is None else hashlib.sha256(weights.tobytes()).hexdigest(),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _digest(rows: pd.DataFrame) -> str:
    """Of the cells; numbers all at once, as there may be thousands of columns."""
    numbers = rows.select_dtypes("number")
    words = pd.util.hash_pandas_object(rows.drop(columns=numbers.columns)).to_numpy().tobytes()
    return hashlib.sha256(np.ascontiguousarray(numbers.to_numpy()).tobytes() + words).hexdigest()


def _read(path: Path) -> tuple[Any, Any] | None:
    import joblib

    try:
        made, X = joblib.load(path)
    except Exception:  # not there, or not whole: it is made again
        return None
    return made, X


def _keep(path: Path, pair: tuple[Any, Any]) -> None:
    import joblib

    X = pair[1]
    size = X.data.nbytes + X.indices.nbytes if hasattr(X, "indices") else np.asarray(X).nbytes
    with contextlib.suppress(OSError):  # a full disk, or a folder that is being cleared: then it is made again
        path.parent.mkdir(parents=True, exist_ok=True)
        if size + sum(file.stat().st_size for file in path.parent.glob("*.joblib")) <= MOST_BYTES:
            with files.whole(path, lasting=False) as temporary:
                joblib.dump(pair, temporary)
