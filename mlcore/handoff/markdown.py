"""A user's words inside Markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """In one line, without its marks taking effect."""
    flat = " ".join(str(text).split())
    return "".join("\\" + mark if mark in "\\`*_|<>[]#" else mark for mark in flat)


def code(text: str) -> str:
    """As code, in one line, where nothing needs a backslash: between more backticks than it has in a row."""
    flat = " ".join(str(text).split())
    ticks = "`" * (max(map(len, re.findall("`+", flat)), default=0) + 1)
    space = " " * ("`" in flat[:1] + flat[-1:])
    return f"{ticks}{space}{flat}{space}{ticks}"
