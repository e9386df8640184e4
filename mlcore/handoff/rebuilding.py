"""What it takes to train a model again from its table: which rows it learned from, what each counted, which settings.

Noted when a bundle is made, as only the run knows it; `exporters/script.py` writes code from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.data.row_numbers import raw_rows
from mlcore.evaluation.predictions import Integers
from mlcore.learning.fold import parted
from mlcore.learning.folder import RunFolder
from mlcore.learning.models import MODELS
from mlcore.learning.rounds import keeps_part, learned_from
from mlcore.params import Value

NOTE, ROWS = "rebuild.json", "learned_rows.parquet"


@dataclass(frozen=True, kw_only=True)
class Ingredient:
    """One member of a model: its kind with all settings, the seed, how often it was boosted (None: it does not grow).

    `rows` is how many it learned from; `column` names the column of the rows file that marks them, empty for all that
    were not locked away.
    """

    key: str
    model: str
    settings: Mapping[str, Value]
    seed: int
    rows: int
    rounds: int | None = None
    column: str = ""


@dataclass(frozen=True, kw_only=True)
class Rebuild:
    """How to train a model again. `table_rows` is the length of the table that was brought; `refused` says why it
    cannot be done, as a sentence without its end, and is empty when it can."""

    table_rows: int
    members: tuple[Ingredient, ...] = ()
    refused: str = ""


def note(folder: Path, run: RunFolder, members: list[dict[str, Any]]) -> None:
    """Write both files into a bundle's folder; `members` are those of its scoring.json."""
    marks: dict[str, Any] = {}
    refused, made = _places(run, marks), []
    for number, member in enumerate(members):
        if member["model"] not in MODELS or not _known(run, str(member["key"])):
            refused = refused or "a member of it was not trained in this run"
            break
        made.append(_ingredient(run, str(member["key"]), f"learned_{number}", marks))
    rows = Rebuild(table_rows=_length(run), members=() if refused else tuple(made), refused=refused)
    records.write(folder / NOTE, rows)
    if not refused:
        with files.whole(folder / ROWS) as temporary:
            pd.DataFrame(marks).to_parquet(temporary, index=False, compression="zstd")


def _known(run: RunFolder, key: str) -> bool:
    return any(candidate.key == key for candidate in run.candidates)


def _places(run: RunFolder, marks: dict[str, Any]) -> str:
    """Put where the rows are in the table that was brought, and which were locked away; why that cannot be told."""
    positions = run.positions
    if run.raw_path is not None:
        positions = raw_rows(run.table_path, int(positions.max()) + 1)[positions]
        if (positions < 0).any():
            return "some of its rows were appended from another table"
    marks |= {"row": positions, "holdout": run.split.holdout}
    weights = run.weighing.of(run.split.training, run.truth, run.rows.moments)
    if weights is not None:
        marks["weight"] = np.zeros(len(positions))
        marks["weight"][run.split.training] = weights
    return ""


def _ingredient(run: RunFolder, key: str, column: str, marks: dict[str, Any]) -> Ingredient:
    candidate = run.candidate(key)
    kind = MODELS[candidate.model]
    trial = next(trial for trial in run.trials() if trial.key == key)
    learned = _learned(run, key)
    mask = np.zeros(len(run.truth), dtype=bool)
    mask[learned] = True
    if (whole := np.array_equal(mask, ~run.split.holdout)) is False:
        marks[column] = mask
    return Ingredient(
        key=key,
        model=candidate.model,
        settings=kind.settings(candidate.params),
        seed=run.plan.seed,
        rows=len(learned),
        rounds=trial.rounds,
        column="" if whole else column,
    )


def _learned(run: RunFolder, key: str) -> Integers:
    """The rows, of the run's n, that the final model of a candidate was fitted on: those that count at all."""
    candidate = run.candidate(key)
    pairs, learned = learned_from(run, candidate)
    kept = keeps_part(run, len(learned))
    weights = run.weighing.of(learned := pairs[-1][0] if kept else learned, run.truth, run.rows.moments)
    learned = learned if weights is None else learned[weights > 0]
    grown = kept and MODELS[candidate.model].grow is not None
    return parted(run.rows, learned, run.plan.seed)[0] if grown else learned


def _length(run: RunFolder) -> int:
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(run.table_path if run.raw_path is None else run.raw_path).metadata.num_rows)
