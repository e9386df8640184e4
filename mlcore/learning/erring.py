"""Where a trial errs in the user's own table: row by row, along a column, as time goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.picked import picked
from mlcore.data.schema import Column
from mlcore.errors import ColumnError, UserError
from mlcore.evaluation.along import Along, errors_along, residuals_along
from mlcore.evaluation.predictions import Floats, Predictions
from mlcore.learning.folder import RunFolder
from mlcore.learning.parts import sliceable
from mlcore.learning.results import OutOfFold

_DAY = 86_400.0
_UNITS = (("days", _DAY), ("hours", 3_600.0), ("minutes", 60.0), ("seconds", 1.0))
PERIODS = 24


@dataclass(frozen=True, kw_only=True)
class InTime:
    """How the error goes with time. `columns` are those that hold one; `over` is None when there is none.

    `ahead` is the error by how far ahead of the newest row learned from it was predicted; None unless folds went
    forward in time.
    """

    columns: tuple[str, ...] = ()
    over: Along | None = None
    ahead: Along | None = None


def rows_of(run: RunFolder, key: str) -> pd.DataFrame:
    """Each row once, by its position: truth, what was said about it out of fold (the mean of rounds), and the error.

    `row`, `truth`, `said`, `error`, and for labels `probability` (of yes, or of the answer given), for numbers `low`
    and `high`. The error of labels is the probability not given to the truth, that of numbers truth − prediction.
    """
    said = OutOfFold.read(run, key).predictions(run)
    made = said.averaged()
    table = pd.DataFrame({"row": made.rows})
    if made.task != "regression":
        return _labels(table, made)
    table = _numbers(table, made)
    if said.low is None or said.high is None:
        return table
    place, counts = np.searchsorted(made.rows, said.rows), np.bincount(np.searchsorted(made.rows, said.rows))
    low, high = (np.bincount(place, weights=ends) / counts for ends in (said.low, said.high))
    return table.assign(low=low, high=high)


def _numbers(table: pd.DataFrame, made: Predictions) -> pd.DataFrame:
    assert made.truth is not None
    return table.assign(truth=made.truth, said=made.values, error=made.truth - made.values)


def _labels(table: pd.DataFrame, made: Predictions) -> pd.DataFrame:
    assert made.truth is not None
    truth, answer = made.truth.astype(np.int64), made.values.argmax(axis=1)
    probability = made.score if made.task == "binary" else made.values.max(axis=1)
    return table.assign(
        truth=pd.Categorical.from_codes(truth, pd.Index(made.labels)),
        said=pd.Categorical.from_codes(answer, pd.Index(made.labels)),
        probability=probability,
        error=1 - made.values[np.arange(len(truth)), truth],
    )


def against(run: RunFolder, key: str, name: str) -> Along:
    """Residuals of a model of numbers along a column of the table. `ColumnError` when it is not there."""
    if run.plan.goal.task != "regression":
        raise UserError("Residuals need a task that predicts a number", remedy="Look at the segments instead.")
    column = _column(run, name)
    said = OutOfFold.read(run, key).predictions(run)
    return residuals_along(said, _aligned(run, said, name), column, seed=run.plan.seed)


def in_time(run: RunFolder, key: str, name: str | None = None) -> InTime:
    """The error over time, by the declared time column or the first that holds dates, and by horizon."""
    names = time_columns(run)
    if not names:
        return InTime()
    out = OutOfFold.read(run, key)
    said = out.predictions(run)
    name = names[0] if name is None else name
    over = errors_along(said, _aligned(run, said, name), _column(run, name), most=PERIODS)
    return InTime(columns=names, over=over, ahead=_ahead(run, out, said) if name == run.plan.goal.time else None)


def time_columns(run: RunFolder) -> tuple[str, ...]:
    """The time column of the goal, then those that hold dates."""
    goal = run.plan.goal
    dated = [column.name for column in run.plan.schema if column.kind == "datetime" and column.name != goal.target]
    own = [goal.time] if goal.time is not None and goal.time in run.plan.schema else []
    return tuple(dict.fromkeys([*own, *dated]))


def columns_of(run: RunFolder) -> tuple[str, ...]:
    """The columns along which residuals can be looked at."""
    return tuple(column.name for column in sliceable(run))


def _ahead(run: RunFolder, out: OutOfFold, said: Predictions) -> Along | None:
    moments = run.rows.moments
    if not run.split.forward or moments is None:
        return None
    far: Floats = np.full(len(out.chosen), np.nan)
    for fit, (learned, _) in enumerate(run.split.pairs()):
        here = out.fold == fit
        far[here] = moments[out.chosen[here]] - moments[learned].max()
    dated = run.plan.schema[run.plan.goal.time or ""].kind == "datetime"
    span = float(np.nanmax(far)) if np.isfinite(far).any() else 0.0
    unit, seconds = next(((u, s) for u, s in _UNITS if span >= 3 * s), _UNITS[-1]) if dated else ("", 1.0)
    column = Column(name="how far ahead", kind="numeric", storage="float")
    return errors_along(said, pd.Series(far / seconds), column, unit=unit)


def _column(run: RunFolder, name: str) -> Column:
    if name not in run.plan.schema:
        raise ColumnError(name, run.plan.schema.names)
    return run.plan.schema[name]


def _aligned(run: RunFolder, said: Predictions, name: str) -> pd.Series[Any]:
    """A column beside the predictions."""
    if not Path(run.table_path).is_file():
        raise UserError("The table of this run was removed", remedy="Import it again.")
    rows = np.unique(said.rows)
    values = picked(run.table_path, rows, [name])[name]
    return values.iloc[np.searchsorted(rows, said.rows)].reset_index(drop=True)
