"""A file of rows is scored for a job: what lies in the job's folder afterwards, and how far it has come meanwhile.

In the folder: the predictions, `reading.json` (how the file was read), `errors.csv` and `errors.json` (the cells that
are not as the model expects them, also when the file was refused for them), `head.json` (the first rows that were
written), `progress.json` while it lasts.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from mlcore import files, records
from mlcore.data.choices import Choices
from mlcore.workspace import processes
from mlcore.workspace.looking import called, contents, note

if TYPE_CHECKING:
    from mlcore.data.schema import Schema

REASONING_SECONDS = 600.0
"""For the reasons of a whole file."""

PROGRESS, ERRORS, LISTED, HEAD = "progress.json", "errors.csv", "errors.json", "head.json"
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
class Cell:
    """A cell that is not as the model expects it. `row` counts from 1; None: it is about the column."""

    row: int | None
    value: str
    expected: str
    remedy: str


@dataclass(frozen=True, kw_only=True)
class Faulty:
    """What is wrong with `cells` cells of a column, what was done (`action`), and the first of them."""

    column: str
    problem: str
    cells: int
    action: str
    first: tuple[Cell, ...]


def scored(model: str, source: str, out: str, format: str, **options: Unpack[Options]) -> dict[str, Any]:
    """Score the file into `out`; what there is to say of it in numbers."""
    from mlcore.data.load import store_rows
    from mlcore.handoff.batch.asked import Asked
    from mlcore.handoff.batch.handling import Handling
    from mlcore.handoff.batch.scoring import score_rows
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
    files.write_text(place / HEAD, json.dumps(records.to_json([*map(_plain, found.head)]), ensure_ascii=False))
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
    """What is wrong with cells of the file, column by column; empty when nothing is, or nothing is known."""
    try:
        found = json.loads((folder / LISTED).read_text(encoding="utf-8"))
    except OSError:
        return ()
    first: dict[tuple[str, str], list[Cell]] = {}
    for line in found["faults"]:
        if line["expected"]:
            first.setdefault((line["column"], line["problem"]), []).append(records.from_json(Cell, line))
    return tuple(_faulty(total, first) for total in found["totals"])


def _faulty(total: Mapping[str, Any], first: Mapping[tuple[str, str], list[Cell]]) -> Faulty:
    return Faulty(**total, first=tuple(first[total["column"], total["problem"]]))


def head(folder: Path) -> list[dict[str, Any]]:
    """The first rows that were written; none before."""
    try:
        rows: list[dict[str, Any]] = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    except OSError:
        return []
    return rows


def tidy(folder: Path) -> None:
    """Remove what a scoring that was ended from outside has left behind."""
    for left in (*folder.glob(".*"), folder / PROGRESS):
        shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row to look at: six digits of a probability tell enough."""
    shown = {name: str(cell) if isinstance(cell, datetime) else cell for name, cell in row.items()}
    return {
        name: round(cell, 6) if name.startswith("probability_") and isinstance(cell, float) else cell
        for name, cell in shown.items()
    }


def _teller(path: Path) -> Callable[[float, str], None]:
    """Writes progress, but not more often than anybody looks."""
    last = -_OFTEN

    def tell(share: float, message: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _OFTEN:
            last = time.monotonic()
            files.write_text(path, json.dumps({"share": share, "message": message}))

    return tell
