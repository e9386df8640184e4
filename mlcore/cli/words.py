"""Words of the command line become values, or one sentence that says what would do."""

from __future__ import annotations

import math
from pathlib import Path

from mlcore import files
from mlcore.errors import FileError, UserError


def seconds(text: str) -> float:
    """A budget: at least a second, at most a week."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (1 <= value <= 7 * 86_400):
        raise UserError(f"The budget cannot be {text!r}", remedy="Give a number of seconds from 1 to 604800.")
    return value


def count(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise UserError(f"{text!r} is not a whole number from 0 on", remedy="Give one, for example 0.")
    return int(text)


def port(text: str) -> int:
    """A TCP port."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise UserError(f"The port cannot be {text!r}", remedy="Give a number from 1 to 65535.")
    return int(text)


def listed(text: str) -> tuple[str, ...]:
    """The parts between commas, at least one."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    if not parts:
        raise UserError(f"{text!r} names nothing", remedy="Give names with commas between them, or leave it out.")
    return parts


def writable(text: str) -> Path:
    """A .csv or .parquet file in a folder that exists."""
    path = Path(text)
    if path.suffix not in (".csv", ".parquet"):
        raise FileError("The output must end in .csv or .parquet", where=text, remedy="Give such a name with --out.")
    if path.is_dir() or not path.absolute().parent.is_dir() or not files.can_write(path):
        raise FileError("The output cannot be written there", where=text, remedy="Name a file where you may write.")
    return path
