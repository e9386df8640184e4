"""What can be wrong with a cell of a file to score, and the words for it. Needs Python alone: a page imports it.

A *field* is an entry of scoring.json or recipe.json: `name`, `kind` (number, category, time or text) and, where they
were learned, `categories`, `low` and `high` (of a time in seconds since 1970).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain, islice
from typing import Any

from mlcore.data.amounts import compact

TITLES = {
    "column": "The column is not there",
    "unreadable": "Cannot be read",
    "unseen": "Never seen in training",
    "range": "Outside the range of training",
    "missing": "Empty, which never happened in training",
}
"""Every kind of fault under its code; all but the first are codes of `flags`, too."""

LISTED = 8
"""So many categories are named, the most frequent ones of training."""

_NEAR, _COUNTED, _LIKELY = 2_000, 100_000, 20
_COMPARED = 200
_LONGEST = 40
_DAY = 86_400.0


def expected(code: str, field: Mapping[str, Any]) -> str:
    """What should stand there instead, as in "a number" or "12 to 90"."""
    kind = field.get("kind", "category")
    if code == "range":
        return _range(field)
    if code == "unseen":
        return _one_of(field.get("categories") or ())
    if code == "column":
        return f"a column {str(field['name'])!r}"
    return _what(kind)


def remedy(code: str, field: Mapping[str, Any], value: object = None, names: Iterable[str] = ()) -> str:
    """What to do about it, in one sentence. `names` are the columns that the file has, where one is not there."""
    if code == "column":
        near = _nearest(str(field["name"]), [str(name) for name in names])
        return f"Rename {near!r} if that is it, or add the column." if near else "Add the column."
    if code == "unseen":
        near = _nearest(str(value), list(field.get("categories") or ()))
        return f"Did you mean {near!r}?" if near else "Check the spelling; train again if such rows will come."
    return _REMEDIES.get((code, field.get("kind", "")), _REMEDIES[code, ""])


_REMEDIES = {
    ("unreadable", "number"): "Write digits and a decimal point, or leave the cell empty.",
    ("unreadable", "time"): "Write dates like 2025-12-31, or 2025-12-31 14:30 with a time.",
    ("unreadable", ""): "Write text, or leave the cell empty.",
    ("range", "time"): "Check the year, and the order of day and month.",
    ("range", ""): "Check the unit and the decimal mark; if the value is right, take the answer with care.",
    ("missing", ""): "Fill it in if the value is known.",
}


def _what(kind: str) -> str:
    return {"number": "a number", "time": "a date or time"}.get(kind, "text")


def _range(field: Mapping[str, Any]) -> str:
    low, high = field.get("low"), field.get("high")
    if low is None or high is None:
        return _what(str(field.get("kind")))
    if field.get("kind") == "time":
        return f"{_day(low)} to {_day(high + (high - low))}"
    return f"{compact(low, 6)} to {compact(high, 6)}"


def _day(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%d" if seconds % _DAY == 0 else "%Y-%m-%d %H:%M")


def _one_of(categories: Iterable[str]) -> str:
    known = [str(word) for word in categories]
    shown = ", ".join(_short(word) for word in known[:LISTED])
    more = f" or {len(known) - LISTED:,} others" if len(known) > LISTED else ""
    return f"one of {shown}{more}" if known else "text"


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST else word[:_LONGEST] + "…"


def _nearest(word: str, known: Sequence[str]) -> str:
    """The known word that this one is most likely to be misspelt from; empty when none comes near.

    Compared are those that share most pairs of letters with it (Ukkonen 1992), the rarer pairs first: a misspelt word
    keeps most of its own.
    """
    lower, having = _by_pairs(tuple(known[:_NEAR]))
    asked = word.strip().lower()[:_COMPARED]
    telling = sorted((having[pair] for pair in _pairs(asked) if pair in having), key=len)
    shared = Counter(islice(chain.from_iterable(telling), _COUNTED))
    found = get_close_matches(asked, [name for name, _ in shared.most_common(_LIKELY)], n=1, cutoff=0.75)
    return lower[found[0]] if found else ""


@lru_cache(maxsize=32)
def _by_pairs(known: tuple[str, ...]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The words by their lower case, and of these which have a pair of letters."""
    lower = {name.strip().lower()[:_COMPARED]: name for name in reversed(known)}
    having: dict[str, list[str]] = {}
    for name in lower:
        for pair in _pairs(name):
            having.setdefault(pair, []).append(name)
    return lower, having


def _pairs(word: str) -> set[str]:
    """Neighbouring letters, and the first and the last one."""
    edged = f"\n{word}\n"
    return {edged[at : at + 2] for at in range(len(edged) - 1)}
