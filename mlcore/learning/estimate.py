"""What a training will take before it is started: time, memory and disk, from the table's shape alone.

From the costs of its candidates (`costs`), carried out in the engine's order. Held against what happens by
`python -m tests.benchmarks.estimating`. Needs no modelling library.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from mlcore.data.schema import Column, Schema
from mlcore.learning.affordable import affordable
from mlcore.learning.costs import (
    JUDGING_SECONDS,
    MOST_TERMS,
    TERMS_EACH,
    Shape,
    candidate_seconds,
    encoded,
    kept_free,
    preparing,
    texts,
)
from mlcore.learning.goal import Goal
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.asked import kinds_asked
from mlcore.learning.plan import Candidate, Validation
from mlcore.learning.planning import candidates as portfolio
from mlcore.learning.planning import reasons_against
from mlcore.learning.split import validation
from mlcore.learning.wide import WIDE

LEARNED_BY_HEART = ("identifier", "constant")


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


PROCESSES, CHILD = 300.0, 75.0
"""Megabytes of the worker and what it starts children from, and of each child, whatever the table."""

HELD, LAYOUTS, BLOCK = 1.3, 3.7, 50_000
"""How many times the table is held while it is laid out, and so many rows of it besides: the rest goes by in blocks."""

COPIES = 3.0
"""How many times the encoded rows are held while a model is fitted."""

CELL, WIDE_CELL = 14, 5
"""Bytes of a cell of the table as it lies in memory; less where there are very many columns, laid out in blocks."""

KEPT_CELL, FEW_VALUES, FEW_CELL = 4.2, 256, 1.2
"""Bytes of a cell of the columns laid out, and where a column has few values."""

SMALL, MODEL, FOREST, EXACT = 0.015, 0.14, 0.0004, 2.0
"""Megabytes of a stored model of a few lines, of any other, and of a forest for each row it learned from: of numbers,
which seldom are the same in two rows, so many times as much."""

TERM = 2.5e-5
"""Megabytes that a word of a text takes in a stored model."""

LINES = ("baseline", "linear", "rules", "bayes")
"""Families of models that are a few lines."""

BESIDE, CELLS_BESIDE = 0.02, 0.0012
"""Megabytes that lie beside each model, and for each column: how to read a row, and the rows that explanations need."""

SAID, EACH = 7.0, 4.0
"""Bytes for each row that a model was judged on, and for each probability or number that it said of it."""

FULL = 20_000
"""Beyond so many rows forests have larger leaves."""

ENSEMBLE = 1.5
"""How many times the models are stored: its members once more in the ensemble."""

STARTED = 1.5
"""Seconds until a worker has taken the job up and its first child is there."""

COMPARED = 4.0
"""CPU seconds for combining and comparing the models at the end."""


def estimate(
    shape: Shape, candidates: Sequence[Candidate], *, seconds: float, cores: int, available: float
) -> Estimate:
    """What carrying out these candidates takes with `cores` lanes; `available` is the machine's memory in megabytes."""
    work = [candidate_seconds(shape, candidate) for candidate in candidates]
    laid_out = preparing(shape)
    ending, whole = _carried_out(work, cores, laid_out, seconds)
    return Estimate(
        seconds=seconds,
        configurations=len(candidates),
        fitting=len(ending),
        whole=whole,
        work=laid_out + sum(work) + COMPARED,
        first=STARTED + laid_out + (work[0] if work else 0.0),
        megabytes=_memory(shape, candidates, cores),
        disk=_disk(shape, [candidates[place] for place in ending]),
        available=available,
        cores=cores,
    )


def configurations(shape: Shape, goal: Goal, models: Sequence[str] | None = None) -> tuple[Candidate, ...]:
    """The candidates that a plan for this shape would have."""
    asked = kinds_asked(("baseline", *models)) if models else list(MODELS)
    columns, rarest = len(shape.columns), shape.rows // max(1, 2 * shape.labels)
    reasons = reasons_against(asked, goal, shape.rows, columns, rarest)
    return portfolio([kind for kind, reason in reasons if reason is None], goal, shape.rows, columns)


