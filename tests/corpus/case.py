"""A file, the choices it is read with, and the outcome it must have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mlcore.data.choices import Choices


@dataclass(frozen=True, kw_only=True)
class Reads:
    """The file becomes a table: exactly these cells, type included, or, of a large one, `shape` and some `cells`.

    Every note of the reading holds one of the phrases `notes`, and every phrase is found: no phrase, no note.
    """

    table: Mapping[str, Sequence[object]] = field(default_factory=dict)
    shape: tuple[int, int] | None = None
    cells: Mapping[tuple[int, str], object] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    set_aside: int = 0


@dataclass(frozen=True, kw_only=True)
class Refuses:
    """The file is refused, and the sentence holds these words; nothing is left behind."""

    sentence: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """`content` are the bytes, or makes them when they are many; `file` is the name they come under.

    `slow` ones take seconds.
    """

    name: str
    content: bytes | Callable[[], bytes]
    then: Reads | Refuses
    file: str = "table.csv"
    choices: Choices = field(default_factory=Choices)
    slow: bool = False


def text(name: str, content: str, then: Reads | Refuses, **choices: object) -> Case:
    """A case of a text in UTF-8."""
    return Case(name=name, content=content.encode(), then=then, choices=Choices(**choices))  # type: ignore[arg-type]


def reads(*notes: str, set_aside: int = 0, **table: Sequence[object]) -> Reads:
    """These columns, with these phrases in the notes."""
    return Reads(table=table, notes=notes, set_aside=set_aside)
