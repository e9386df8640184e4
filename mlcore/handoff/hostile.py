"""What a bundle from anywhere may hold: plain files, tables and stores that stay small when they are opened, and models
of types that are trusted here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlcore.errors import BundleError
from mlcore.handoff import archive

MOST_FILES = 5_000
GOLDEN_ROWS = 100_000
TABLE_MEGABYTES = 2_000
"""The most that a table of a bundle may take once it is read."""

JSON_MEGABYTES = 200
"""The largest of them describes a forest; a manifest is a thousandth of that."""

_DO_NOT = "Do not use this file."


def check_files(folder: Path) -> None:
    """Raise `BundleError` when the folder has more files than any bundle, or a link among them."""
    for number, file in enumerate(folder.rglob("*"), start=1):
        if number > MOST_FILES:
            raise BundleError(f"The folder holds more than {MOST_FILES:,} files", remedy="Give the folder of a bundle.")
        if file.is_symlink():
            name = file.relative_to(folder).as_posix()
            raise BundleError("The bundle holds a link, which may point outside of it", where=name, remedy=_DO_NOT)


def check(folder: Path) -> None:
    """Raise `BundleError` when a file of the unpacked bundle would fill the memory when it is opened."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        if file.suffix == ".skops":
            archive.bounded(file)
        elif file.suffix == ".parquet":
            _check_table(file, name)
        elif file.suffix == ".json" and file.stat().st_size > JSON_MEGABYTES * 1_000_000:
            raise BundleError(
                f"The file has {file.stat().st_size / 1e6:,.0f} MB", where=name, remedy="No bundle of ours has such."
            )


def check_golden(folder: Path) -> None:
    """Raise `BundleError` when there are more golden rows than any bundle has."""
    for name in ("input", "output"):
        rows = _listed(folder / "golden" / f"{name}.parquet", f"golden/{name}.parquet").num_rows
        if rows > GOLDEN_ROWS:
            raise BundleError(
                f"The bundle has {rows:,} golden rows", where=f"golden/{name}.parquet",
                remedy=f"At most {GOLDEN_ROWS:,} are replayed; export it again.",
            )  # fmt: skip


def check_types(folder: Path) -> None:
    """Raise `BundleError` when the stored model names types that are not built here, such as a pickle would."""
    from skops import io

    from mlcore.learning.scoring import TRUSTED

    try:
        strange = set(io.get_untrusted_types(file=folder / "model.skops")) - set(TRUSTED) - _of_plugins(folder)
    except Exception as error:
        raise BundleError(
            f"The stored model cannot be read ({type(error).__name__})", where="model.skops", remedy=_DO_NOT
        ) from error
    if strange:
        shown = ", ".join(sorted(strange)[:3])
        what = f"The stored model holds types that are not trusted: {shown}"
        raise BundleError(what, where="model.skops", remedy=_DO_NOT)


def _of_plugins(folder: Path) -> set[str]:
    """The types of plug-ins that the bundle names; whether they may be built here is decided where it is loaded."""
    return {str(name) for need in _needs(folder) for name in need.get("types", ())}


def _needs(folder: Path) -> Iterator[dict[str, Any]]:
    needed = json.loads((folder / "scoring.json").read_text(encoding="utf-8")).get("trusted", [])
    yield from (need for need in needed if isinstance(need, dict))


def _check_table(file: Path, name: str) -> None:
    listed = _listed(file, name)
    size = sum(listed.row_group(at).total_byte_size for at in range(listed.num_row_groups))
    cells = listed.num_rows * listed.num_columns * 8
    if max(size, cells) > TABLE_MEGABYTES * 1_000_000:
        raise BundleError(
            f"The table would take {max(size, cells) / 1e6:,.0f} MB", where=name,
            remedy=f"At most {TABLE_MEGABYTES:,} MB are read.",
        )  # fmt: skip


def _listed(file: Path, name: str) -> Any:
    try:
        return pq.read_metadata(file)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise BundleError("The table cannot be read", where=name, remedy="Export the bundle again.") from error
