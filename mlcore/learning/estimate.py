"""What a training will take before it is started: time, memory and disk, from the table's shape alone.

CPU seconds of one fit grow with the rows, the encoded columns and the outputs (one tree or line a label), at rates of
each kind of model that were fitted to the portfolio on tables of 200 to 40,000 rows; a kind that was never measured
takes the rate of its family. How many rounds a boosted model grows is known only afterwards, so a whole run is told
within a factor of two, a single candidate is not. Held against what
happens by `python -m tests.benchmarks.estimating`. Needs no modelling library.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from mlcore.data.schema import Column, Schema
from mlcore.learning.encode import FEW, MANY_CLASSES, TEXT_PARTS
from mlcore.learning.fields import kind_of
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.plan import Candidate, Validation
from mlcore.learning.planning import candidates as portfolio
from mlcore.learning.split import validation

LEARNED_BY_HEART = ("identifier", "constant")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What costs depend on: `rows` with a known answer, the columns to learn from, and `labels` (0: a number)."""

    rows: int
    columns: tuple[Column, ...]
    labels: int
    validation: Validation

    @property
    def outputs(self) -> int:
        """How many trees or lines a model needs where it needs one for each label."""
        return self.labels if self.labels > 2 else 1

    @property
    def learned(self) -> int:
        """Rows that one fit learns from."""
        rows = self.rows - self.validation.holdout
        folds = self.validation.folds
        return round(rows * (folds - 1) / folds) if folds > 1 else round(0.85 * rows)

    @property
    def fits(self) -> int:
        """Fits of a candidate: one a fold, and the last on all rows."""
        return self.validation.folds + 1 if self.validation.method != "one split" else 1


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a training is expected to take.

    `configurations` are planned, `fitting` of them end within `seconds`; all of them would take `whole` seconds on
    `cores` cores, `work` CPU seconds. `first` is when the first result is there. `megabytes` is the most memory all
    processes hold together, `available` what the machine has, `disk` the megabytes that the run keeps.
    """

    seconds: float
    configurations: int
    fitting: int
    whole: float
    work: float
    first: float
    megabytes: float
    disk: float
    available: float
    cores: int

    @property
    def sentence(self) -> str:
        """The same for people, in one line."""
        budget = duration(self.seconds)
        if self.fitting >= self.configurations:
            rest = ", and time is left to search around the best" if self.whole < 0.6 * self.seconds else ""
            fits = f"All {self.configurations} configurations fit into {budget}{rest}"
        else:
            fits = f"About {self.fitting} of {self.configurations} configurations fit into {budget}"
        first = f"first result after about {duration(self.first)}"
        return f"{fits}; {first}; memory up to about {size(self.megabytes)}; disk about {size(self.disk)}."

    @property
    def warning(self) -> str:
        """What to heed before starting; empty when there is nothing."""
        if self.megabytes <= self.available:
            return ""
        return (
            f"This needs about {size(self.megabytes)} of memory, and the machine has {size(self.available)}. "
            "Leave columns out, take fewer rows, or use a larger machine."
        )


@dataclass(frozen=True, kw_only=True)
class Rate:
    """CPU seconds of a fit: `base`, `wide` for each 30 columns, and `rows` for each 1,000 rows of 30 columns.

    The last grows with the columns to the power of `power`, all of it with the outputs to the power of `outputs`.
    """

    base: float
    wide: float
    rows: float
    power: float
    outputs: float


RATES: Mapping[str, Rate] = {
    "baseline": Rate(base=0.02, wide=0.0, rows=0.0005, power=0.0, outputs=0.0),
    "rule": Rate(base=0.03, wide=0.01, rows=0.01, power=0.5, outputs=0.15),
    "linear": Rate(base=0.04, wide=0.015, rows=0.012, power=0.3, outputs=0.5),
    "lightgbm": Rate(base=0.1, wide=0.05, rows=0.06, power=0.5, outputs=1.1),
    "histogram": Rate(base=0.2, wide=0.2, rows=0.04, power=0.5, outputs=0.8),
    "extra": Rate(base=0.15, wide=0.03, rows=0.17, power=0.5, outputs=0.15),
    "forest": Rate(base=0.25, wide=0.03, rows=0.16, power=0.5, outputs=0.4),
    "catboost": Rate(base=0.5, wide=0.6, rows=0.08, power=0.5, outputs=1.4),
    "xgboost": Rate(base=0.15, wide=0.25, rows=0.04, power=0.5, outputs=1.0),
    "net": Rate(base=0.1, wide=0.02, rows=0.13, power=0.2, outputs=0.2),
    "neighbours": Rate(base=0.03, wide=0.01, rows=0.01, power=0.5, outputs=0.1),
}
FAMILIES: Mapping[str, Rate] = {
    "baseline": RATES["rule"],
    "linear": RATES["linear"],
    "trees": RATES["extra"],
    "boosting": RATES["lightgbm"],
    "neural": RATES["net"],
    "neighbours": RATES["neighbours"],
}
ANY = RATES["lightgbm"]
WIDEST = 500
"""More columns than this are words and rare categories, nearly all of them zero: they cost no more."""

WORDS = 1e-4
"""CPU seconds for reading one text cell."""

TRIAL = 0.35
"""CPU seconds for storing a candidate, scoring it and measuring its speed."""

PROCESSES, CHILD = 300.0, 75.0
"""Megabytes of the worker and what it starts children from, and of each child, whatever the table."""

LAYOUTS, COPIES = 5.0, 3.0
"""How many times the table is held while it is laid out, and the encoded rows while a model is fitted."""

MODEL, FOREST = 0.25, 0.0004
"""Megabytes of a stored model, and of a forest for each row it learned from."""

ENSEMBLE = 1.5
"""How many times the models are stored: its members once more in the ensemble."""

COMPARED = 4.0
"""CPU seconds for combining and comparing the models at the end."""

REFITTED = 5_000
"""Boosted models are fitted twice on so few rows: to find the number of rounds, and with it."""


def estimate(
    shape: Shape, candidates: Sequence[Candidate], *, seconds: float, cores: int, available: float
) -> Estimate:
    """What carrying out these candidates takes with `cores` lanes; `available` is the machine's memory in megabytes."""
    work = [candidate_seconds(shape, candidate) for candidate in candidates]
    laid_out = preparing(shape)
    fitting, whole = _carried_out(work, cores, laid_out, seconds)
    return Estimate(
        seconds=seconds,
        configurations=len(candidates),
        fitting=fitting,
        whole=whole,
        work=laid_out + sum(work) + COMPARED,
        first=laid_out + (work[0] if work else 0.0),
        megabytes=_memory(shape, candidates, cores),
        disk=_disk(shape, candidates),
        available=available,
        cores=cores,
    )


