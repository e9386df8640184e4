"""Count what is wrong with the cells of a file, piece by piece, and keep the first of each kind to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlcore.handoff.batch.faults import expected, remedy
from mlcore.handoff.batch.handling import HANDLED, Handling
from mlcore.handoff.batch.scored import Fault, Total
from mlcore.learning.scoring import Noticed

KEPT = 100
"""So many cells of each column and kind are listed; the others are counted."""

MOST = 20_000
"""And of all columns together, but for the first of each kind."""

_LONGEST = 100


class Ledger:
    """The faults of one file so far. `fields` are those a row is read by, by column name."""

    def __init__(self, fields: Mapping[str, Mapping[str, Any]], handling: Handling) -> None:
        self._fields = fields
        self._handling = handling
        self._counts: dict[tuple[str, str], int] = {}
        self._kept: dict[tuple[str, str], list[Fault]] = {}
        self._listed = 0
        self.faulty = 0
        self.filled = 0

    def absent(self, names: Sequence[str], given: Sequence[str]) -> None:
        """Note the columns that the file does not have; `given` are those it has."""
        for name in names:
            self._keep("column", name, None, "", given)
            self._counts["column", name] = 1

    def take(self, noticed: Sequence[Noticed], start: int, cells: Callable[[str, str], pd.Series]) -> None:
        """Note what was noticed of the next rows, the first of which is `start`; `cells(code, column)` are theirs."""
        wrong: NDArray[np.bool_] | None = None
        for code, name, mask in noticed:
            if code not in HANDLED:
                continue
            count = int(np.count_nonzero(mask))
            if not count:
                continue
            wrong = mask.copy() if wrong is None else wrong | mask
            known = self._counts.get((code, name), 0)
            room = max(0 if known else 1, min(KEPT - known, MOST - self._listed))
            for at in np.flatnonzero(mask)[:room]:
                value = "" if code == "missing" else _shown(cells(code, name).iloc[at])
                self._keep(code, name, start + int(at) + 1, value)
            self._counts[code, name] = known + count
            if self._handling.of(code) == "fill" and code != "missing":
                self.filled += count
        self.faulty += 0 if wrong is None else int(np.count_nonzero(wrong))

    @property
    def rejected(self) -> tuple[Total, ...]:
        """The faults for which no row is to be scored."""
        return tuple(total for total in self.totals if total.action == "reject")

    @property
    def totals(self) -> tuple[Total, ...]:
        """All faults, in the order of the columns."""
        order = {name: place for place, name in enumerate(self._fields)}
        keys = sorted(self._counts, key=lambda key: (order.get(key[1], len(order)), HANDLED.index(key[0])))
        return tuple(
            Total(
                column=name,
                code=code,
                cells=self._counts[code, name],
                action=self._handling.of(code),
                first=self._kept[code, name][0],
            )
            for code, name in keys
        )

    def listed(self) -> Iterator[tuple[Total, Sequence[Fault]]]:
        """Each total with the first of its cells."""
        for total in self.totals:
            yield total, self._kept[total.code, total.column]

    def _keep(self, code: str, name: str, row: int | None, value: str, given: Sequence[str] = ()) -> None:
        field = self._fields.get(name, {"name": name})
        told = {"expected": expected(code, field), "remedy": remedy(code, field, value, given)}
        self._listed += 1
        self._kept.setdefault((code, name), []).append(Fault(row=row, column=name, code=code, value=value, **told))


def _shown(value: Any) -> str:
    """A cell as a person wrote it: whole numbers without a point, dates without an empty time."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.15g}"
    text = str(value).removesuffix(" 00:00:00")
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
