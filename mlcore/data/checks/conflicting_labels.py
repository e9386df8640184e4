"""Rows that agree in every column but the target."""

from __future__ import annotations

import numpy as np
import polars as pl

from mlcore.data.amounts import amount, percent
from mlcore.data.chance import equal_by_nature
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding

_WATCH, _LEAST = 0.01, 2
_SPREAD = 1.0
"""Standard deviations two targets of numbers must be apart to contradict each other."""


def _findings(look: Look) -> tuple[Finding, ...]:
    columns = [column for column in look.features if column.kind != "identifier" and column.distinct > 1]
    names = tuple(column.name for column in columns)
    if look.target is None or len(names) < 2 or not look.can_repeat(names):
        return ()
    rows = _contradicting(look, names)
    if rows < _LEAST or equal_by_nature(look.sample, names, look.rows, rows // 2):
        return ()
    return (
        Finding(
            code="conflicting_labels",
            level="watch" if rows >= _WATCH * look.rows else "note",
            title="Equal rows with different outcomes",
            what=f"{amount(rows, 'row')} of {look.rows:,} ({percent(rows / look.rows, 1)}) equal another in every "
            f"column that describes them, but not in '{look.target}'.",
            why="No model can be right about all of them; mistakes in the outcome or a column that is not there look "
            "like this.",
            remedy="Find out which outcome is right; if both are, a column that tells them apart is not in the table.",
            columns=(look.target,),
            fixes=(
                fixes.repair("Keep the last of each", "deduplicate", columns=list(names), keep="last"),
                fixes.repair("Keep the first of each", "deduplicate", columns=list(names), keep="first"),
            ),
        ),
    )


def _contradicting(look: Look, names: tuple[str, ...]) -> int:
    """How many rows have a twin with another target."""
    assert look.target is not None
    target = look.whole(look.target)
    known = target.is_not_null()
    frame = pl.DataFrame(
        {"row": look.row_hashes(tuple(n for n in look.schema.names if n not in names)), "target": target}
    ).filter(known)
    twins = frame.filter(frame["row"].is_duplicated())
    if not twins.height:
        return 0
    if look.is_classes:
        differs = pl.col("target").n_unique() > 1
    else:
        spread = float(np.nanstd(frame["target"].cast(pl.Float64).to_numpy()))
        differs = (pl.col("target").max() - pl.col("target").min()) > max(_SPREAD * spread, 1e-300)
    return int(twins.group_by("row").agg(pl.len(), differs.alias("differs")).filter("differs")["len"].sum())


CONFLICTING_LABELS = Check(
    key="conflicting_labels",
    title="Equal rows with different outcomes",
    question="Do rows agree in every column and differ in the target?",
    area="consistent",
    findings=_findings,
)
