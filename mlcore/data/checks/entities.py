"""Rows of one customer, patient or machine, which would be on both sides of a split."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from mlcore.data.amounts import percent
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.data.relations import Target, target_of
from mlcore.data.schema import Column
from mlcore.findings import Finding

_NAMED = re.compile(
    r"(^|[^a-z])(id|ids|uid|uuid|guid|key|customer|client|patient|subject|user|person|member|employee|machine|device|"
    r"account|household|session|student|participant|respondent|player|driver|vehicle|asset|sensor|unit|case|"
    r"kunde|kunden|kundennr|patientin|nid|pid)([^a-z]|$)|[a-z](Id|ID)$",
    re.IGNORECASE,
)
_CLUSTERED = 0.5
"""The share of the target's variance that lies between entities, from which a model can know them by heart."""

_FEWEST = 20
_ROWS_EACH = 1.5
_LARGEST = 0.2


def _findings(look: Look) -> tuple[Finding, ...]:
    if look.target is None or any(column.role == "group" for column in look.schema):
        return ()
    target = target_of(look.sample[look.target], look.schema[look.target], look.task)
    if target is None:
        return ()
    found = [(column.name, share) for column in look.features if (share := _clustered(look, column, target)) > 0]
    return tuple(_finding(look, name, share) for name, share in sorted(found, key=lambda pair: -pair[1])[:3])


def _clustered(look: Look, column: Column, target: Target) -> float:
    """How much of the target's variance lies between the entities of a column that names them; 0 when it does not."""
    if not _repeats(look, column):
        return 0.0
    values = look.sample[column.name][target.rows]
    if values.null_count() > 0.2 * len(values):
        return 0.0
    codes = values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    several = range(len(target.labels)) if len(target.labels) > 2 else (target.positive,)
    truths = [(target.values == code).astype(np.float64) for code in several] if target.labels else [target.values]
    shares = [_between(codes, truth) for truth in truths]
    share = float(np.average(shares, weights=[truth.var() for truth in truths]))
    return share if share >= _CLUSTERED else 0.0


def _repeats(look: Look, column: Column) -> bool:
    """Whether the column names things that come up in several rows each, none of them in very many."""
    rows = look.rows * (1 - column.missing)
    if column.storage not in ("text", "integer") or column.distinct < _FEWEST or rows / column.distinct < _ROWS_EACH:
        return False
    if column.kind not in ("categorical", "integer", "identifier", "text") or not _NAMED.search(column.name):
        return False
    most = look.sample[column.name].drop_nulls().rename("value").value_counts(name="rows")["rows"].max()
    return isinstance(most, int) and most <= _LARGEST * look.sample.height


def _between(codes: NDArray[np.int64], truth: NDArray[np.float64]) -> float:
    """The intraclass correlation: the variance between groups over all variance, from a one-way analysis of it."""
    _, place = np.unique(codes, return_inverse=True)
    sizes = np.bincount(place).astype(np.float64)
    groups, rows = len(sizes), float(sizes.sum())
    if groups < _FEWEST or rows - groups < _FEWEST:
        return 0.0
    means = np.bincount(place, weights=truth) / sizes
    between = float((sizes * (means - truth.mean()) ** 2).sum()) / (groups - 1)
    within = float(((truth - means[place]) ** 2).sum()) / (rows - groups)
    typical = (rows - float((sizes**2).sum()) / rows) / (groups - 1)
    every = between + (typical - 1) * within
    return max(0.0, (between - within) / every) if every > 0 else 0.0


def _finding(look: Look, name: str, share: float) -> Finding:
    column = look.schema[name]
    each = look.rows * (1 - column.missing) / column.distinct
    same = (
        "always the same" if share > 0.999 else f"mostly the same ({percent(share)} of its variance lies between them)"
    )
    return Finding(
        code="entities",
        level="watch",
        title=f"Rows of one '{name}' belong together",
        what=f"{column.distinct:,} different values have {each:.1f} rows each on average, and among the rows of one "
        f"'{look.target}' is {same}, {look.basis}.",
        why="With rows of one in training and others in test, a model is judged on what it knows by heart.",
        remedy="Keep the rows of one together when models are judged.",
        columns=(name,),
        fixes=(fixes.keep_together(name),),
    )


ENTITIES = Check(
    key="entities",
    title="Rows that belong together",
    question="Do several rows belong to one customer, patient or machine with one outcome?",
    area="leakage",
    findings=_findings,
)
