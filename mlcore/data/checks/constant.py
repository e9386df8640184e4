"""Columns that hold one value only, or none, or almost."""

from __future__ import annotations

from mlcore.data.amounts import amount, percent
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

_ALMOST = 0.995
_LEAST_ROWS = 200


def _findings(look: Look) -> tuple[Finding, ...]:
    empty = [column.name for column in look.features if column.distinct == 0]
    single = [column.name for column in look.features if column.distinct == 1 and column.missing == 0]
    found = []
    if empty:
        found.append(_finding(empty, "Empty columns", f"Without any value: {amount(len(empty), 'column')}"))
    if single:
        found.append(_finding(single, "Constant columns", f"The same in every row: {amount(len(single), 'column')}"))
    return tuple(found)


def _finding(names: list[str], title: str, what: str) -> Finding:
    return Finding(
        code="constant",
        level="note",
        title=title,
        what=f"{what} ({listed(names)}).",
        why="What is the same in every row cannot tell rows apart.",
        remedy="No model uses them; check the source if they should vary.",
        columns=tuple(names),
        fixes=(fixes.drop(names),),
    )


def _almost(look: Look) -> tuple[Finding, ...]:
    if look.rows < _LEAST_ROWS:
        return ()
    found = [(column.name, share) for column in look.features if (share := _top_share(look, column)) >= _ALMOST]
    if not found:
        return ()
    names = [name for name, _ in found]
    shares = ", ".join(f"'{name}' {percent(share, 1)}" for name, share in found[:5])
    return (
        Finding(
            code="near_constant",
            level="note",
            title="Columns that hardly vary",
            what=f"One value in nearly every row: {shares}{' and more' if len(found) > 5 else ''}, {look.basis}.",
            why="What a model learns from the few other rows may be chance.",
            remedy="Keep such a column if its rare value matters, such as an alarm; else leave it out.",
            columns=tuple(names),
            fixes=(fixes.leave_out(names), fixes.drop(names)),
        ),
    )


def _top_share(look: Look, column: Column) -> float:
    """The share of rows with the most frequent value, missing being one; 0 for columns that are plainly diverse."""
    if column.distinct < 2 or column.distinct > 0.01 * look.rows or column.missing > 1 - 10 / max(look.rows, 1):
        return 0.0
    counts = look.sample[column.name].rename("value").value_counts(name="rows")["rows"].to_numpy()
    return float(counts.max()) / look.sample.height


CONSTANT = Check(
    key="constant",
    title="Constant columns",
    question="Does any column hold the same in every row?",
    area="enough",
    findings=_findings,
)

NEAR_CONSTANT = Check(
    key="near_constant",
    title="Columns that hardly vary",
    question="Does any column hold the same in nearly every row?",
    area="enough",
    findings=_almost,
)
