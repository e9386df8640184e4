"""Rows whose outcome may be wrong: a model that was not trained on them is sure of another.

Labels after Northcutt, Jiang and Chuang, "Confident learning" (JAIR 70, 2021): a row is in doubt when another label
reaches the probability that rows of that label usually get. Numbers: the distance from the prediction in robust
standard deviations of rows with like predictions. Both are strict on purpose: a hard problem is no mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.data.amounts import amount, compact
from mlcore.data.picked import picked
from mlcore.data.row_numbers import row_named, row_numbers
from mlcore.data.schema import Column, Schema
from mlcore.evaluation.predictions import Floats, Integers, Predictions
from mlcore.findings import Finding, Fix
from mlcore.learning.folder import RunFolder
from mlcore.learning.results import out_of_fold

FILE, ROWS = "suspects.json", "suspects.parquet"
MOST = 200
"""Rows that are named; the most doubtful first."""

_MARGIN = 0.9
"""How much more probable another label must be than the one that is there."""

_FAR = 6.0
_TAIL = 1.5
"""Robust standard deviations from which a number is far off, and how far beyond its likes it must be."""

_NAMED_BY = 50
"""Rows that one step can leave out by naming them."""


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """One row. `row` is its position in the table, from 0; `truth` what stands there, `said` what the model expects.

    `doubt` is the probability given to `said` less that of `truth`, or the distance in robust standard deviations.
    """

    row: int
    truth: str
    said: str
    doubt: float


@dataclass(frozen=True, kw_only=True)
class Suspects:
    """What one model doubts: of `judged` rows `found` are in doubt, and `listed` are the first of those."""

    key: str
    target: str
    judged: int
    found: int
    listed: tuple[Suspect, ...] = ()
    findings: tuple[Finding, ...] = ()


def suspects(folder: Path, key: str) -> Suspects:
    """The rows that one model of a run doubts, from predictions of rows it was not trained on."""
    run = RunFolder(folder)
    predictions = out_of_fold(folder, key).averaged()
    doubts = _number_doubts(predictions) if predictions.task == "regression" else _label_doubts(predictions)
    listed = tuple(_suspect(predictions, place, doubts) for place in np.argsort(-doubts[0], kind="stable")[:MOST])
    listed = tuple(one for one in listed if one.doubt > 0)
    found = int((doubts[0] > 0).sum())
    goal = run.plan.goal
    told = (_finding(run, goal.target, len(predictions), found, listed),) if found else ()
    return Suspects(key=key, target=goal.target, judged=len(predictions), found=found, listed=listed, findings=told)


def write_suspects(folder: Path, key: str) -> Suspects:
    """Find them and keep them in the run's folder, with the rows themselves as they stand in the table."""
    made = suspects(folder, key)
    places = np.array([one.row for one in made.listed], dtype=np.int64)
    found = picked(RunFolder(folder).table_path, np.sort(places))
    with files.whole(folder / ROWS) as temporary:
        found.iloc[np.argsort(np.argsort(places))].to_parquet(temporary, index=False)
    records.write(folder / FILE, made)
    return made


def _label_doubts(predictions: Predictions) -> tuple[Floats, Integers]:
    """For each row how much more probable another label is, 0 where that is no reason to doubt; and that label."""
    assert predictions.truth is not None
    truth, values = predictions.truth.astype(np.int64), predictions.values
    own = values[np.arange(len(truth)), truth]
    usual = np.array([own[truth == code].mean() if (truth == code).any() else 1.0 for code in range(values.shape[1])])
    others = values.copy()
    others[np.arange(len(truth)), truth] = -1.0
    others[others < usual] = -1.0
    best = others.argmax(axis=1).astype(np.int64)
    margin = others[np.arange(len(truth)), best] - own
    return np.where(margin >= _MARGIN, margin, 0.0), best


def _number_doubts(predictions: Predictions) -> tuple[Floats, Integers]:
    """For each row the distance from its prediction in robust standard deviations, 0 where it is no reason to doubt."""
    assert predictions.truth is not None
    values, residuals = predictions.values, predictions.truth - predictions.values
    groups = max(1, min(10, len(values) // 50))
    place = np.argsort(np.argsort(values, kind="stable"), kind="stable") * groups // len(values)
    distance = np.zeros(len(values))
    for group in range(groups):
        inside = place == group
        off = residuals[inside] - np.median(residuals[inside])
        spread = 1.4826 * float(np.median(np.abs(off)))
        distance[inside] = np.abs(off) / spread if spread > 0 else 0.0
    limit = max(_FAR, _TAIL * float(np.quantile(distance, 0.995)))
    return np.where(distance >= limit, distance, 0.0), np.zeros(len(values), dtype=np.int64)


def _suspect(predictions: Predictions, place: int, doubts: tuple[Floats, Integers]) -> Suspect:
    assert predictions.truth is not None
    truth, labels = predictions.truth[place], predictions.labels
    return Suspect(
        row=int(predictions.rows[place]),
        truth=labels[int(truth)] if labels else compact(float(truth), 6),
        said=labels[int(doubts[1][place])] if labels else compact(float(predictions.values[place])),
        doubt=float(doubts[0][place]),
    )


def _finding(run: RunFolder, target: str, judged: int, found: int, listed: tuple[Suspect, ...]) -> Finding:
    numbers = row_numbers(run.table_path, [one.row for one in listed[:5]])
    first = ", ".join(row_named(number, one.row) for number, one in zip(numbers, listed, strict=False))
    return Finding(
        code="suspicious_labels",
        level="note",
        title="Outcomes that may be wrong",
        what=f"In {amount(found, 'row')} of {judged:,} '{target}' is far from what a model expects that did not "
        f"learn from them: row {first}{' and more' if found > 5 else ''}.",
        why="Mistakes in the outcome collect here, and so do odd cases that are right; both are worth a look.",
        remedy="Look at these rows. Correct the outcome at the source where it is wrong, or leave the rows out.",
        columns=(target,),
        fixes=_fixes(run, listed if found <= _NAMED_BY else ()),
    )


def _fixes(run: RunFolder, listed: tuple[Suspect, ...]) -> tuple[Fix, ...]:
    """Rows are left out by the column that names them; without one a person looks for them by their number."""
    column = _naming(run.plan.schema) if listed else None
    if column is None:
        return ()
    from mlcore.data.checks import fixes

    names = pd.read_parquet(run.table_path, columns=[column.name])[column.name]
    if not names.is_unique:
        return ()
    chosen = names.iloc[[one.row for one in listed]].dropna().tolist()
    return (fixes.remove_named(column, chosen),)


def _naming(schema: Schema) -> Column | None:
    return next((c for c in schema if c.kind == "identifier" and c.storage in ("text", "integer")), None)