def configurations(shape: Shape, goal: Goal, models: Sequence[str] | None = None) -> tuple[Candidate, ...]:
    """The candidates that a plan for this shape would have."""
    asked = [MODELS[key] for key in dict.fromkeys(("baseline", *models))] if models else list(MODELS)
    columns, rarest = len(shape.columns), shape.rows // max(1, 2 * shape.labels)
    fit = [kind for kind in asked if kind.unfit(goal.task, shape.rows, columns, rarest) is None]
    return portfolio(fit, goal, shape.rows, columns)


def shape_of(schema: Schema, goal: Goal, target: pd.Series, groups: int | None = None) -> Shape:
    """The shape of a table for a goal; `target` is its column, `groups` the number of groups that stay together."""
    rows = int(target.notna().sum())
    return Shape(
        rows=rows,
        columns=learned_from(schema, goal),
        labels=0 if goal.task == "regression" else int(target.nunique()),
        validation=validation(rows, time=goal.time is not None, groups=groups),
    )


def learned_from(schema: Schema, goal: Goal) -> tuple[Column, ...]:
    """The columns that the models of a goal will see, as far as the schema tells."""
    out = {goal.target, goal.group, *goal.exclude}
    return tuple(
        column
        for column in schema
        if column.name not in out and (column.kind not in LEARNED_BY_HEART or column.name in goal.keep)
    )


def candidate_seconds(shape: Shape, candidate: Candidate) -> float:
    """CPU seconds of a candidate: one round of folds, the final model, and what is measured on it."""
    kind = MODELS[candidate.model]
    rows = min(shape.learned, candidate.rows or shape.learned)
    rate = RATES.get(kind.key) or FAMILIES.get(kind.family) or ANY
    wide = min(WIDEST, encoded(shape, kind, curves=bool(candidate.params.get("curves")))) / 30
    fit = rate.base + rate.wide * wide + rate.rows * rows / 1_000 * math.pow(wide, rate.power)
    fit *= math.pow(shape.outputs, rate.outputs) * _longer(kind, candidate)
    twice = 2 if kind.grow is not None and rows <= REFITTED else 1
    read = {"nothing": 0.0, "sparse": 2.5}.get(kind.intake, 1.0) * twice
    return TRIAL + shape.fits * (fit + read * WORDS * rows * _texts(shape))


