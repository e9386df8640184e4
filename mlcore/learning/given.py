"""A column that says which rows are learned from, which are judged on, and which are locked away."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Integers
from mlcore.learning import scoring

TRAIN, VALID, TEST = -1, -2, -3
LEARNED_ONLY = -1
MOST_FOLDS = 50
LEAST_TRAINED, LEAST_TESTED = 20, 10
_WORDS = {
    **dict.fromkeys(("train", "training", "trn", "tr", "learn", "learning", "fit", "-1"), TRAIN),
    **dict.fromkeys(("valid", "validation", "validate", "val", "dev", "development", "eval", "evaluation"), VALID),
    **dict.fromkeys(("test", "testing", "tst", "holdout", "hold-out", "hold_out", "hold out", "final"), TEST),
}
_FOLD = re.compile(r"(?:fold|part|split|cv|f)?[ _#-]*(\d{1,9})(?:\.0+)?")
_WRITE = "Write train, validation and test, or number the folds 0, 1, 2 and so on."


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """`holdout` marks the rows to lock away, (n,).

    `folds` is the fold that tests each row, (n,), -1 for rows that are learned from only; None: nothing is said about
    the rows that are not locked away.
    """

    holdout: NDArray[np.bool_]
    folds: Integers | None

    @property
    def count(self) -> int:
        """The number of folds; 0 when none are given."""
        return 0 if self.folds is None else int(self.folds[~self.holdout].max(initial=-1)) + 1


def given_of(values: pd.Series, name: str) -> Given:
    """Read a split column, (n,); a row without a value is learned from only. `GoalError` for what makes no sense."""
    where = f"column {name!r}"
    places, distinct = pd.factorize(scoring.labels_of(values).fillna("train"))
    words = [str(value).strip().casefold() for value in distinct]
    meaning = {word: _meaning(word) for word in words}
    if unknown := [word for word, code in meaning.items() if code is None]:
        shown = ", ".join(map(repr, sorted(unknown)[:3]))
        raise GoalError(f"The split column holds values that name no part: {shown}", where=where, remedy=_WRITE)
    if len(meaning) < 2:
        raise GoalError(f"The split column says {next(iter(meaning))!r} in every row", where=where, remedy=_WRITE)
    codes = np.array([meaning[word] for word in words], dtype=np.int64)[places]
    numbered = np.unique(codes[codes >= 0])
    if len(numbered) and (codes == VALID).any():
        raise GoalError("The split column names validation rows and numbers folds, too", where=where, remedy=_WRITE)
    if len(numbered) > MOST_FOLDS:
        raise GoalError(
            f"The split column has {len(numbered)} folds", where=where, remedy=f"At most {MOST_FOLDS} can be tried."
        )
    made = Given(holdout=codes == TEST, folds=_folds(codes, numbered))
    _check(made, where)
    return made


def _meaning(word: str) -> int | None:
    if word in _WORDS:
        return _WORDS[word]
    match = _FOLD.fullmatch(word)
    return None if match is None else int(match.group(1))


def _folds(codes: Integers, numbered: Integers) -> Integers | None:
    if len(numbered):
        return np.where(codes >= 0, np.searchsorted(numbered, codes), LEARNED_ONLY).astype(np.int64)
    return np.where(codes == VALID, 0, LEARNED_ONLY).astype(np.int64) if (codes == VALID).any() else None


def _check(made: Given, where: str) -> None:
    free = ~made.holdout
    parts = [] if made.folds is None else [free & (made.folds != fold) for fold in range(made.count)]
    trained = min([int(free.sum()), *(int(part.sum()) for part in parts)])
    tested = int(free.sum()) if made.folds is None else int((free & (made.folds >= 0)).sum())
    if trained < LEAST_TRAINED:
        raise GoalError(
            f"The split column leaves {trained} rows to learn from, at least {LEAST_TRAINED} are needed",
            where=where,
            remedy="Mark more rows as train, or train without a split column.",
        )
    if tested < LEAST_TESTED:
        raise GoalError(
            f"The split column leaves {tested} rows to judge on, at least {LEAST_TESTED} are needed",
            where=where,
            remedy="Mark more rows as validation, or train without a split column.",
        )
