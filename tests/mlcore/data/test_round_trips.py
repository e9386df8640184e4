"""Whatever a table holds: written to a file of any kind and read again, it is the same."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from mlcore.data.load import load

Table = dict[str, list[Any]]

WORDS = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" ,;|\t\"'\n"), max_size=12).map(
    "w{}w".format
)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "whole": st.integers(-(2**53) + 1, 2**53 - 1),
    "real": st.floats(allow_nan=False, allow_infinity=False),
    "words": WORDS,
    "moment": st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)),
}


@st.composite
def tables(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(CELLS)) -> Table:
    """One to eight rows; the first column has no gaps, as a row without any cell is a blank line."""
    rows = draw(st.integers(1, 8))
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=2, max_size=5))
    table: Table = {}
    for place, kind in enumerate(chosen):
        cell = CELLS[kind] if place == 0 else st.none() | CELLS[kind]
        table[f"{kind} {place}"] = draw(st.lists(cell, min_size=rows, max_size=rows))
    return table


def as_csv(path: Path, table: Table, delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(table)
        writer.writerows([_text(cell) for cell in row] for row in zip(*table.values(), strict=True))


def as_comma_decimals(path: Path, table: Table) -> None:
    as_csv(path, {name: [_comma(cell) for cell in cells] for name, cells in table.items()}, ";")


def as_json(path: Path, table: Table) -> None:
    path.write_text(json.dumps(_rows(table)), encoding="utf-8")


def as_json_lines(path: Path, table: Table) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in _rows(table)), encoding="utf-8")


def as_parquet(path: Path, table: Table) -> None:
    kinds = {"whole": pl.Int64, "real": pl.Float64, "words": pl.String, "moment": pl.Datetime("us")}
    pl.DataFrame(table, schema={name: kinds[name.split()[0]] for name in table}).write_parquet(path)


def as_workbook(path: Path, table: Table) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(table))
    for row in zip(*table.values(), strict=True):
        sheet.append(list(row))
    book.save(path)


WRITERS: dict[str, Callable[[Path, Table], None]] = {
    "comma": lambda path, table: as_csv(path, table, ","),
    "semicolon": lambda path, table: as_csv(path, table, ";"),
    "tab": lambda path, table: as_csv(path, table, "\t"),
    "bar": lambda path, table: as_csv(path, table, "|"),
    "decimal comma": as_comma_decimals,
    "json": as_json,
    "json lines": as_json_lines,
    "parquet": as_parquet,
}


@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
def test_a_table_comes_back_as_it_went_in(kind: str, table: Table) -> None:
    comes_back(kind, table)


@pytest.mark.slow
@pytest.mark.parametrize("kind", WRITERS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables())
def test_many_tables_come_back_as_they_went_in(kind: str, table: Table) -> None:
    comes_back(kind, table)


def comes_back(kind: str, table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.any"
        WRITERS[kind](path, table)
        found = _stored(path)
    assert found == table


@pytest.mark.usefixtures("kept_child")
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(kinds=("whole", "words")))
def test_a_workbook_comes_back_as_it_went_in(table: Table) -> None:
    workbook_comes_back(table)


@pytest.mark.slow
@pytest.mark.usefixtures("kept_child")
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(kinds=("whole", "words")))
def test_many_workbooks_come_back_as_they_went_in(table: Table) -> None:
    workbook_comes_back(table)


def workbook_comes_back(table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        as_workbook(path, table)
        assert _stored(path) == table


def _stored(path: Path) -> Table:
    dataset = load(path, out=path.with_suffix(".parquet"))
    assert dataset.reading.records == dataset.reading.kept
    return pl.read_parquet(dataset.path).to_dict(as_series=False)


def _rows(table: Table) -> list[dict[str, Any]]:
    columns = {name: [_plain(cell) for cell in cells] for name, cells in table.items()}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, datetime) else cell


def _text(cell: Any) -> str:
    return "" if cell is None else str(_plain(cell))


def _comma(cell: Any) -> Any:
    return repr(cell).replace(".", ",") if isinstance(cell, float) else cell
