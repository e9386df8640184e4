"""The sentence with which a file is refused."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.amounts import amount
from mlcore.errors import RowError
from mlcore.handoff.batch.checking import Ledger
from mlcore.handoff.batch.handling import HANDLED
from mlcore.handoff.batch.scored import Total

_SHOWN = 10
_COUNTED = {
    "unreadable": "cannot be read",
    "unseen": "hold what was never seen in training",
    "range": "lie outside the range of training",
    "missing": "are empty, which never happened in training",
}


def refusal(ledger: Ledger, needed: Sequence[str], name: str) -> RowError:
    """Why the file is not scored: how many faults of each kind there are, where the first is, and what to do."""
    rejected = ledger.rejected
    said = [_absent(rejected)] if any(total.code == "column" for total in rejected) else []
    for code in HANDLED[1:]:
        count = sum(total.cells for total in rejected if total.code == code)
        if count:
            said.append(f"{amount(count, 'cell')} {_COUNTED[code]}" if count > 1 else f"1 cell {_single(code)}")
    first = next((total.first for total in rejected if total.code != "column"), None)
    where = [name] if name else []
    if first is None:
        remedy = _needs(needed)
    else:
        where.append(f"first: row {first.row:,}, column {first.column!r}{f': {first.value!r}' if first.value else ''}")
        remedy = f"Expected: {first.expected}. {first.remedy}"
    return RowError(f"The file was not scored: {', and '.join(said)}", where="; ".join(where), remedy=remedy)


def foreign(needed: Sequence[str], name: str) -> RowError:
    """Why a file that has none of the columns is not scored, whatever a person wants done with gaps."""
    return RowError("The file has none of the columns that the model needs", where=name, remedy=_needs(needed))


def _needs(needed: Sequence[str]) -> str:
    shown = ", ".join(map(repr, needed[:_SHOWN]))
    return f"The model needs: {shown}{' …' if len(needed) > _SHOWN else ''}."


def _single(code: str) -> str:
    return _COUNTED[code].replace("hold ", "holds ").replace("lie ", "lies ").replace("are ", "is ")


def _absent(rejected: Sequence[Total]) -> str:
    names = [total.column for total in rejected if total.code == "column"]
    shown = ", ".join(map(repr, names[:_SHOWN])) + (" …" if len(names) > _SHOWN else "")
    return f"it lacks the column{'s' if len(names) > 1 else ''} {shown}"
