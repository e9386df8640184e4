"""What fitting a candidate costs, told from the shape of the table alone.

CPU seconds of one fit grow with the rows, the encoded columns and the outputs (one tree or line a label), at rates of
each kind of model that were fitted to the portfolio on tables of 200 to 40,000 rows; a kind that was never measured
takes the rate of its family. How many rounds a boosted model grows is known only afterwards, so a whole run is told
within a factor of two, a single candidate is not. Needs no modelling library.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mlcore.data.schema import Column
from mlcore.learning.encode import FEW, MANY_CLASSES
from mlcore.learning.fields import kind_of
from mlcore.learning.fold import REFITTED
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.plan import Candidate, Validation
from mlcore.learning.rounds import part_kept
from mlcore.learning.wide import WIDE


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What costs depend on: `rows` with a known answer, the columns to learn from, and `labels` (0: a number)."""

    rows: int
    columns: tuple[Column, ...]
    labels: int
    validation: Validation

    @cached_property
    def groups(self) -> tuple[tuple[Column, int], ...]:
        """Columns that cost alike: one of them, and how many there are."""
        counts: dict[tuple[str, bool, int], list[Column]] = {}
        for column in self.columns:
            held = kind_of(column)
            levels = max(2, column.distinct, len(column.categories)) if held == "category" else 0
            counts.setdefault((held, column.missing > 0, levels), []).append(column)
        return tuple((columns[0], len(columns)) for columns in counts.values())

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
        """Fits of a candidate: one a fold, and the last on all rows, unless it keeps that of its one part."""
        if self.validation.method != "one split":
            return self.validation.folds + 1
        return 1 if part_kept(self.validation, self.rows - self.validation.holdout, len(self.columns)) else 2


