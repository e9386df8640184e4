"""The errors a person can cause, and can mend.

    TablesmithError
    └── UserError            something a user can fix; shown as one sentence, exit code 2
        ├── FileError        a file cannot be read or written
        ├── SourceError      a database, an address or a folder cannot be reached, or may not be
        ├── TableError       the table was read but cannot be used as it is
        ├── ColumnError      a column that is asked for does not exist
        ├── GoalError        target, task, metric or validation do not fit the table
        ├── RowError         rows to score do not fit the model's schema
        ├── BundleError      a bundle is damaged, foreign or of an unknown format
        ├── ContractError    a model of somebody's own does not keep what every model keeps
        └── ChoiceError      a key that no catalogue entry has

Programming mistakes are left to Python's own exceptions: they crash.
A candidate that fails inside a run is a `Trial` with a reason, never an exception.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable
from difflib import get_close_matches


class TablesmithError(Exception):
    """Root of every error raised on purpose."""


class UserError(TablesmithError):
    """What is wrong, where, and what to do, in words for the person who can mend it."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        end = "" if self.what.endswith("?") and not place else "."
        sentence = f"{self.what.rstrip('.')}{place}{end}"
        return f"{sentence} {self.remedy}".strip()


def disk_full(error: OSError) -> FileError | None:
    """What to say when there was no room to write; None for every other error of the operating system."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return None
    return FileError(
        "The disk of the workspace is full", remedy="Nothing half-written was kept. Free some space and do it again."
    )


class FileError(UserError):
    """A file cannot be read or written."""


class SourceError(UserError):
    """A database, an address or a folder cannot be reached, or may not be."""


class TableError(UserError):
    """The table was read but cannot be used as it is."""


class GoalError(UserError):
    """Target, task, metric or validation do not fit the table."""


class RowError(UserError):
    """Rows to score do not fit the model's schema."""


class BundleError(UserError):
    """A bundle is damaged, foreign or of an unknown format."""


class ContractError(UserError):
    """A model of somebody's own does not keep what every model keeps."""


class ColumnError(UserError):
    """A column that is asked for does not exist; names the nearest ones."""

    def __init__(self, asked: str, existing: Iterable[str], *, where: str = "") -> None:
        names = [str(name) for name in existing]
        super().__init__(f"There is no column {asked!r}", where=where, remedy=_hint(asked, names, "columns"))


class ChoiceError(UserError):
    """A key that no entry of a catalogue has; names the nearest ones. `besides` is what else may be the reason."""

    def __init__(self, asked: str, existing: Iterable[str], *, of: str, besides: str = "") -> None:
        plural = re.sub(r"^.+?(?= of | in |$)", r"\g<0>s", of, count=1)
        remedy = f"{_hint(asked, list(existing), plural)} {besides}".strip()
        super().__init__(f"There is no {of} {asked!r}", remedy=remedy)


def _hint(asked: str, names: list[str], plural: str) -> str:
    near = get_close_matches(asked, names, n=3, cutoff=0.5)
    if near:
        return "Did you mean " + " or ".join(repr(name) for name in near) + "?"
    shown = ", ".join(repr(name) for name in names[:8])
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"The {plural} are: {shown}{more}." if names else f"There are no {plural}."
