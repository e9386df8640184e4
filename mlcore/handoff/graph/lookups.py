"""Words as nodes: what a step of an encoder makes of each word, and one look-up for many columns of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats
from mlcore.handoff.graph.drawing import DOUBLE, Drawing, Numbers, Words, joined

UNKNOWN = "␀ a word that nobody knows"
BROAD = 32
"""Columns of a look-up, from which it is cheaper to compare codes than to keep a table of ones and zeros."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Looked:
    """Columns of words and the table (words + 1, w) in which each is to be looked up: the unknown word, then those of
    its vocabulary."""

    names: tuple[str, ...]
    tables: tuple[Floats, ...]


def looked(drawing: Drawing, step: Any, given: Words) -> Looked:
    """The step itself is asked what it makes of every word that anyone knows, and of one that nobody does."""
    known = [[UNKNOWN, *drawing.vocabulary[name]] for name in given.names]
    rows = max(map(len, known))
    asked = pd.DataFrame(
        {name: [*words, *[UNKNOWN] * (rows - len(words))] for name, words in zip(given.names, known, strict=True)},
        dtype=object,
    )
    tables = [table[: len(words)] for table, words in zip(tables_of(step, asked), known, strict=True)]
    return Looked(names=given.names, tables=tuple(tables))


def tables_of(step: Any, asked: pd.DataFrame) -> list[Floats]:
    """What the step makes of these rows, for each of its columns apart."""
    made = step.transform(asked)
    dense = np.asarray(made.toarray() if hasattr(made, "toarray") else made, dtype=np.float64)
    widths = getattr(step, "_n_features_outs", None) or [dense.shape[1] // asked.shape[1]] * asked.shape[1]
    return np.split(dense, np.cumsum(widths)[:-1], axis=1)


def looked_up(drawing: Drawing, parts: Sequence[Looked]) -> Numbers:
    """All their columns side by side: neighbours at once, and one at a time those of many ones and zeros."""
    every = [pair for part in parts for pair in zip(part.names, part.tables, strict=True)]
    made = []
    for broad, run in groupby(every, key=lambda pair: _is_broad(pair[1])):
        found = list(run)
        made += [_marked(drawing, *pair) for pair in found] if broad else [_cells(drawing, found)]
    return joined(drawing, made)


def _is_broad(table: Floats) -> bool:
    hot = np.isin(table, (0.0, 1.0)).all() and (table.sum(axis=1) <= 1).all()
    return table.shape[1] > BROAD and bool(hot)


def _marked(drawing: Drawing, name: str, table: Floats) -> Numbers:
    """One column, whose ones stand where its place in the row is that of the column."""
    place = np.where(table.any(axis=1), table.argmax(axis=1), -1).astype(np.int64)
    own = drawing.node("Gather", drawing.constant(place), _codes(drawing, [(name, 0)]))
    hot = drawing.node("Equal", own, drawing.constant(np.arange(table.shape[1], dtype=np.int64)[None, :]))
    return _numbers(drawing.node("Cast", hot, to=DOUBLE), table.shape[1])


def _cells(drawing: Drawing, pairs: Sequence[tuple[str, Floats]]) -> Numbers:
    """Cell by cell out of one list, in which the columns of all tables stand one behind the other."""
    columns = [(name, column) for name, table in pairs for column in table.T]
    starts = np.cumsum([0, *(len(column) for _, column in columns)])
    codes = _codes(drawing, [(name, int(start)) for (name, _), start in zip(columns, starts, strict=False)])
    held = drawing.floats(np.concatenate([column for _, column in columns]))
    return _numbers(drawing.node("Gather", held, codes), len(columns))


def _codes(drawing: Drawing, columns: Sequence[tuple[str, int]]) -> str:
    """For each of these columns the place of its word in a list in which its own words begin there, (n, columns)."""
    codes, first = drawing.codes()
    places = [list(first).index(name) for name, _ in columns]
    picked = codes if places == list(range(len(first))) else drawing.picked(codes, places)
    shift = np.array([[start - first[name] for name, start in columns]], dtype=np.int64)
    return drawing.node("Add", picked, drawing.constant(shift)) if shift.any() else picked


def _numbers(tensor: str, width: int) -> Numbers:
    return Numbers(tensor=tensor, origins=(None,) * width)
