"""What every source of tables promises, and what it may use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset, Reading
from mlcore.data.sources.login import Login

if TYPE_CHECKING:
    import pandas as pd

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Means:
    """What a source may use: a `folder` for what it fetches, where the samples are, who knows a connection's login.

    `closed` is a folder that nobody may read from, whatever else is allowed: the workspace itself. `opened` gives back
    what `Store.submit` has sealed in a place's params.
    """

    folder: Path
    samples: Path
    login: Callable[[str], Login]
    closed: Path | None = None
    opened: Callable[[str], str] = str


class Source(Protocol):
    """One kind of place. Light: what reads, connects or parses is imported when it is used."""

    @property
    def key(self) -> str:
        """Short and for ever."""

    @property
    def title(self) -> str:
        """What people call such a place."""

    @property
    def help(self) -> str:
        """One sentence for the person who chooses."""

    @property
    def lasting(self) -> bool:
        """Whether the same place can be asked again later; a file that was uploaded is gone."""

    def barred(self) -> str:
        """Why it may not be used here and what an administrator can do about it; empty when it may."""

    def title_of(self, params: Params) -> str:
        """What people call this place; a `UserError` when the params do not name one."""

    def bring(self, params: Params, choices: Choices, out: Path, name: str, means: Means) -> Dataset:
        """Store the table as canonical Parquet at `out`; nothing is left there when that fails."""

    def preview(self, params: Params, choices: Choices, rows: int, means: Means) -> tuple[pd.DataFrame, Reading]:
        """The first rows as `bring` would store them."""


@dataclass(frozen=True, kw_only=True)
class FileSource:
    """A source whose tables are files: `path_of` says where the file lies, after it was fetched if need be."""

    key: str
    title: str
    help: str
    path_of: Callable[[Params, Means], Path]
    titled: Callable[[Params], str]
    lasting: bool = True
    bars: Callable[[], str] = str

    def barred(self) -> str:
        return self.bars()

    def title_of(self, params: Params) -> str:
        return self.titled(params)

    def bring(self, params: Params, choices: Choices, out: Path, name: str, means: Means) -> Dataset:
        from mlcore.data.load import load

        return load(self.path_of(params, means), out=out, name=name, choices=choices)

    def preview(self, params: Params, choices: Choices, rows: int, means: Means) -> tuple[pd.DataFrame, Reading]:
        from mlcore.data.load import preview

        return preview(self.path_of(params, means), choices, rows)
