"""Turns whatever a parser throws at hostile bytes into one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from mlcore.errors import FileError, UserError, disk_full


@contextmanager
def guarded(path: Path, what: str) -> Iterator[None]:
    """Errors of the operating system and of the parsers inside the block become a `FileError` about `path`.

    Polars panics are `BaseException`s of a class of their own, so `except Exception` alone would let them through.
    """
    try:
        yield
    except UserError:
        raise
    except FileNotFoundError:
        raise FileError("The file does not exist", where=path.name, remedy="Check the path.") from None
    except IsADirectoryError:
        raise FileError("This is a folder, not a file", where=path.name, remedy="Choose a file in it.") from None
    except PermissionError:
        raise FileError("The file may not be read", where=path.name, remedy="Check its permissions.") from None
    except MemoryError:
        raise FileError(
            f"{what} needs more memory than there is", where=path.name, remedy="Bring fewer rows or columns."
        ) from None
    except OSError as error:
        raise disk_full(error) or _failed(path, what, error) from error
    except (ValueError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _failed(path, what, error) from error


def _failed(path: Path, what: str, error: BaseException) -> FileError:
    return FileError(
        f"{what} failed: {_first_line(error)}",
        where=path.name,
        remedy="The file may be damaged: write it again, as CSV with UTF-8 text or as Parquet.",
    )


def _first_line(error: BaseException) -> str:
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line if len(line) <= 200 else line[:200] + "…"
