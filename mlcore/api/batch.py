"""A file of rows is read as the training table was, and scored with the model of a bundle."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict

from mlcore.api.tables import spare
from mlcore.data.choices import Choices
from mlcore.data.dictionary import titles
from mlcore.data.load import store_rows
from mlcore.errors import FileError
from mlcore.handoff.batch.asked import Asked
from mlcore.handoff.batch.handling import Handling
from mlcore.handoff.batch.output import ENDINGS
from mlcore.handoff.batch.scored import Scored
from mlcore.handoff.batch.scoring import score_rows
from mlcore.learning.model import Model
from mlcore.workspace import processes

READING = 0.3
"""The share of the time that reading takes."""


class Batch(TypedDict, total=False):
    """How to score: actions of faults (see `batch.handling`), so many `reasons` a row, whether the file's own columns
    stand behind the predictions (`keep`), and whether rows unlike training are flagged (`unlike`, by default)."""

    on_error: str | Mapping[str, str]
    reasons: int
    keep: bool
    unlike: bool


def scored(
    model: Model, file: Path, out: Path, errors: Path | None, tell: Callable[[float, str], None], options: Batch
) -> Scored:
    """Read the file into a stored table that is gone afterwards, and score that."""
    if out.suffix not in ENDINGS:
        raise FileError("The output must end in .csv, .parquet or .xlsx", where=out.name, remedy="Give such a name.")
    if errors is not None and errors.absolute() == out.absolute():
        raise FileError("Predictions and errors cannot go into one file", where=out.name, remedy="Give two names.")
    for written in (out, *(() if errors is None else (errors,))):
        spare(file, written)
    said = options.get("on_error") or {}
    asked = Asked(
        ending=out.suffix,
        handling=Handling.told(said) if isinstance(said, str) else Handling.like(said),
        keep=options.get("keep", False),
        reasons=options.get("reasons", 0),
        titles=titles(model.schema, model.schema.names, unit=True),
        unlike=options.get("unlike", True),
        threads=processes.usable_cores(),
        name=file.name,
    )
    tell(0.0, "Reading the rows")
    with tempfile.TemporaryDirectory(prefix="tablesmith-rows-") as folder:
        rows = Path(folder) / "rows.parquet"
        reading = store_rows(file, rows, Choices.like(model.raw))
        return score_rows(
            model, rows, out, asked, reading=reading, faults=() if errors is None else (errors,),
            tell=lambda share, message: tell(READING + (1 - READING) * share, message),
        )  # fmt: skip
