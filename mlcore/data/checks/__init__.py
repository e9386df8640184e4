"""What is worth knowing about a table before anything is learned from it, one question a file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import polars as pl

from mlcore.data import tables
from mlcore.data.checks.check import Area, Check
from mlcore.data.checks.conflicting_labels import CONFLICTING_LABELS
from mlcore.data.checks.constant import CONSTANT, NEAR_CONSTANT
from mlcore.data.checks.disguised_missing import DISGUISED_MISSING
from mlcore.data.checks.drift_inside import DRIFT_INSIDE
from mlcore.data.checks.duplicates import DUPLICATES
from mlcore.data.checks.entities import ENTITIES
from mlcore.data.checks.filled_after import FILLED_AFTER, MISSING_BY_TARGET
from mlcore.data.checks.high_cardinality import HIGH_CARDINALITY
from mlcore.data.checks.identifier import IDENTIFIER
from mlcore.data.checks.leak import LEAK
from mlcore.data.checks.missing import MISSING
from mlcore.data.checks.mixed_types import MIXED_TYPES, SPELLING
from mlcore.data.checks.outliers import IMPOSSIBLE, OUTLIERS
from mlcore.data.checks.personal_data import PERSONAL_DATA
from mlcore.data.checks.rare_class import IMBALANCE, RARE_CLASS
from mlcore.data.checks.time_order import TIME_ORDER
from mlcore.data.checks.too_few_rows import TOO_FEW_ROWS
from mlcore.data.checks.twin import TWIN
from mlcore.data.look import Look
from mlcore.data.schema import Schema, Task
from mlcore.errors import ColumnError
from mlcore.findings import Finding, worst_first
from mlcore.registry import Catalogue

CHECKS: Catalogue[Check] = Catalogue(
    "check",
    (
        LEAK,
        FILLED_AFTER,
        ENTITIES,
        PERSONAL_DATA,
        RARE_CLASS,
        TOO_FEW_ROWS,
        CONFLICTING_LABELS,
        IDENTIFIER,
        DISGUISED_MISSING,
        IMPOSSIBLE,
        OUTLIERS,
        MIXED_TYPES,
        SPELLING,
        IMBALANCE,
        MISSING_BY_TARGET,
        TIME_ORDER,
        DRIFT_INSIDE,
        CONSTANT,
        NEAR_CONSTANT,
        TWIN,
        MISSING,
        HIGH_CARDINALITY,
        DUPLICATES,
    ),
)
"""In the order in which findings of one level are shown."""


def check(
    table: pd.DataFrame | pl.DataFrame | Path, schema: Schema, target: str | None = None, task: Task | None = None
) -> tuple[Finding, ...]:
    """All findings about a canonical table, the worst first; those about the target only when there is one."""
    if target is not None and target not in schema:
        raise ColumnError(target, schema.names)
    return found_by_checks(Look(source=tables.source_of(table, schema), schema=schema, target=target, task=task))


def found_by_checks(look: Look) -> tuple[Finding, ...]:
    """All findings about a table that is being looked at, the worst first."""
    return worst_first([finding for entry in CHECKS for finding in entry.findings(look)])


__all__ = ["CHECKS", "Area", "Check", "check", "found_by_checks"]
