"""What a model should say about a row, and the rows found about which it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.evaluation.predictions import Floats
from mlcore.explanation.likeness import Likeness
from mlcore.learning.model import Model


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the model should say: a label, at least so probable where `probability` is given; or a number in bounds."""

    label: str | None = None
    probability: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One cell before and after."""

    column: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class Counterfactual:
    """A row that gets the wanted answer: what is other in it, what the model says about it, how like seen rows it is.

    `cost` is the sum of its changes, numbers in units of the middle nine tenths of the seen values, a word as 1.
    """

    changes: tuple[Change, ...]
    row: Mapping[str, Any]
    said: Mapping[str, Any]
    cost: float
    likeness: Likeness


@dataclass(frozen=True, kw_only=True)
class Found:
    """What came of a search. `already`: the row has the wanted answer as it is. `tried` rows were scored.

    `columns` might change, up to `most` at once. `implausible` answers are not shown, as they are unlike anything seen.
    """

    wanted: Wanted
    answers: tuple[Counterfactual, ...] = ()
    already: bool = False
    tried: int = 0
    columns: int = 0
    most: int = 0
    implausible: int = 0
    late: bool = False
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """What was found, or how hard it was looked for."""
        if self.already:
            return "The model says this about the row as it is: nothing has to change."
        tried = f"{self.tried:,} variants in {self.columns} column{'s'[: self.columns != 1]}"
        late = " The time was up before all was tried; more time may find more." if self.late else ""
        if self.answers:
            ways = f"{len(self.answers)} way{'s'[: len(self.answers) != 1]}"
            return f"{ways} found among {tried}; each was scored again by the model.{late}"
        if not self.columns:
            return "None found: no column may change within these limits."
        odd = f" {self.implausible} would do, but are unlike anything seen." if self.implausible else ""
        return f"None found among {tried}, up to {self.most} columns at once.{odd}{late}"


def check(wanted: Wanted, model: Model) -> None:
    """`UserError` when the model can never say this."""
    if not model.labels:
        bounds = [value for value in (wanted.low, wanted.high) if value is not None]
        if not bounds or any(not np.isfinite(value) for value in bounds):
            raise UserError("No number is wanted", remedy="Say from which number, or up to which one.")
        if len(bounds) == 2 and bounds[0] > bounds[1]:
            raise UserError("The wanted bounds are the wrong way round", remedy="Give the lower one first.")
        return
    if wanted.label not in model.labels:
        known = ", ".join(map(repr, model.labels[:10]))
        raise UserError(f"The model never says {wanted.label!r}", remedy=f"It says one of: {known}.")
    if wanted.probability is not None and not 0 < wanted.probability <= 1:
        raise UserError("The wanted probability is none", remedy="Give a number above 0, up to 1.")


def judge(model: Model, wanted: Wanted, frame: pd.DataFrame) -> tuple[Floats, Any]:
    """How far each scored row (as `Scorer.frame` writes it) is from what is wanted, and whether it is that."""
    if not model.labels:
        values = frame["prediction"].to_numpy(dtype=np.float64)
        low = -np.inf if wanted.low is None else wanted.low
        high = np.inf if wanted.high is None else wanted.high
        return np.maximum(np.maximum(low - values, values - high), 0.0), (values >= low) & (values <= high)
    score = frame[f"probability_{wanted.label}"].to_numpy(dtype=np.float64)
    if wanted.probability is not None:
        return np.maximum(wanted.probability - score, 0.0), score >= wanted.probability
    if model.task == "binary":
        cut = model.scorer.threshold
        gap = (cut if wanted.label == model.goal.positive else 1.0 - cut) - score
    else:
        others = [f"probability_{label}" for label in model.labels if label != wanted.label]
        gap = frame[others].to_numpy(dtype=np.float64).max(axis=1) - score
    return gap, (frame["prediction"].astype(str) == wanted.label).to_numpy()
