"""Columns that give the target away: one of them alone predicts it, on rows it was not learned from."""

from __future__ import annotations

import numpy as np
import polars as pl

from mlcore.data.amounts import percent
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.distributions import numbers_of
from mlcore.data.look import Look
from mlcore.data.relations import TargetRelation, relations
from mlcore.data.schema import Schema
from mlcore.findings import Finding, Level

WATCH, STOP = 0.85, 0.975
"""AUC or R² of one column alone from which it is suspicious, and from which it is left out."""

SURE = 0.98
"""The share of rows that a column must tell right alone to be left out where there are three labels or more. Most of
those are easily told apart by any good measurement, as petals tell irises: the AUC over all of them is near 1 while one
flower in twenty is still taken for another."""

COPIED = 0.9
"""The share of rows in which a column must say the same as the target to be called a copy with changes."""

WHY = "A column that is filled in with or after the outcome makes a model that fails when it is used."
LEFT_OUT = "It is left out of the model. Keep it only if its value is known before the outcome."

_MOST_COPIES = 200
"""Different values up to which a column can be the target in other words."""

_FILLED, _SURELY = 100, 0.75
"""Rows that a column with gaps must fill to be judged on those alone, and what the interval must lie above then."""

_OFTEN = 10
"""Rows without the commonest label that must say the same, in a column that is mostly empty."""


def _findings(look: Look) -> tuple[Finding, ...]:
    copies = _copies(look)
    strong = [(name, found) for name, found in strengths(look) if found.value >= WATCH or name in copies]
    stopped = {name for name, found in strong if _gives_away(look, name, found) or copies.get(name, 0.0) >= STOP}
    suspicious = [(name, found) for name, found in strong if name not in stopped and name not in copies]
    certain = tuple(
        _certain(look, name, found, copies.get(name), "stop" if name in stopped else "watch")
        for name, found in strong
        if name in stopped or name in copies
    )
    return (*certain, _suspicious(look, suspicious)) if suspicious else certain


def _gives_away(look: Look, name: str, found: TargetRelation) -> bool:
    return found.value >= STOP and (len(look.labels) < 3 or _told_right(look, name) >= SURE)


def _told_right(look: Look, name: str) -> float:
    """The share of filled rows whose label is that of the row before along the column, or the commonest of a value."""
    assert look.target is not None
    pairs = look.sample.select(pl.col(name).alias("one"), pl.col(look.target).alias("other")).drop_nulls()
    if pairs["one"].dtype == pl.String or pairs["one"].n_unique() < pairs.height / 2:
        commonest = pairs.group_by("one", "other").len().group_by("one").agg(pl.col("len").max())
        return float(commonest["len"].sum()) / max(1, pairs.height)
    ordered = pairs.sort("one")
    return int((ordered["other"] == ordered["other"].shift(1)).sum()) / max(1, pairs.height - 1)


def strengths(look: Look) -> list[tuple[str, TargetRelation]]:
    """How well each column a model could learn from predicts the target alone, the strongest first.

    A column with gaps is judged on the rows where it is filled, too: an outcome that was joined to some of the rows
    gives those away. Without those whose gaps alone do it: they are told of by the check of columns filled in after the
    outcome.
    """
    names = {column.name for column in look.features}
    told = {gaps.name: gaps.value for gaps in look.gaps if gaps.value >= WATCH}
    strong = [
        (name, _where_filled(look, name, found))
        for name, found in look.relations.items()
        if name in names and not (name in told and (told[name] >= STOP or found.value < STOP))
    ]
    return sorted(strong, key=lambda pair: -pair[1].value)


def _where_filled(look: Look, name: str, whole: TargetRelation) -> TargetRelation:
    """The relation in the rows where the column is filled, when only that is suspicious; else the one in all rows."""
    assert look.target is not None
    column = look.schema[name]
    gives_away = 2 * WATCH - 1 if whole.measure == "AUC" else WATCH
    if whole.value >= WATCH or not column.missing or whole.strength < 0.5 * (1 - column.missing) * gives_away:
        return whole
    filled = look.sample.select(name, look.target).drop_nulls()
    if filled.height < _FILLED:
        return whole
    pair = Schema(columns=(column, look.schema[look.target]))
    found = relations(filled, pair, look.target, look.task).get(name)
    if found is None or found.measure != whole.measure or found.value < WATCH or (found.low or 0) < _SURELY:
        return whole
    return found