@dataclass(frozen=True, kw_only=True)
class Rate:
    """CPU seconds of a fit: `base`, `wide` for each 30 columns, and `rows` for each 1,000 rows of 30 columns.

    Where there are few rows the second is less (`MANY`). The last grows with the columns to the power of `power`, all
    of it with the outputs to the power of `outputs`.
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
    "shrunk": Rate(base=0.1, wide=0.03, rows=0.15, power=0.5, outputs=0.0),
    "lightgbm": Rate(base=0.1, wide=0.05, rows=0.07, power=0.5, outputs=1.1),
    "histogram": Rate(base=0.2, wide=0.2, rows=0.04, power=0.5, outputs=0.8),
    "extra": Rate(base=0.15, wide=0.03, rows=0.19, power=0.5, outputs=0.15),
    "forest": Rate(base=0.25, wide=0.03, rows=0.2, power=0.5, outputs=0.4),
    "catboost": Rate(base=0.4, wide=0.3, rows=0.06, power=0.5, outputs=1.4),
    "xgboost": Rate(base=0.15, wide=0.25, rows=0.04, power=0.5, outputs=1.0),
    "net": Rate(base=0.5, wide=0.3, rows=0.35, power=0.2, outputs=0.2),
    "kernel": Rate(base=0.05, wide=0.01, rows=0.7, power=0.1, outputs=0.0),
    "additive": Rate(base=0.1, wide=0.25, rows=0.12, power=0.5, outputs=1.0),
    "bayes": Rate(base=0.1, wide=0.02, rows=0.025, power=0.5, outputs=0.3),
    "scorecard": Rate(base=0.1, wide=0.02, rows=0.02, power=0.5, outputs=0.5),
    "tree": Rate(base=0.04, wide=0.02, rows=0.007, power=0.5, outputs=0.2),
    "neighbours": Rate(base=0.03, wide=0.01, rows=0.06, power=1.0, outputs=0.1),
}
FAMILIES: Mapping[str, Rate] = {
    "baseline": RATES["rule"],
    "linear": RATES["linear"],
    "trees": RATES["extra"],
    "boosting": RATES["lightgbm"],
    "neural": RATES["net"],
    "neighbours": RATES["neighbours"],
    "rules": RATES["scorecard"],
    "additive": RATES["additive"],
    "bayes": RATES["bayes"],
}
ANY = RATES["lightgbm"]
WIDEST = 500
"""More columns than this of words and rare categories are nearly all zero: they cost no more. Numbers do, each."""

GIST = 12
"""Columns that a text becomes in front of trees, beside one for each output."""

MOST_TERMS, TERMS_EACH = 20_000, 8
"""Words, and groups of letters, that a text becomes in front of linear models: so many, as far as rows hold them."""

WORDS = 1e-4
"""CPU seconds for reading one text cell."""

TRIAL = 0.35
"""CPU seconds for storing a candidate, scoring it and measuring its speed."""

JUDGING_SECONDS = 2.0
"""What comparing the models is taken to need until it has been done once."""

MOST_FOR_ENSEMBLE = 4.0
"""Seconds that are kept free for putting models together, however long the budget. Of 4,694 rows and three boosted
models it took 3.5 s."""

AT_ONCE = 0.15
"""What laying out each of very many columns costs, beside one of few: they are taken up together."""

MANY = 1_000
"""Learned from fewer rows than this a column costs as much less: it has fewer values to cut at."""

NAMED = 1e-6
"""CPU seconds of a fit for each cell of categories, where there are very many columns."""

DESCRIBED = 200_000
"""Rows of a table that a bundle is made from, at most."""

SLOWER = 1.25
"""Times as long as one of the fits before is what a fit on all rows takes, at most."""

OVERHEAD = 1.0
"""Seconds for reading the members of a model, and for storing them again."""

FIELD = 4e-4
"""CPU seconds of that for each of very many columns."""


def candidate_seconds(shape: Shape, candidate: Candidate) -> float:
    """CPU seconds of a candidate: one round of folds, the final model, and what is measured on it."""
    kind = MODELS[candidate.model]
    rows = min(shape.learned, candidate.rows or shape.learned)
    rate = RATES.get(kind.key) or FAMILIES.get(kind.family) or ANY
    wide = _costly(shape, kind, curves=bool(candidate.params.get("curves"))) / 30
    fit = rate.base + rate.wide * wide * min(1.0, rows / MANY) + rate.rows * rows / 1_000 * math.pow(wide, rate.power)
    fit *= math.pow(shape.outputs, rate.outputs) * _longer(kind, candidate)
    twice = 2 if kind.grow is not None and rows <= REFITTED else 1
    read = 0 if kind.intake == "nothing" else twice
    trial = TRIAL + FIELD * max(0, len(shape.columns) - WIDE)
    named = _named(shape) * min(1.0, (kind.widest or len(shape.columns)) / max(1, len(shape.columns)))
    return trial + shape.fits * (fit + read * rows * (WORDS * texts(shape) + NAMED * named))


def _named(shape: Shape) -> int:
    """How many columns of categories there are beside very many others."""
    if len(shape.columns) <= WIDE:
        return 0
    return sum(count for column, count in shape.groups if kind_of(column) == "category")


def encoded(shape: Shape, kind: ModelKind, *, curves: bool = False) -> int:
    """How many columns the encoder makes for a kind of model, roughly."""
    if kind.intake == "nothing":
        return 1
    return max(1, sum(_widths(shape, kind, curves)))


def _widths(shape: Shape, kind: ModelKind, curves: bool) -> tuple[int, int]:
    """Encoded columns that are numbers or times, and all others; of very many only those that the kind learns from."""
    solid = sparse = 0
    for column, count in shape.groups:
        wide = count * _width(shape, column, kind.intake, curves)
        if kind_of(column) in ("number", "time"):
            solid += wide
        else:
            sparse += wide
    kept = min(1.0, kind.widest / len(shape.columns)) if kind.widest and len(shape.columns) > WIDE else 1.0
    return round(kept * solid), round(kept * sparse)


def _costly(shape: Shape, kind: ModelKind, *, curves: bool) -> int:
    """Encoded columns as far as they cost."""
    if kind.intake == "nothing":
        return 1
    solid, sparse = _widths(shape, kind, curves)
    return max(1, solid, min(WIDEST, solid + sparse))


def _width(shape: Shape, column: Column, intake: str, curves: bool) -> int:
    held = kind_of(column)
    gone = int(column.missing > 0 and intake != "gaps")
    if held == "number":
        return (9 if curves else 1) + gone
    if held == "time":
        return (25 if intake in ("scaled", "sparse") else 5) + gone
    if held == "text":
        return min(MOST_TERMS, TERMS_EACH * shape.learned) if intake == "sparse" else GIST + shape.outputs
    levels = max(2, column.distinct, len(column.categories))
    if levels <= FEW:
        return levels
    if intake == "sparse":
        return min(levels, 1_000, max(2, shape.learned // 10))
    return 1 + (shape.outputs if shape.outputs <= MANY_CLASSES else 0)


def preparing(shape: Shape) -> float:
    """Seconds until the first candidate can begin: a process, and the table read, split and laid out."""
    columns = min(len(shape.columns), WIDE) + AT_ONCE * max(0, len(shape.columns) - WIDE)
    return 1.5 + 0.004 * columns + 3e-7 * shape.rows * columns + WORDS * shape.rows * texts(shape)


def handing(rows: int, columns: int) -> float:
    """Seconds for the hold-out, for a graph of the model, and for building and proving a bundle: of very many rows some
    describe the table, and of very many columns few golden rows are made for each."""
    described = 1e-5 * min(rows, DESCRIBED)
    return 3.0 + described + 0.012 * min(columns, 2 * WIDE) + 0.0013 * max(0, columns - 2 * WIDE)


def proving(columns: int) -> float:
    """Seconds of that for proving alone, once everything else is made."""
    return 1.2 + 0.003 * min(columns, 2 * WIDE) + 0.001 * max(0, columns - 2 * WIDE)


def learning_again(fits: Iterable[float], *, lanes: int) -> float:
    """Seconds in so many lanes for members of a model to learn again from all rows, and to be put together.

    `fits` are the seconds that one fit of each took while it was judged.
    """
    each = [SLOWER * one for one in fits]
    return OVERHEAD + max(sum(each) / lanes, max(each, default=0.0))


def kept_free(seconds: float, *, judging: float, before: float, after: float) -> float:
    """Seconds of a budget in which no candidate runs.

    For the ensemble, the last leaderboard (`judging` seconds when it was last made) and what the caller does `after`
    the run, at most half of all; and those that were used `before` it began, however many.
    """
    ensemble = 0.4 + min(0.03 * seconds, MOST_FOR_ENSEMBLE)
    return min(ensemble + 1.6 * judging + after, 0.5 * seconds) + before


def depth(candidate: Candidate) -> float:
    """Levels of its trees, with which the cost of a round grows; 1 where nothing says how many."""
    own = MODELS[candidate.model].settings(candidate.params)
    return float(own.get("depth") or math.log2(float(own.get("leaves") or 2)))


def texts(shape: Shape) -> int:
    """How many columns of texts there are."""
    return sum(count for column, count in shape.groups if kind_of(column) == "text")


def _longer(kind: ModelKind, candidate: Candidate) -> float:
    """How many times longer its settings make it: more trees, or slower learning, which takes more rounds."""
    usual, own = kind.settings({}), kind.settings(candidate.params)
    times = 1.0
    for key, power in (("trees", 1.0), ("rate", -0.5)):
        if key in usual:
            times *= math.pow(float(own[key] or 1.0) / float(usual[key] or 1.0), power)
    return times
