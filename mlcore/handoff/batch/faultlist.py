"""The faults of a file as a list to work through: CSV for a spreadsheet, or JSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlcore import files, records
from mlcore.handoff.batch.checking import Ledger

COLUMNS = ("row", "column", "problem", "value", "expected", "remedy", "done")
DONE = {"reject": "the file was refused", "flag": "the row is flagged", "fill": "taken as empty"}


def write_faults(ledger: Ledger, path: Path) -> None:
    """Write the list to a .json or, with any other ending, .csv file, whole or not at all.

    Of a column with very many faults of a kind the first are listed, and a line without a row counts the others.
    """
    import pandas as pd

    from mlcore.data.spreadsheet import csv_text

    lines = list(_lines(ledger))
    if path.suffix == ".json":
        totals = [
            {"column": total.column, "problem": total.title, "cells": total.cells, "action": total.action}
            for total in ledger.totals
        ]
        files.write_text(path, records.readable({"totals": totals, "faults": lines}))
    else:
        frame = pd.DataFrame(lines, columns=list(COLUMNS), dtype=object).astype({"row": "Int64"})
        files.write_text(path, csv_text(frame))


def _lines(ledger: Ledger) -> Iterator[dict[str, Any]]:
    for total, kept in ledger.listed():
        same = {"column": total.column, "problem": total.title, "done": DONE[total.action]}
        for fault in kept:
            own = {"row": fault.row, "value": fault.value, "expected": fault.expected, "remedy": fault.remedy}
            line = {**same, **own}
            yield {name: line[name] for name in COLUMNS}
        more = total.cells - len(kept)
        if more:
            line = {**same, "row": None, "value": f"and {more:,} more cells of this column", "expected": ""}
            yield {name: {**line, "remedy": ""}[name] for name in COLUMNS}
