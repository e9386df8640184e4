"""What every reader of files promises."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import polars as pl

from mlcore.data.choices import Choices
from mlcore.data.dataset import Reading


class Reader(Protocol):
    """One kind of file. Readers never run what is in a file and keep to bounded memory."""

    @property
    def key(self) -> str:
        """Short and for ever."""

    @property
    def title(self) -> str:
        """What people call such a file."""

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The endings such files usually have, with the dot."""

    def recognises(self, path: Path) -> bool:
        """Whether the file's content is of this kind."""

    def read(self, path: Path, choices: Choices, out_path: Path) -> Reading:
        """Write the table at `path` to `out_path` in canonical Parquet, and say how it was read."""

    def preview(self, path: Path, choices: Choices, rows: int) -> tuple[pl.DataFrame, Reading]:
        """The first rows as they would be stored, from the beginning of the file only."""
