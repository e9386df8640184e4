"""What a verb takes as a table, and how it becomes rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset
from mlcore.data.load import load as read_file
from mlcore.data.load import read_table, store_frame
from mlcore.errors import FileError

if TYPE_CHECKING:
    from mlcore.learning.model import Model

Table = str | Path | pd.DataFrame | Dataset
"""A file of any kind that can be read, a frame, or the card of a stored table."""


def stored(table: Table, *, name: str = "", choices: Choices | None = None) -> Dataset:
    """The card of the table, which is stored for as long as Python runs when it was not stored before."""
    if isinstance(table, Dataset):
        return table
    if isinstance(table, pd.DataFrame):
        return store_frame(table, name=name or "table", choices=choices)
    return read_file(table, name=name, choices=choices)


def rows_for(model: Model, table: Table) -> pd.DataFrame:
    """The rows to score, read as the training table was: its texts stay text, its dates have the same order."""
    return read_table(stored(table, choices=Choices.like(model.raw)))


def spare(file: Path, out: Path) -> None:
    """`FileError` when the rows that are read would be written over by what is made of them."""
    if file.exists() and out.exists() and file.samefile(out):
        raise FileError(
            "The rows cannot be written over by what is made of them", where=str(out), remedy="Name another file."
        )
