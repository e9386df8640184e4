"""The kinds of files a table can come in, each recognised by its content, not by its name."""

from __future__ import annotations

from pathlib import Path

from mlcore.data.readers.csv import CSV
from mlcore.data.readers.excel import EXCEL
from mlcore.data.readers.feather import FEATHER
from mlcore.data.readers.json import JSON
from mlcore.data.readers.parquet import PARQUET
from mlcore.data.readers.reader import Reader
from mlcore.registry import Catalogue

READERS: Catalogue[Reader] = Catalogue("reader", (PARQUET, FEATHER, EXCEL, JSON, CSV))
"""In the order they are asked; the last one takes every text."""


def reader_of(path: Path) -> Reader:
    """The first reader that recognises the file's content."""
    return next(reader for reader in READERS if reader.recognises(path))


__all__ = ["READERS", "Reader", "reader_of"]
