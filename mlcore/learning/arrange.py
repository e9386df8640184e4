"""Which rows belong together and in what order: what a split looks at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.data.schema import Schema
from mlcore.evaluation.predictions import Integers
from mlcore.findings import Finding
from mlcore.learning.given import given_of
from mlcore.learning.goal import Goal
from mlcore.learning.split import Rows, strata_of
from mlcore.learning.target import Target, moments_of

AT_A_TIME = 8  # columns
NATURAL = 0.2  # fewer different rows than this share: the columns have few combinations, so equal rows are no copies


def arranged(
    table: pd.DataFrame, target: Target, goal: Goal, schema: Schema, folds: int
) -> tuple[Rows, tuple[Finding, ...]]:
    """What the split looks at, for the rows with a usable target, and what was noticed about equal rows."""
    strata = strata_of(target.truth, goal.task)
    moments = None if goal.time is None else moments_of(table[goal.time])
    findings: tuple[Finding, ...] = ()
    blocks = np.arange(len(table), dtype=np.int64)
    features = [column.name for column in schema.features]
    if goal.group is not None:
        blocks = groups_of(table[goal.group])
    if moments is None and goal.group is not None:
        blocks, findings = _with_copies(blocks, table, features, folds)
    elif moments is None:
        blocks, findings = _equal_rows(table, features, folds)
    given = None if goal.split is None else given_of(table[goal.split], goal.split)
    return Rows(strata=strata, blocks=blocks, moments=moments, gap=goal.gap, given=given), findings


def groups_of(values: pd.Series) -> Integers:
    """Codes of equal values; a row without a group is one of its own."""
    codes, distinct = pd.factorize(values)
    alone = codes < 0
    codes[alone] = len(distinct) + np.arange(int(alone.sum()))
    return codes.astype(np.int64)


def _with_copies(
    groups: Integers, table: pd.DataFrame, features: Sequence[str], folds: int
) -> tuple[Integers, tuple[Finding, ...]]:
    """Groups that hold copies of each other's rows as one block, unless that would leave too few blocks to part."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    equal, findings = _equal_rows(table, features, folds)
    if not any(finding.code == "equal_rows" for finding in findings):
        return groups, ()
    nodes = int(groups.max() + 1 + equal.max() + 1)
    ties = coo_matrix((np.ones(len(groups)), (groups, groups.max() + 1 + equal)), shape=(nodes, nodes))
    _, found = connected_components(ties, directed=False)
    blocks = found[groups].astype(np.int64)
    before, after = len(np.unique(groups)), len(np.unique(blocks))
    if before == after:
        return groups, ()
    if np.bincount(blocks).max() > len(blocks) / 2 or after < 2 * folds:
        return groups, (_tied(findings[0].what),)
    return blocks, findings


def _tied(seen: str) -> Finding:
    return Finding(
        code="equal_rows_apart",
        level="watch",
        title="Equal rows are on both sides",
        what=seen,
        why="They tie so many groups together that too few could be told apart; a copy in training flatters the score.",
        remedy="Remove the copies from the table: the Prepare page does it in one step.",
    )


def _equal_rows(table: pd.DataFrame, features: Sequence[str], folds: int) -> tuple[Integers, tuple[Finding, ...]]:
    """Blocks of rows that are equal in every column a model sees, unless that would make folds of nothing else."""
    codes = _codes(table, features)
    sizes = np.bincount(codes)
    copies = int((sizes - 1).sum())
    if not copies:
        return codes.astype(np.int64), ()
    share = copies / len(codes)
    if len(sizes) < NATURAL * len(codes) or sizes.max() > len(codes) / (2 * max(folds, 2)):
        return np.arange(len(codes), dtype=np.int64), (_equal(share, copies, kept=False),)
    return codes.astype(np.int64), (_equal(share, copies, kept=True),)


def _codes(table: pd.DataFrame, features: Sequence[str]) -> Integers:
    """Numbers that rows share which are equal in every one of these columns, counted up from 0.

    A few columns are looked at at a time, and further ones only for rows that are equal in those before.
    """
    codes, open_rows = np.zeros(len(table), dtype=np.int64), np.arange(len(table))
    for start in range(0, len(features), AT_A_TIME):
        some = table[list(features[start : start + AT_A_TIME])]
        part = some if len(open_rows) == len(table) else some.iloc[open_rows]
        hashes = pd.util.hash_pandas_object(part, index=False).to_numpy()
        both = pd.DataFrame({"before": codes[open_rows], "now": hashes})
        codes[open_rows] = codes.max(initial=0) + 1 + both.groupby(["before", "now"], sort=False).ngroup().to_numpy()
        codes = pd.factorize(codes)[0].astype(np.int64)
        open_rows = np.flatnonzero(np.bincount(codes)[codes] > 1)
        if len(open_rows) == 0:
            break
    return codes


def _equal(share: float, copies: int, *, kept: bool) -> Finding:
    seen = f"{copies:,} rows ({percent(share, 1)}) equal an earlier row in every column that is learned from."
    if kept:
        return Finding(
            code="equal_rows",
            level="note",
            title="Equal rows are kept together",
            what=seen,
            why="A row in training and its copy in testing would flatter the score.",
            remedy="Nothing to do: copies are always on the same side.",
        )
    return Finding(
        code="equal_rows_apart",
        level="watch",
        title="Equal rows are on both sides",
        what=seen,
        why="The columns have few combinations, so equal rows look like different cases and not like copies.",
        remedy="If they are copies of one case, remove them from the table, or name a group column.",
    )
