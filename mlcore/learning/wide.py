"""Tables of very many columns: which of them a fold learns from, and which are nearly all zero.

Learned from the rows of the fold alone; what is left out is simply not named in its encoder, so that a stored model
needs nothing more. That a column says most by itself is told as in Fan and Lv, "Sure independence screening for
ultrahigh dimensional feature space", JRSS B 2008: by its correlation with the target, of labels by the chi-squared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats, Integers

WIDE = 500
"""Tables of more columns are treated so; in others every column is kept."""

MOSTLY = 0.8
"""The share of zeros from which a column is kept as its other cells only."""

AT_ONCE, CELLS_AT_ONCE = 500, 10_000_000
PROBED = 15

Field = Mapping[str, Any]
Columns = Callable[[Any], Any]


def telling(
    fields: Sequence[Field], columns: Columns, y: Floats | Integers, *, classes: int, most: int
) -> list[dict[str, Any]]:
    """The fields to learn from; those whose cells are mostly zero are marked `light`.

    Left out are columns in which hardly a row differs from the others, those that repeat an earlier one, and, when
    there are more than `most` (0: no limit), those that go with the target least. `columns` gives internal columns by
    their name or names, `y` what they are held against, `classes` the number of labels (0: a number).
    """
    if len(fields) <= WIDE:
        return [dict(field) for field in fields]
    least = max(2, min(10, len(y) // 200))
    wanted = _aims(y, classes)
    seen: set[bytes] = set()
    kept: list[tuple[dict[str, Any], float]] = []
    for field, cells, strength in _cells(fields, columns, wanted):
        if cells is None:
            kept.append((dict(field), np.inf))
            continue
        print_ = hashlib.blake2b(cells.tobytes(), digest_size=16).digest()
        if print_ in seen or _differing(cells) < least:
            continue
        seen.add(print_)
        kept.append((_marked(field, cells), strength))
    return _strongest(kept, most) or [dict(fields[0])]


def said(columns: int, most: int) -> tuple[str, ...]:
    """What is worth a note about a model that learned from at most `most` of so many columns (0: from all)."""
    if columns <= WIDE or not 0 < most < columns:
        return ()
    return (
        f"Learned from the {most:,} of {columns:,} columns that tell most by themselves, chosen in each fold anew.",
    )


def _cells(fields: Sequence[Field], columns: Columns, wanted: Floats) -> Iterator[tuple[Field, Any, float]]:
    """Each field with its cells (numbers, or the codes of its categories; None where neither would do), and by how much
    more than chance it goes with the target, in standard deviations of chance."""
    step = max(1, min(AT_ONCE, CELLS_AT_ONCE // max(1, len(wanted))))
    for start in range(0, len(fields), step):
        part = fields[start : start + step]
        names = [field["id"] for field in part if field["kind"] == "number"]
        numbers = np.ascontiguousarray(columns(names).to_numpy(dtype=np.float32).T)
        given = dict(zip(names, zip(numbers, _strengths(numbers, wanted), strict=True), strict=True))
        for field in part:
            if field["kind"] == "category" and not field.get("pattern"):
                codes = pd.factorize(pd.Series(columns(field["id"])))[0].astype(np.int32)
                yield field, codes, _strength(codes, wanted)
            else:
                yield field, *given.get(field["id"], (None, 0.0))


def _differing(cells: Any) -> int:
    """How many rows do not hold the value that nearly all hold; of a column that has none, a great many."""
    probe = np.sort(cells[:: max(1, len(cells) // PROBED)])
    usual = probe[len(probe) // 2]
    same = np.isnan(cells) if np.isnan(usual) else cells == usual
    return len(cells) - int(np.count_nonzero(same))


def _marked(field: Field, cells: Any) -> dict[str, Any]:
    light = field["kind"] == "number" and np.count_nonzero(cells) <= (1 - MOSTLY) * len(cells)
    return {**field, "light": True} if light else dict(field)


def _aims(y: Floats | Integers, classes: int) -> Floats:
    """What columns are held against, (n, aims): the number, or being of a label, to mean 0 and the variance 1."""
    wanted = np.asarray(y, dtype=np.float64)[:, None]
    if classes:
        wanted = (wanted == np.unique(wanted)[1 if classes == 2 else 0 :]).astype(np.float64)
    spread = wanted.std(axis=0)
    scaled: Floats = (wanted - wanted.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    # labels share their degrees of freedom: a rare one counts nearly whole
    return scaled * (np.sqrt(1 - np.mean(wanted, axis=0)) if classes > 2 else 1.0)


def _strengths(cells: Any, wanted: Floats) -> Floats:
    """Of numbers, (columns, n), many columns at once."""
    known = np.isfinite(cells)
    away = np.where(known, cells, 0.0).astype(np.float64)
    away -= away.sum(axis=1, keepdims=True) / np.maximum(known.sum(axis=1, keepdims=True), 1)
    away *= known
    sizes = np.einsum("cn,cn->c", away, away)
    found = ((away @ wanted) ** 2).sum(axis=1) / np.where(sizes > 0, sizes, 1.0)
    freedom = max(1, wanted.shape[1] - 1)
    return np.asarray((found - freedom) / np.sqrt(2 * freedom))


def _strength(codes: Any, wanted: Floats) -> float:
    """Of the codes of categories, (n,)."""
    counts = np.bincount(codes)
    sums = np.stack([np.bincount(codes, weights=aim) for aim in wanted.T])
    found = float((sums**2 / np.maximum(counts, 1)).sum())
    freedom = max(1, wanted.shape[1] - 1) * max(1, len(counts) - 1)
    return float((found - freedom) / np.sqrt(2 * freedom))


def _strongest(kept: Sequence[tuple[dict[str, Any], float]], most: int) -> list[dict[str, Any]]:
    """The fields in their order, at most `most` of them."""
    if not most or len(kept) <= most:
        return [field for field, _ in kept]
    order = np.argsort([-strength for _, strength in kept], kind="stable")[:most]
    return [kept[place][0] for place in np.sort(order)]
