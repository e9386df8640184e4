"""Reads one case and says whether what became of it is what was written down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mlcore.data.dataset import Dataset
from mlcore.data.load import load, preview
from mlcore.errors import UserError
from tests.corpus.case import Case, Reads, Refuses

_WIDE = 150


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What became of a case, in words, and what is wrong with it (nothing, as it should be)."""

    case: Case
    outcome: str
    wrong: tuple[str, ...]


def judge(case: Case, folder: Path) -> Verdict:
    """Load the case in an empty folder and compare."""
    path = folder / case.file
    path.write_bytes(case.content() if callable(case.content) else case.content)
    dataset, sentence = _tried(lambda: load(path, out=folder / "out.parquet", choices=case.choices))
    if dataset is None:
        wrong = [*_refusal(case, sentence), *_left_behind(folder, {case.file})]
        return Verdict(case=case, outcome=f"refused: {sentence}", wrong=tuple(wrong))
    wrong = [
        *_reading(case, dataset),
        *_left_behind(folder, {case.file, "out.parquet"}),
        *_preview(case, path, dataset),
    ]
    reading = dataset.reading
    words = f"{reading.format}, {reading.kept:,} × {len(dataset.schema):,}"
    words += f", {reading.set_aside} set aside" if reading.set_aside else ""
    words += f"; {len(reading.notes)} note(s): {' '.join(reading.notes)}" if reading.notes else "; nothing to note"
    return Verdict(case=case, outcome=words, wrong=tuple(wrong))


def line(verdict: Verdict) -> str:
    """One line of the table of the corpus: whether it is as written down, the case, and what became of it."""
    outcome = " ".join(verdict.outcome.split())
    shown = outcome[:_WIDE] + ("…" if len(outcome) > _WIDE else "")
    return f"{'WRONG' if verdict.wrong else 'ok':5}  {verdict.case.name:56}  {shown}"


def _tried(what: Callable[[], Dataset]) -> tuple[Dataset | None, str]:
    try:
        return what(), ""
    except UserError as error:
        return None, str(error)
    except Exception as error:  # a crash is the worst outcome, and one case must not hide the others
        return None, f"CRASHED with {error!r}"


def _refusal(case: Case, sentence: str) -> Iterator[str]:
    if isinstance(case.then, Reads):
        yield f"refused, but should be read: {sentence}"
    elif sentence.startswith("CRASHED") or case.then.sentence not in sentence:
        yield f"refused with other words: {sentence}"


def _left_behind(folder: Path, expected: set[str]) -> Iterator[str]:
    if (found := {path.name for path in folder.iterdir()}) != expected:
        yield f"left behind: {sorted(found - expected)}"


def _reading(case: Case, dataset: Dataset) -> Iterator[str]:
    if isinstance(case.then, Refuses):
        yield "read, but should be refused"
        return
    reading = dataset.reading
    stored = pl.read_parquet(dataset.path)
    if reading.records != reading.kept + reading.set_aside or reading.kept != stored.height:
        yield f"{reading.records} records, {reading.kept} kept, {reading.set_aside} set aside, {stored.height} stored"
    if reading.set_aside != case.then.set_aside:
        yield f"{reading.set_aside} set aside"
    yield from _cells(case.then, stored)
    yield from _notes(case.then, reading.notes)


def _cells(then: Reads, stored: pl.DataFrame) -> Iterator[str]:
    if then.shape is not None:
        if stored.shape != then.shape:
            yield f"the shape is {stored.shape}"
        cells = {(row, name): stored[name][row] for row, name in then.cells if name in stored.columns}
        if repr(cells) != repr(dict(then.cells)):
            yield f"the cells are {cells}"
        return
    table = stored.to_dict(as_series=False)
    if repr(table) != repr({name: list(values) for name, values in then.table.items()}):
        yield f"the table is {table}"


def _notes(then: Reads, notes: tuple[str, ...]) -> Iterator[str]:
    yield from (f"unexpected note: {note}" for note in notes if not any(phrase in note for phrase in then.notes))
    yield from (f"no note says {phrase!r}" for phrase in then.notes if not any(phrase in note for note in notes))


def _preview(case: Case, path: Path, dataset: Dataset) -> Iterator[str]:
    try:
        shown, _ = preview(path, case.choices, rows=5)
    except UserError as error:
        yield f"there is no preview: {error}"
        return
    if tuple(shown.columns) != dataset.schema.names:
        yield f"the preview shows the columns {list(shown.columns)}"
