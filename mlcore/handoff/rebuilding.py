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
from mlcore.learning import again
from mlcore.learning.fold import REFITTED, parted
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
    weights: str = records.added("")


@dataclass(frozen=True, kw_only=True)
class Rebuild:
    """How to train a model again. `table_rows` is the length of the table that was brought; `refused` says why it
    cannot be done, as a sentence without its end, and is empty when it can. `all_rows`: it has learned from the locked
    rows too, so that none is marked as such."""

    table_rows: int
    members: tuple[Ingredient, ...] = ()
    refused: str = ""
    all_rows: bool = records.added(False)


def note(folder: Path, run: RunFolder, members: list[dict[str, Any]], *, everyone: bool) -> None:
    """Write both files into a bundle's folder; `members` are those of its scoring.json.

    `everyone`: they have learned from the locked rows, too.
    """
    marks: dict[str, Any] = {}
    refused, made = _places(run, marks, everyone), []
    for number, member in enumerate(members):
        if member["model"] not in MODELS or not _known(run, str(member["key"])):
            refused = refused or "a member of it was not trained in this run"
            break
        key = str(member["key"])
        refused = refused or ("" if everyone else _taught_otherwise(run, key))
        made.append(_ingredient(run, key, number, marks, everyone))
    ingredients = () if refused else tuple(made)
    rows = Rebuild(table_rows=_length(run), members=ingredients, refused=refused, all_rows=everyone)
    records.write(folder / NOTE, rows)
    if not refused:
        with files.whole(folder / ROWS) as temporary:
            pd.DataFrame(marks).to_parquet(temporary, index=False, compression="zstd")


def _taught_otherwise(run: RunFolder, key: str) -> str:
    """Why what the recipe's steps learned for this member is not known."""
    if not any(field.get("lessons") for field in run.spec["fields"]):
        return ""
    _, learned = learned_from(run, run.candidate(key))
    whole = len(learned) == len(run.split.training) and not keeps_part(run, len(learned))
    return "" if whole else "a member learned from a part of the rows, and a step of the recipe from that part"


def _known(run: RunFolder, key: str) -> bool:
    return any(candidate.key == key for candidate in run.candidates)


def _places(run: RunFolder, marks: dict[str, Any], everyone: bool) -> str:
    """Put where the rows are in the table that was brought, and which were locked away; why that cannot be told."""
    positions = run.positions
    if run.raw_path is not None:
        positions = raw_rows(run.table_path, int(positions.max()) + 1)[positions]
        if (positions < 0).any():
            return "some of its rows were appended from another table"
    learned = np.arange(len(run.truth), dtype=np.int64) if everyone else run.split.training
    marks |= {"row": positions, "holdout": run.split.holdout & (not everyone)}
    weights = run.weighing.of(learned, run.truth, run.rows.moments)
    if weights is not None:
        marks["weight"] = np.zeros(len(positions))
        marks["weight"][learned] = weights
    return ""


def _ingredient(run: RunFolder, key: str, number: int, marks: dict[str, Any], everyone: bool) -> Ingredient:
    candidate = run.candidate(key)
    learned = _everyone(run, key) if everyone else _learned(run, key)
    kind = MODELS[candidate.model]
    trial = next(trial for trial in run.trials() if trial.key == key)
    mask = np.zeros(len(run.truth), dtype=bool)
    mask[learned] = True
    column = "" if np.array_equal(mask, ~marks["holdout"]) else f"learned_{number}"
    marks |= {column: mask} if column else {}
    return Ingredient(
        key=key,
        model=candidate.model,
        settings=kind.settings(candidate.params),
        seed=run.plan.seed,
        rows=len(learned),
        rounds=again.rounds_of(run, candidate) if everyone else trial.rounds,
        column=column,
        weights=_weights(run, learned, number, marks),
    )


def _weights(run: RunFolder, learned: Integers, number: int, marks: dict[str, Any]) -> str:
    """Which column has the weights of a member: among some of the rows a label may count otherwise than among all."""
    weights = run.weighing.of(learned, run.truth, run.rows.moments)
    if weights is None:
        return ""
    shared = marks["weight"][learned]
    if np.allclose(shared / shared.mean(), weights, rtol=1e-12, atol=0.0):
        return "weight"
    marks[f"weight_{number}"] = np.zeros(len(run.truth))
    marks[f"weight_{number}"][learned] = weights
    return f"weight_{number}"


def _everyone(run: RunFolder, key: str) -> Integers:
    """The same where it has learned from all rows."""
    places = again.everyone(run, run.candidate(key))
    weights = run.weighing.of(places, run.truth, run.rows.moments)
    return places if weights is None else places[weights > 0]


def _learned(run: RunFolder, key: str) -> Integers:
    """The rows, of the run's n, that the final model of a trial was fitted on: those that count at all."""
    trial = next(trial for trial in run.trials() if trial.key == key)
    pairs, learned = learned_from(run, run.candidate(trial.key))
    kept = keeps_part(run, len(learned))
    weights = run.weighing.of(learned := pairs[-1][0] if kept else learned, run.truth, run.rows.moments)
    learned = learned if weights is None else learned[weights > 0]
    grown = kept and MODELS[trial.model].grow is not None and len(learned) > REFITTED
    return parted(run.rows, learned, run.plan.seed)[0] if (grown if trial.part is None else trial.part) else learned


def _length(run: RunFolder) -> int:
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(run.table_path if run.raw_path is None else run.raw_path).metadata.num_rows)
