"""A file of rows is scored for a job: what lies in the job's folder afterwards, and how far it has come meanwhile.

In the folder: the predictions, `reading.json` (how the file was read), `errors.csv` and `errors.json` (the cells that
are not as the model expects them, also when the file was refused for them), `progress.json` while it lasts.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from mlcore import files
from mlcore.data.choices import Choices
from mlcore.workspace import processes
from mlcore.workspace.looking import called, contents, note

if TYPE_CHECKING:
    from mlcore.data.schema import Schema

REASONING_SECONDS = 600.0
"""For the reasons of a whole file."""

PROGRESS, ERRORS, LISTED = "progress.json", "errors.csv", "errors.json"
READING = 0.3
"""The share of the time that reading takes."""

_OFTEN = 0.7


class Options(TypedDict, total=False):
    """`name` is what the file is called, `choices` what a person said about it; what they left open is read as the
    table was that the model learned from. The others are as in `handoff.batch.Asked`."""

    name: str
    choices: Mapping[str, Any] | None
    reasons: int
    titles: Mapping[str, str] | None
    handling: Mapping[str, str] | None
    keep: bool
    unlike: bool


@dataclass(frozen=True, kw_only=True)
class Faulty:
    """One line of the list: a cell, or (`row` is None) a column, or how many more cells there are of a kind."""

    row: int | None
    column: str
    problem: str
    value: str
    expected: str
    remedy: str
    done: str


def scored(model: str, source: str, out: str, format: str, **options: Unpack[Options]) -> dict[str, Any]:
    """Score the file into `out`; what there is to say of it in numbers."""
    from mlcore.data.load import store_rows
    from mlcore.handoff.batch import Asked, Handling, score_rows
    from mlcore.learning.model import Model

    place, name = Path(out).parent, options.get("name") or ""
    tell = _teller(place / PROGRESS)
    tell(0.0, "Reading the rows")
    fitted = Model.load(Path(model))
    chosen = like(fitted.raw, options.get("choices"))
    asked = Asked(
        ending=f".{format}",
        handling=Handling.like(options.get("handling")),
        keep=options.get("keep", False),
        reasons=options.get("reasons", 0),
        titles=options.get("titles") or {},
        seconds=REASONING_SECONDS,
        unlike=options.get("unlike", True),
        threads=processes.usable_cores(),
        name=name or Path(source).name,
    )
    with tempfile.TemporaryDirectory(prefix=".rows-", dir=place) as folder:
        rows = Path(folder) / "rows.parquet"
        with called(source, name), contents(source, chosen, place):
            reading = store_rows(Path(source), rows, chosen)
        note(reading, place)
        found = score_rows(
            fitted, rows, Path(out), asked, reading=reading, faults=(place / ERRORS, place / LISTED),
            tell=lambda share, message: tell(READING + (1 - READING) * share, message),
        )  # fmt: skip
    counts = {name: getattr(found, name) for name in ("rows", "flagged", "faulty", "filled", "faults")}
    return {**counts, "unlike": found.unlike if found.compared else None, "ignored": list(found.ignored)}


def like(schema: Schema, choices: Mapping[str, Any] | None) -> Choices:
    """To read rows as the table of this schema was read, but for what a person chose."""
    chosen = {key: value for key, value in (choices or {}).items() if value is not None}
    return replace(Choices.like(schema), **chosen)


def progress(folder: Path) -> tuple[float, str] | None:
    """How far the scoring in this folder has come; None when nothing is known."""
    try:
        said = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        return float(said["share"]), str(said["message"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def faults(folder: Path) -> tuple[Faulty, ...]:
    """The list of faulty cells in this folder, in the order of the columns; empty when there is none."""
    from mlcore import records

    try:
        lines = json.loads((folder / LISTED).read_text(encoding="utf-8"))["faults"]
    except OSError:
        return ()
    return tuple(records.from_json(Faulty, line) for line in lines)


def tidy(folder: Path) -> None:
    """Remove what a scoring that was ended from outside has left behind."""
    for left in (*folder.glob(".*"), folder / PROGRESS):
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def _teller(path: Path) -> Callable[[float, str], None]:
    """Writes progress, but not more often than anybody looks."""
    last = -_OFTEN

    def tell(share: float, message: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _OFTEN:
            last = time.monotonic()
            files.write_text(path, json.dumps({"share": share, "message": message}))

    return tell
