"""What is wanted of a file of rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlcore.handoff.batch.handling import Handling


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is wanted: the kind of file (`ending`), what becomes of faulty cells, and what else each row gets.

    `keep`: the columns of the file stand behind the predictions. `reasons`: so many for each row, in the words of
    `titles`, in about `seconds` for the whole file (None: as long as it takes). `unlike`: rows unlike training are
    flagged. `threads` score at once. `name` is what the file is called in sentences.
    """

    ending: str = ".csv"
    handling: Handling = field(default_factory=Handling)
    keep: bool = False
    reasons: int = 0
    titles: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    unlike: bool = True
    threads: int = 1
    name: str = ""
