"""Compile what reads large text tables, so that no person waits for it: `python -m mlcore.data.delimited.warm`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mlcore.data.choices import Choices
from mlcore.data.delimited import quick
from mlcore.data.delimited.careful import Table
from mlcore.data.delimited.dialect import Dialect

_ROW = b'1,1.5,2024-01-01 10:00:00,a longer text,"quoted ""text"" of some length",\n'


def warm() -> None:
    """Read a small table in one pass; about twenty seconds the first time, one second afterwards."""
    names = tuple("abcdef")
    dialect = Dialect(delimiter=",", quote='"', header=False, skip=0, names=names, width=len(names))
    text = _ROW * 50
    table = Table(texts=lambda: [text], dialect=dialect, names=names, choices=Choices(), where="warm")
    with tempfile.TemporaryDirectory() as folder:
        quick.store(table, Path(folder), Path(folder) / "warm.parquet")


if __name__ == "__main__":
    warm()