def shape_of(
    schema: Schema,
    goal: Goal,
    target: pd.Series,
    *,
    seconds: float,
    groups: int | None = None,
    planned: Validation | None = None,
) -> Shape:
    """The shape of a table for a goal; `target` is its column, `groups` the number of groups that stay together.

    `planned` is how its models are judged, where that is known already.
    """
    rows, columns = int(target.notna().sum()), learned_from(schema, goal)
    labels = 0 if goal.task == "regression" else int(target.nunique())
    usual = planned or validation(rows, time=goal.time is not None, groups=groups)
    shape = Shape(rows=rows, columns=columns, labels=labels, validation=usual)
    return replace(shape, validation=affordable(shape, seconds))


def learned_from(schema: Schema, goal: Goal) -> tuple[Column, ...]:
    """The columns that the models of a goal will see, as far as the schema tells."""
    out = {goal.target, goal.group, goal.weight, goal.split, *goal.exclude}
    return tuple(
        column
        for column in schema
        if column.name not in out and (column.kind not in LEARNED_BY_HEART or column.name in goal.keep)
    )


def _carried_out(work: Sequence[float], cores: int, laid_out: float, seconds: float) -> tuple[list[int], float]:
    """Which candidates end in time, and when all would have ended, in the engine's order and with its reserve."""
    limit = seconds - kept_free(seconds, judging=min(laid_out, JUDGING_SECONDS), before=0.0, after=0.0)
    lanes, endless, ending = [laid_out] * cores, [laid_out] * cores, list[int]()
    for place, cost in enumerate(work):
        heapq.heapreplace(endless, endless[0] + cost)
        if lanes[0] + cost <= limit or not ending:
            heapq.heapreplace(lanes, lanes[0] + cost)
            ending.append(place)
    return ending, max(endless) + COMPARED


def _memory(shape: Shape, candidates: Sequence[Candidate], cores: int) -> float:
    """Megabytes at the worst moment: laying the table out, or candidates of the widest kinds side by side."""
    kinds = {MODELS[candidate.model].key: MODELS[candidate.model] for candidate in candidates}
    rows = min(shape.rows, max((candidate.rows or shape.rows for candidate in candidates), default=shape.rows))
    widest = sorted((_matrix(shape, kind, rows) for kind in kinds.values()), reverse=True)
    beside = sum(widest[:cores]) + (widest[-1] if widest else 0.0) * max(0, cores - len(widest))
    table = _table(shape)
    laying = table * (HELD + LAYOUTS * min(1.0, BLOCK / max(1, shape.rows)))
    return PROCESSES + max(laying, cores * (CHILD + 2 * table * rows / shape.rows) + COPIES * beside)


def _matrix(shape: Shape, kind: ModelKind, rows: int) -> float:
    """Megabytes of the encoded rows."""
    if kind.intake == "sparse":
        each = 8e-6 if len(shape.columns) > WIDE else 12e-6
        return each * rows * (len(shape.columns) + 60 * texts(shape))
    return 8e-6 * rows * encoded(shape, kind)


def _table(shape: Shape) -> float:
    """Megabytes of the table as it lies in memory."""
    cell = WIDE_CELL if len(shape.columns) > WIDE else CELL
    return 1e-6 * shape.rows * (cell * len(shape.columns) + 250 * texts(shape))


def _laid_out(shape: Shape) -> float:
    """Megabytes of its columns as the run keeps them."""
    scarce = sum(0 < column.distinct <= FEW_VALUES for column in shape.columns)
    cells = KEPT_CELL * (len(shape.columns) - scarce) + FEW_CELL * scarce
    return 1e-6 * shape.rows * (cells + 75 * texts(shape))


def _disk(shape: Shape, candidates: Sequence[Candidate]) -> float:
    """Megabytes of the columns laid out, and for each candidate: the model, what it said about each row, and what lies
    beside it."""
    told = SAID + EACH * max(1, shape.labels - 1 if shape.labels == 2 else shape.labels)
    rounds = (1 + shape.validation.repeats) / 2  # only quick models find time for all
    families = [MODELS[candidate.model].family for candidate in candidates]
    models = sum(SMALL if family in LINES else MODEL for family in families)
    models += TERM * len(families) * texts(shape) * min(MOST_TERMS, TERMS_EACH * shape.learned)
    leaves = min(shape.rows, FULL) + max(0, shape.rows - FULL) / 4
    forest = FOREST * leaves * (math.sqrt(shape.outputs) if shape.labels else EXACT)
    each = 1e-6 * told * rounds * shape.rows + BESIDE + CELLS_BESIDE * len(shape.columns)
    return _laid_out(shape) + len(candidates) * each + ENSEMBLE * (models + families.count("trees") * forest)


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
