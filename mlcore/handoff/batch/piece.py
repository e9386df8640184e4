"""A few thousand rows of a file: what is odd about them, and what the model says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.data.dataset import Reading
from mlcore.handoff.batch.asked import Asked
from mlcore.learning.model import Model
from mlcore.learning.scoring import Noticed, conform, typed

CELLS, MOST_ROWS, FEWEST_ROWS = 1_500_000, 25_000, 500
"""Cells that are taken up at once, and the bounds of rows this makes."""

UNLIKE = "unlike"
"""The flag of a row that is unlike all that the model learned from."""

Cells = Callable[[str, str], pd.Series]
"""The cells of a column as they came, where this code was noticed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Piece:
    """Rows of a file. `table` is what is written of them; None when they were only checked."""

    rows: int
    noticed: Sequence[Noticed]
    cells: Cells
    table: pa.Table | None = None
    flagged: int = 0
    unlike: int = 0


class Pieces:
    """How pieces of one file are made; from several threads at once."""

    def __init__(self, model: Model, path: Path, asked: Asked, reading: Reading | None = None) -> None:
        stored = pq.read_metadata(path)
        self.path, self.rows, self.given = path, stored.num_rows, stored.schema.to_arrow_schema().names
        self._model, self._asked, self._reading = model, asked, reading
        scorer = model.scorer
        self._inputs = inputs = {str(field["name"]): field for field in scorer.wanted}
        self.fields: Mapping[str, Mapping[str, Any]] = inputs | {str(field["name"]): field for field in scorer.fields}
        self.absent = [name for name in inputs if name not in set(self.given)]
        self._missing = {name: inputs[name] for name in self.absent}
        self.ignored = tuple(name for name in self.given if name not in inputs and name not in model.truth)
        used = [name for name in self.given if name in inputs]
        self.columns = None if asked.keep else used
        self.width = len(scorer.labels) + 4 + asked.reasons + (len(self.given) if asked.keep else 0)
        self.step = min(MOST_ROWS, max(FEWEST_ROWS, CELLS // max(1, len(inputs))))
        self._texts = self._written_numbers(used)
        self._background = self._compared_with()
        self._reasoning, self._ends = threading.Lock(), time.monotonic() + (asked.seconds or 0.0)

    @property
    def compared(self) -> bool:
        """Whether rows are compared with those of training."""
        return self._background is not None and self._background.usable

    def made(self, table: pa.Table, start: int, *, scoring: bool) -> Piece:
        """The piece of these rows, the first of which is row `start` of the file."""
        scorer = self._model.scorer
        raw = self._raw(table)
        given = scorer.prepared(raw)
        ready = typed(given, scorer.fields)
        noticed = [one for one in scorer.noticed(ready, raw) if one[1] not in self._missing]

        def cells(code: str, name: str) -> pd.Series:
            return raw[name] if code == "unreadable" and name in raw else given[name]

        if not scoring:
            return Piece(rows=len(raw), noticed=noticed, cells=cells)
        frame = conform(self._emptied(ready, noticed), scorer.fields)
        scored = scorer.answers(scorer.values_of(frame), raw, self._told(noticed, len(raw)))
        unlike = self._flag_unlike(scored, frame)
        if self._asked.reasons:
            scored = pd.concat([scored, self._reasons(ready, start)], axis=1)
        flagged = int(np.count_nonzero(scored["flags"] != ""))
        made = self._beside(_arrow(scored), table)
        return Piece(rows=len(raw), noticed=noticed, cells=cells, table=made, flagged=flagged, unlike=unlike)

    def _raw(self, table: pa.Table) -> pd.DataFrame:
        raw: pd.DataFrame = table.to_pandas()
        for name in self._texts:
            raw[name] = self._with_points(raw[name])
        empty = {
            name: pd.Series(np.full(len(raw), np.nan))
            if field["kind"] == "number"
            else pd.Series([None] * len(raw), dtype="str")
            for name, field in self._missing.items()
        }
        return pd.concat([raw, pd.DataFrame(empty)], axis=1) if empty else raw

    def _told(self, noticed: Sequence[Noticed], rows: int) -> list[Noticed]:
        """What rows are flagged with."""
        handling = self._asked.handling
        told = [one for one in noticed if handling.of(one[0]) != "fill"]
        if handling.column == "flag":
            told += [("missing", name, np.ones(rows, dtype=bool)) for name in self.absent]
        return told

    def _emptied(self, ready: pd.DataFrame, noticed: Sequence[Noticed]) -> pd.DataFrame:
        """The rows without the cells that the model shall fill; those that cannot be read are empty to it anyway."""
        filled = [
            (name, mask)
            for code, name, mask in noticed
            if code in ("unseen", "range") and mask.any() and self._asked.handling.of(code) == "fill"
        ]
        return ready.assign(**{name: ready[name].mask(mask) for name, mask in filled}) if filled else ready

    def _compared_with(self) -> Any:
        if not self._asked.unlike or not (self._model.folder / "background.parquet").is_file():
            return None
        from mlcore.explanation.unlike import Background

        return Background(self._model.background, self._model.scorer.fields)

    def _flag_unlike(self, scored: pd.DataFrame, frame: pd.DataFrame) -> int:
        if self._background is None:
            return 0
        found = np.flatnonzero(self._background.unlike(frame))
        flags = scored["flags"].to_numpy(dtype=object, copy=True)
        flags[found] = [f"{flag};{UNLIKE}" if flag else UNLIKE for flag in flags[found]]
        scored["flags"] = flags
        return len(found)

    def _reasons(self, ready: pd.DataFrame, start: int) -> pd.DataFrame:
        """One piece at a time: what explains uses every core by itself."""
        from mlcore.explanation.batch import reasons_for

        asked = self._asked
        with self._reasoning:
            left = None
            if asked.seconds is not None:
                left = max(0.1, self._ends - time.monotonic()) * len(ready) / max(1, self.rows - start)
            return reasons_for(self._model, ready, asked.reasons, asked.titles, seconds=left)

    def _beside(self, scored: pa.Table, table: pa.Table) -> pa.Table:
        """The output columns, then those of the file where they are wanted; none is called like another."""
        if not self._asked.keep:
            return scored
        taken = set(scored.column_names)
        for name, column in zip(table.column_names, table.columns, strict=True):
            title = name
            while title in taken:
                title = f"{title} (column)"
            taken.add(title)
            scored = scored.append_column(title, column)
        return scored

    def _written_numbers(self, used: Sequence[str]) -> tuple[str, ...]:
        """Columns of numbers that a file with a decimal comma holds as text, because not every cell is a number."""
        if self._reading is None or self._reading.decimal != ",":
            return ()
        kinds = pq.read_schema(self.path)
        words = {name for name in used if kinds.field(name).type in (pa.string(), pa.large_string(), pa.string_view())}
        return tuple(name for name in used if name in words and self._inputs[name]["kind"] == "number")

    def _with_points(self, cells: pd.Series) -> pd.Series:
        marks = self._reading.thousands if self._reading is not None else ""
        plain = cells.str.replace(marks, "", regex=False) if marks else cells
        return plain.str.replace(",", ".", regex=False)


def _arrow(scored: pd.DataFrame) -> pa.Table:
    """Numbers as doubles and everything else as text, in every piece alike."""
    kinds = [
        (name, pa.float64() if pd.api.types.is_numeric_dtype(kind) else pa.string())
        for name, kind in scored.dtypes.items()
    ]
    return pa.Table.from_pandas(scored, schema=pa.schema(kinds), preserve_index=False)
