"""Column names a table can live with: none empty, none twice, nothing invisible in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from mlcore.data.amounts import amount

LONGEST = 200
"""Characters of a name that are kept."""

_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]+"
)


def clean_names(raw: Iterable[object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Usable names in the same order, and one sentence for each kind of change."""
    given = ["" if name is None else str(name) for name in raw]
    clean = [tidy(name) for name in given]
    short = [name[:LONGEST] for name in clean]
    named, nameless = _filled(short)
    names, renamed = _unique(named)
    notes = []
    if nameless:
        notes.append(f"{amount(len(nameless), 'column')} without a name: called {_listed(nameless)}.")
    if renamed:
        notes.append(f"{amount(len(renamed), 'column')} with a name that occurs twice: called {_listed(renamed)}.")
    if any(len(name) > LONGEST for name in clean):
        notes.append(f"Names longer than {LONGEST} characters were cut.")
    if any(one != unicodedata.normalize("NFC", other.strip()) for one, other in zip(clean, given, strict=True)):
        notes.append("Line breaks and invisible characters in column names were removed.")
    return tuple(names), tuple(notes)


def tidy(name: str) -> str:
    """Without what cannot be seen in it, and without spaces around it."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub(" ", name.encode("utf-8", "replace").decode())).strip()


def _filled(names: list[str]) -> tuple[list[str], list[str]]:
    taken, filled, new = set(names), [], []
    for position, name in enumerate(names, 1):
        if not name:
            name = _free(f"column_{position}", taken)
            taken.add(name)
            new.append(name)
        filled.append(name)
    return filled, new


def _unique(names: list[str]) -> tuple[list[str], list[str]]:
    taken, seen, unique, new = set(names), set[str](), list[str](), list[str]()
    for name in names:
        if name in seen:
            name = _free(name, taken)
            taken.add(name)
            new.append(name)
        seen.add(name)
        unique.append(name)
    return unique, new


def _free(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:3])
    return shown + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
