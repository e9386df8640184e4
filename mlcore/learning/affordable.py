"""How many folds a budget affords: better a dozen models judged on one part than three judged on five.

What a model costs is told from the shape of the table alone, so that a plan made again is the same plan.
"""

from __future__ import annotations

from dataclasses import replace

import joblib

from mlcore.learning.costs import Shape, candidate_seconds, handing, preparing
from mlcore.learning.plan import Candidate, Validation

TYPICAL = Candidate(key="lightgbm", model="lightgbm", title="")
"""What candidates cost, on average."""

WORTH = 10  # so many candidates should find time
FIT_SHARE = 0.9  # of the time between laying the table out and handing a model over goes into fits
LEAST_SHARE = 0.3  # of the budget, however long those take
FEW_FOLDS = 3
ONE_PART_ROWS = 5_000  # from here on one part is large enough to tell models apart
LEAST_ROWS, LEAST = 2_000, 4  # it must do with fewer rows, too, where folds would leave time for fewer models than this


def affordable(shape: Shape, seconds: float) -> Validation:
    """The validation of the shape with as many of its folds as leave time for `WORTH` candidates."""
    given = shape.validation
    left = shape.rows - given.holdout
    if given.folds <= 1 or given.method == "given folds" or _candidates(shape, given.folds, seconds) >= WORTH:
        return given
    enough = _candidates(shape, FEW_FOLDS, seconds)
    if enough >= WORTH or left < (ONE_PART_ROWS if enough >= LEAST else LEAST_ROWS):
        return _lighter(given, min(given.folds, FEW_FOLDS), f"{FEW_FOLDS} folds")
    if given.method == "group folds":
        return _lighter(given, 2, "2 folds")
    if given.method == "forward in time":
        return _lighter(given, 1, "one later part")
    return replace(_lighter(given, 1, "one part"), method="one split")


def _candidates(shape: Shape, folds: int, seconds: float) -> float:
    judged = replace(shape, validation=replace(shape.validation, folds=folds))
    cores: int = joblib.cpu_count()
    between = max(LEAST_SHARE * seconds, seconds - preparing(shape) - handing(shape.rows, len(shape.columns)))
    return FIT_SHARE * between * cores / candidate_seconds(judged, TYPICAL)


def _lighter(given: Validation, folds: int, said: str) -> Validation:
    if folds >= given.folds and given.repeats == 1:
        return given
    reason = f"{given.reason}; {said} only, because more would leave time for few models"
    return replace(given, folds=folds, repeats=1, reason=reason)
