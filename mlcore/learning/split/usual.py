"""How many rows are judged on: the hold-out and the folds that suit a number of rows."""

from __future__ import annotations

from mlcore.learning.given import Given
from mlcore.learning.plan import Method, Validation


def validation(n: int, *, time: bool, groups: int | None, given: Given | None = None) -> Validation:
    """The defaults for n rows: how large the hold-out is, how many folds, how often. `groups` is their number.

    What is `given` by a column of the table goes before the defaults.
    """
    holdout, said = _holdout_rows(n, groups) if given is None else _given_rows(given)
    left = n - holdout
    method, folds, repeats = _folds(left)
    if given is not None and given.count:
        method, folds, repeats = "given split" if given.count == 1 else "given folds", given.count, 1
    elif time:
        method, repeats = "forward in time", 1
    elif groups is not None:
        method, folds, repeats = "group folds", max(2, min(folds, groups - (groups >= 30) * groups // 5)), 1
    return Validation(method=method, folds=folds, repeats=repeats, holdout=holdout, reason=_reason(said, method, left))


def _holdout_rows(n: int, groups: int | None) -> tuple[int, str]:
    if n < 300:
        return 0, f"{n:,} rows are too few to lock some away"
    if groups is not None and groups < 30:
        return 0, f"{groups} groups are too few to lock some away"
    if n <= 5_000:
        rows = round(0.2 * n)
    elif n <= 50_000:
        rows = max(1_000, round(0.15 * n))
    else:
        rows = min(round(0.1 * n), 20_000)
    return rows, f"{rows:,} rows are locked away for the final check"


def _given_rows(given: Given) -> tuple[int, str]:
    rows = int(given.holdout.sum())
    return rows, f"{rows:,} rows are locked away, as the table says" if rows else "the table names no rows to lock away"


def _folds(n: int) -> tuple[Method, int, int]:
    if n < 500:
        return "repeated folds", 5, 5
    if n < 2_000:
        return "repeated folds", 5, 3
    if n < 20_000:
        return "folds", 5, 1
    return ("folds", 3, 1) if n < 200_000 else ("one split", 1, 1)


def _reason(said: str, method: Method, left: int) -> str:
    why = {
        "repeated folds": f"with {left:,} rows one round of folds would depend on luck, so it is repeated",
        "folds": f"{left:,} rows allow every row to be predicted by a model that did not see it",
        "one split": f"{left:,} rows are enough to judge on one part",
        "forward in time": "the rows have a time, so every model is judged on rows later than those it learned from",
        "given split": "the table says which rows are judged on",
        "given folds": "the table says which rows are judged on in which round",
        "group folds": "rows of one group stay together, so a model never sees the group it is judged on",
    }
    return f"{said}; {why[method]}"
