"""Tables too small to learn from, or to judge a model by."""

from __future__ import annotations

from mlcore.data.amounts import amount
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding

_TINY, _SMALL = 50, 300


def _findings(look: Look) -> tuple[Finding, ...]:
    if look.rows >= _SMALL:
        return ()
    tiny = look.rows < _TINY
    return (
        Finding(
            code="too_few_rows",
            level="watch" if tiny else "note",
            title="Very few rows" if tiny else "Few rows",
            what=f"The table has {amount(look.rows, 'row')}.",
            why="With so few rows almost any pattern can be chance."
            if tiny
            else f"Below {_SMALL} rows no hold-out is set aside: it would be too small to judge by.",
            remedy="Bring more rows if there are any, and read the intervals before the scores.",
        ),
    )


TOO_FEW_ROWS = Check(
    key="too_few_rows",
    title="Few rows",
    question="Are there enough rows to learn from?",
    area="enough",
    findings=_findings,
    unfixed="rows cannot be made, only brought",
)
