"""How many folds a budget affords: better a dozen models judged on one part than three judged on five.

The work of a fit is estimated from the size of the table alone, so that a plan made again is the same plan.
"""

from __future__ import annotations

from dataclasses import replace

import joblib

from mlcore.data.schema import Schema
from mlcore.learning.plan import Validation

SECONDS_A_CELL = 7e-6
"""What a boosted model of a few hundred trees takes for a row of a column on one core; measured on public tables."""

TEXT_AS = 40  # a text is worth so many columns
WORTH = 10  # so many candidates should find time
FIT_SHARE = 0.8  # of the budget goes into fits
FEW_FOLDS = 3
ONE_PART_ROWS = 5_000  # from here on one part is large enough to tell models apart


def affordable(given: Validation, *, rows: int, schema: Schema, outputs: int, seconds: float) -> Validation:
    """The validation with as many of its folds as leave time for `WORTH` candidates.

    `rows` are those with a target, `outputs` what a model predicts for a row (labels, or 1).
    """
    left = rows - given.holdout
    candidates = FIT_SHARE * seconds * joblib.cpu_count() / max(1e-9, _fit_seconds(left, schema, outputs))
    if given.folds <= 1 or given.method == "given folds" or candidates / (given.folds + 1) >= WORTH:
        return given
    if candidates / (FEW_FOLDS + 1) >= WORTH or left < ONE_PART_ROWS:
        return _lighter(given, min(given.folds, FEW_FOLDS), f"{FEW_FOLDS} folds")
    if given.method == "group folds":
        return _lighter(given, 2, "2 folds")
    if given.method == "forward in time":
        return _lighter(given, 1, "one later part")
    return replace(_lighter(given, 1, "one part"), method="one split")


def _fit_seconds(rows: int, schema: Schema, outputs: int) -> float:
    texts = sum(column.kind == "text" for column in schema.features)
    return SECONDS_A_CELL * rows * (len(schema.features) + (TEXT_AS - 1) * texts) * outputs


def _lighter(given: Validation, folds: int, said: str) -> Validation:
    if folds >= given.folds and given.repeats == 1:
        return given
    reason = f"{given.reason}; {said} only, because more would leave time for few models"
    return replace(given, folds=folds, repeats=1, reason=reason)
