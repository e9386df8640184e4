"""One statement that reads: told from its words before anything is sent.

This is courtesy, not the wall. The wall is the read-only transaction, the driver that sends one statement only, and
the rollback at the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mlcore.errors import SourceError

LONGEST = 100_000


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What a kind of database writes differently.

    `backslash`: escapes inside quotes. `dollar`: $tag$…$tag$ quotes. `hash_comment`: # begins a comment. `banned`:
    patterns refused wherever they stand, quoted or not.
    """

    backslash: bool = False
    dollar: bool = False
    hash_comment: bool = False
    nested_comment: bool = False
    beginnings: tuple[str, ...] = ("select", "with", "values")
    banned: tuple[tuple[str, str], ...] = ()


def checked(query: str, dialect: Dialect) -> str:
    """The statement without comments around it and without its closing semicolon."""
    if len(query) > LONGEST or "\x00" in query:
        raise SourceError("The query is too long or holds characters that do not belong", remedy="Shorten it.")
    for pattern, why in dialect.banned:
        if re.search(pattern, query, re.IGNORECASE):
            raise SourceError(why, remedy="Ask for rows with SELECT only.")
    words = _skeleton(query, dialect)
    ends = [place for place, mark in enumerate(words) if mark == ";"]
    if ends and words[ends[0] :].strip(" ;"):
        raise SourceError("Only one statement can be run", remedy="Remove what follows the semicolon.")
    body = words[: ends[0]] if ends else words
    first = re.match(r"[\s(]*([A-Za-z]+)", body)
    if not body.strip():
        raise SourceError("The query is empty", remedy="Write a SELECT.")
    if first is None or first[1].lower() not in dialect.beginnings:
        raise SourceError(
            "Only queries that read can be run",
            where=body.split()[0][:30],
            remedy="Begin it with SELECT, WITH or VALUES.",
        )
    return query[: len(body)].rstrip()


def _skeleton(query: str, dialect: Dialect) -> str:
    """The query with everything quoted or commented out turned into spaces or x, at the same length."""
    pattern = re.compile("|".join(_pieces(dialect)), re.DOTALL)
    out, place = [], 0
    while place < len(query):
        if query.startswith("/*", place):
            end = _comment_end(query, place, nested=dialect.nested_comment)
            out.append(" " * (end - place))
        elif (found := pattern.match(query, place)) is not None:
            end = found.end()
            blank = " " if found[0].startswith(("--", "#")) else "x"
            out.append(blank * (end - place))
        else:
            end = place + 1
            out.append(" " if query[place].isspace() else query[place])
        place = end
    return "".join(out)


def _pieces(dialect: Dialect) -> list[str]:
    inside = r"(?:[^{0}\\]|\\.|{0}{0})*" if dialect.backslash else r"(?:[^{0}]|{0}{0})*"
    pieces = [r"--[^\n]*"]
    if dialect.dollar:
        pieces += [
            r"(?<![A-Za-z0-9_])[eE]'(?:[^'\\]|\\.|'')*(?:'|$)",
            r"(?<![A-Za-z0-9_$])\$([A-Za-z_]\w*|)\$.*?(?:\$\1\$|$)",
        ]
    if dialect.hash_comment:
        pieces.append(r"#[^\n]*")
    pieces += [quote + inside.format(quote) + f"(?:{quote}|$)" for quote in ("'", '"')]
    return [*pieces, r"`(?:[^`]|``)*(?:`|$)"]


def _comment_end(query: str, begin: int, *, nested: bool) -> int:
    depth, place = 1, begin + 2
    while place < len(query) and depth:
        if nested and query.startswith("/*", place):
            depth, place = depth + 1, place + 2
        elif query.startswith("*/", place):
            depth, place = depth - 1, place + 2
        else:
            place += 1
    return place
