"""What came of scoring a file: how many rows, and which cells were not as the model expects them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlcore.handoff.batch.faults import TITLES
from mlcore.handoff.batch.handling import Action


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One cell. `row` counts the rows of data from 1; None: it is about the whole column."""

    row: int | None
    column: str
    code: str
    value: str
    expected: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Total:
    """All cells of a column with one kind of fault: how many, what was done with them, and the first of them."""

    column: str
    code: str
    cells: int
    action: Action
    first: Fault

    @property
    def title(self) -> str:
        """The kind of fault in words."""
        return TITLES[self.code]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """`rows` were scored into `columns`; `flagged` have a flag, `unlike` are unlike the rows the model learned from.

    `faulty` rows have a fault, and `filled` cells were taken as empty because of one. `totals` come in the order of the
    model's columns. `ignored` names columns of the file that the model does not use. `compared` says whether rows could
    be compared with those of training. `head` are the first rows that were written.
    """

    rows: int
    columns: tuple[str, ...]
    flagged: int
    unlike: int
    faulty: int
    filled: int
    totals: tuple[Total, ...]
    ignored: tuple[str, ...] = ()
    compared: bool = True
    head: tuple[Mapping[str, Any], ...] = ()

    @property
    def faults(self) -> int:
        """Cells with a fault; a column that is not there counts as one."""
        return sum(total.cells for total in self.totals)
