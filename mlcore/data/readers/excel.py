"""Workbooks of Excel and of OpenDocument, read in a child process that may not use more than it should."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mlcore import records
from mlcore.data import limited
from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading
from mlcore.data.guard import guarded
from mlcore.data.workbooks.container import is_container

_PREVIEWED = 20_000
"""Rows by which a preview judges what the columns hold."""


@dataclass(frozen=True, kw_only=True)
class _Excel:
    key: str = "excel"
    title: str = "Excel or OpenDocument workbook"
    suffixes: tuple[str, ...] = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")

    def recognises(self, path: Path) -> bool:
        """Told by the containers such files are: ZIP, or the one of old Office documents."""
        if not path.is_file():
            return False
        with guarded(path, "Opening the file"):
            return is_container(path)

    def read(self, path: Path, choices: Choices, out_path: Path) -> Reading:
        return _read(path, choices, out_path, None)

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        with guarded(path, "Reading the workbook"), tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "start.parquet"
            reading = _read(path, choices, out, max(rows, _PREVIEWED))
            return pl.read_parquet(out).head(rows), reading


EXCEL = _Excel()


def _read(path: Path, choices: Choices, out: Path, rows: int | None) -> Reading:
    args = {"path": str(path), "choices": records.to_json(choices), "out": str(out), "rows": rows}
    said = limited.call("mlcore.data.workbooks.reading:read", args, where=path.name)
    reading: Reading = records.from_json(Reading, said)
    return reading