def _rows(look: Look, name: str, relation: TargetRelation) -> str:
    """Where the relation was found, when that is not in all rows."""
    return "" if relation.n == look.relations[name].n else f" in the {relation.n:,} rows where it is filled"


def _certain(look: Look, name: str, relation: TargetRelation, copied: float | None, level: Level) -> Finding:
    alone = (
        f"On its own it predicts '{look.target}' with {relation.measure} {relation.value:.3f} (1 is perfect)"
        f"{_rows(look, name, relation)}"
    )
    same = "" if copied is None else f", and in {percent(copied, 1)} of its rows it says the same in its own words"
    return Finding(
        code="leak",
        level=level,
        title=f"'{name}' gives the target away" if copied is None else f"'{name}' is a copy of the target",
        what=f"{alone}{same}, {look.basis}.",
        why=WHY,
        remedy=LEFT_OUT,
        columns=(name,),
        fixes=(fixes.leave_out([name]),),
    )


def _suspicious(look: Look, found: list[tuple[str, TargetRelation]]) -> Finding:
    """One finding for all of them: a table whose columns are simply good would otherwise bury the rest."""
    (first, relation), more = found[0], len(found) - 1
    each = (
        f"On its own '{first}' predicts '{look.target}' with {relation.measure} {relation.value:.3f} (1 is perfect)"
        f"{_rows(look, first, relation)}"
    )
    others = f"; {more} more {'column is' if more == 1 else 'columns are'} above {WATCH}" if more else ""
    return Finding(
        code="leak",
        level="watch",
        title=f"'{first}' predicts the target suspiciously well"
        if not more
        else f"{more + 1} columns each predict the target suspiciously well",
        what=f"{each}{others}, {look.basis}.",
        why=WHY,
        remedy="Make sure that these values are known before the outcome; leave out those that are not.",
        columns=tuple(name for name, _ in found),
        fixes=tuple(fixes.leave_out([name]) for name, _ in found[:3]),
    )


def _copies(look: Look) -> dict[str, float]:
    """Columns that say what the target says, row by row, with the share of rows in which they do.

    Labels: each value of the one goes with one value of the other. Numbers: one is the other times a factor plus an
    offset, to four digits; a few rows that differ wildly hide that from every score.
    """
    if look.target is None or not look.relations:
        return {}
    names = [name for name, _ in strengths(look)]
    found = {
        name: (_same_labels if look.is_classes else _same_numbers)(look.sample, name, look.target) for name in names
    }
    return {name: share for name, share in found.items() if share >= COPIED}


def _same_labels(sample: pl.DataFrame, name: str, target: str) -> float:
    pairs = sample.select(pl.col(name).alias("one"), pl.col(target).alias("other")).drop_nulls()
    labels = pairs["other"].n_unique()
    if not labels <= pairs["one"].n_unique() <= min(_MOST_COPIES, labels + 2):
        return 0.0
    counts = pairs.group_by("one", "other").len().sort("len", descending=True)
    matched = counts.unique("one", keep="first", maintain_order=True).unique("other", keep="first", maintain_order=True)
    commonest = pairs["other"].value_counts()["count"].max()
    share = int(matched["len"].sum()) / pairs.height
    chance = int(commonest) / pairs.height if isinstance(commonest, int) else 1.0
    if pairs.height < 0.5 * sample.height and (share - chance) * pairs.height < _OFTEN:
        return 0.0
    return share if matched.height >= labels and (1 - share) <= 0.1 * (1 - chance) else 0.0


def _same_numbers(sample: pl.DataFrame, name: str, target: str) -> float:
    if sample[name].dtype == pl.String or sample[target].dtype == pl.String:
        return 0.0
    one, other = numbers_of(sample[name]), numbers_of(sample[target])
    both = np.flatnonzero(np.isfinite(one) & np.isfinite(other))
    if len(both) < 30:
        return 0.0
    one, other = one[both], other[both]
    ends = np.argsort(one)[[len(one) // 10, -1 - len(one) // 10]]
    low, high = np.minimum(*ends), np.maximum(*ends)
    if one[low] == one[high] or len(np.unique(other)) < 10:
        return 0.0
    slope = (other[high] - other[low]) / (one[high] - one[low])
    if slope == 0:
        return 0.0
    off = np.abs(other - (other[low] + slope * (one - one[low])))
    return float((off <= 1e-4 * max(float(np.std(other)), 1e-300)).mean())


LEAK = Check(
    key="leak",
    title="Columns that give the target away",
    question="Does one column alone predict the target too well to be true?",
    area="leakage",
    findings=_findings,
)