def encoded(shape: Shape, kind: ModelKind, *, curves: bool = False) -> int:
    """How many columns the encoder makes for a kind of model, roughly."""
    if kind.intake == "nothing":
        return 1
    return max(1, sum(_width(shape, column, kind.intake, curves) for column in shape.columns))


def _width(shape: Shape, column: Column, intake: str, curves: bool) -> int:
    held = kind_of(column)
    gone = int(column.missing > 0 and intake != "gaps")
    if held == "number":
        return (9 if curves else 1) + gone
    if held == "time":
        return (25 if intake in ("scaled", "sparse") else 5) + gone
    if held == "text":
        return min(20_000, 8 * shape.learned) if intake == "sparse" else TEXT_PARTS
    levels = max(2, column.distinct, len(column.categories))
    if levels <= FEW:
        return levels
    if intake == "sparse":
        return min(levels, 1_000, max(2, shape.learned // 10))
    return 1 + (shape.outputs if shape.outputs <= MANY_CLASSES else 0)


def preparing(shape: Shape) -> float:
    """Seconds until the first candidate can begin: a process, and the table read, split and laid out."""
    columns = len(shape.columns)
    return 1.5 + 0.005 * columns + 1e-6 * shape.rows * columns + WORDS * shape.rows * _texts(shape)


def _carried_out(work: Sequence[float], cores: int, laid_out: float, seconds: float) -> tuple[int, float]:
    """How many candidates end in time, and when all would have ended, in the engine's order and with its reserve."""
    limit = seconds - 1.0 - 0.03 * seconds - 2.5 * laid_out
    lanes, endless, fitting = [laid_out] * cores, [laid_out] * cores, 0
    for cost in work:
        heapq.heapreplace(endless, endless[0] + cost)
        if lanes[0] + cost <= limit or fitting == 0:
            heapq.heapreplace(lanes, lanes[0] + cost)
            fitting += 1
    return fitting, max(endless) + COMPARED


def _memory(shape: Shape, candidates: Sequence[Candidate], cores: int) -> float:
    """Megabytes at the worst moment: laying the table out, or the widest candidates side by side."""
    kinds = {MODELS[candidate.model].key: MODELS[candidate.model] for candidate in candidates}
    rows = min(shape.rows, max((candidate.rows or shape.rows for candidate in candidates), default=shape.rows))
    largest = max((_matrix(shape, kind, rows) for kind in kinds.values()), default=0.0)
    table = _table(shape)
    return PROCESSES + max(LAYOUTS * table, cores * (CHILD + 2 * table * rows / shape.rows + COPIES * largest))


def _matrix(shape: Shape, kind: ModelKind, rows: int) -> float:
    """Megabytes of the encoded rows."""
    if kind.intake == "sparse":
        return 12e-6 * rows * (len(shape.columns) + 60 * _texts(shape))
    return 8e-6 * rows * encoded(shape, kind)


def _table(shape: Shape) -> float:
    """Megabytes of the table as it lies in memory."""
    return 1e-6 * shape.rows * (14 * len(shape.columns) + 250 * _texts(shape))


def _disk(shape: Shape, candidates: Sequence[Candidate]) -> float:
    """Megabytes of the columns laid out, what each candidate said about each row, and the models."""
    said = 8e-6 * shape.rows * max(1, shape.labels - 1 if shape.labels == 2 else shape.labels)
    forests = sum(MODELS[candidate.model].family == "trees" for candidate in candidates)
    models = len(candidates) * MODEL + forests * FOREST * shape.rows * math.sqrt(shape.outputs)
    return 0.3 * _table(shape) + len(candidates) * said + ENSEMBLE * models


def _texts(shape: Shape) -> int:
    return sum(kind_of(column) == "text" for column in shape.columns)


def _longer(kind: ModelKind, candidate: Candidate) -> float:
    """How many times longer its settings make it: more trees, or slower learning, which takes more rounds."""
    usual, own = kind.settings({}), kind.settings(candidate.params)
    times = 1.0
    for key, power in (("trees", 1.0), ("rate", -0.5)):
        if key in usual:
            times *= math.pow(float(own[key] or 1.0) / float(usual[key] or 1.0), power)
    return times


def duration(seconds: float) -> str:
    """A time as people say it, no more exact than it is known."""
    if seconds < 90:
        return f"{max(1, round(seconds)) if seconds < 10 else 5 * round(seconds / 5)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3_600:.1f} h"


def size(megabytes: float) -> str:
    """A size as people say it, with two digits at most."""
    if megabytes >= 1_000:
        return f"{megabytes / 1_000:.1f} GB"
    step = 10 if megabytes < 100 else 50
    return f"{max(1, round(megabytes)) if megabytes < 10 else step * round(megabytes / step)} MB"
