"""Rows that occur more than once."""

from __future__ import annotations

from mlcore.data import tables
from mlcore.data.amounts import amount, percent
from mlcore.data.chance import equal_by_nature
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.look import Look
from mlcore.findings import Finding

_WATCH, _MANY = 0.01, 0.05


def _findings(look: Look) -> tuple[Finding, ...]:
    if look.duplicates:
        return (_equal(look),)
    ids = [column.name for column in look.features if column.kind == "identifier"]
    rest = tuple(name for name in look.schema.names if name not in ids)
    if not ids or len(rest) < 2 or not look.can_repeat(rest):
        return ()
    hashes = tables.row_hashes(look.source, rest)
    nothing = tables.row_hashes(look.sample.clear(1).select(rest), rest)[0]
    hashes = hashes.filter(hashes != nothing)
    again = len(hashes) - hashes.n_unique()
    if again < max(2, _WATCH * look.rows) or equal_by_nature(look.sample, rest, look.rows, again):
        return ()
    return (_numbered_anew(look, again, ids, rest),)


def _equal(look: Look) -> Finding:
    share = look.duplicates / look.rows
    by_nature = equal_by_nature(look.sample, look.schema.names, look.rows, look.duplicates)
    return Finding(
        code="duplicates",
        level="watch" if share >= _WATCH and not by_nature else "note",
        title="Equal rows",
        what=f"Equal to an earlier row in every column: {amount(look.duplicates, 'row')} of {look.rows:,} "
        f"({percent(share, 1)})."
        + (" With so few different values some rows are equal by chance." if by_nature else ""),
        why="The same row in training and test makes a model look better than it is.",
        remedy="Equal rows are kept on one side of every split. Remove them if they are mistakes.",
        fixes=(fixes.repair("Keep one of each", "deduplicate", columns=[]),),
    )


def _numbered_anew(look: Look, again: int, ids: list[str], rest: tuple[str, ...]) -> Finding:
    return Finding(
        code="duplicates",
        level="watch" if again >= _MANY * look.rows else "note",
        title="Equal rows under different numbers",
        what=f"Equal to an earlier row in everything but {listed(ids)}: {amount(again, 'row')} of {look.rows:,} "
        f"({percent(again / look.rows, 1)}).",
        why="The same row in training and test makes a model look better than it is.",
        remedy="Find out whether they were entered twice; if so, keep one of each.",
        columns=tuple(ids),
        fixes=(fixes.repair("Keep one of each", "deduplicate", columns=list(rest)),),
    )


DUPLICATES = Check(
    key="duplicates",
    title="Equal rows",
    question="Does any row occur more than once?",
    area="consistent",
    findings=_findings,
)
