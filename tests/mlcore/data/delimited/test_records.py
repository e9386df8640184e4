"""Records: whole blocks or one by one, the result and the account are the same."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.data.delimited import records
from mlcore.data.delimited.dialect import Dialect
from mlcore.data.delimited.records import Account, write_clean
from mlcore.errors import FileError

CELLS = st.text(alphabet='ab1,;"\n ', max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=5), min_size=1, max_size=12)


def dialect(width: int, skip: int = 0) -> Dialect:
    return Dialect(delimiter=",", quote='"', header=bool(skip), skip=skip, names=("x",) * width, width=width)


def cleaned(
    content: bytes, width: int, out: Path, block: int = 1 << 20, skip: int = 0
) -> tuple[Account, list[list[str]]]:
    blocks = [content[start : start + block] for start in range(0, len(content), block)]
    account = write_clean(lambda: blocks, dialect(width, skip), out)
    return account, list(csv.reader(io.StringIO(out.read_text("utf-8"), newline="")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLES, width=st.integers(2, 4), block=st.integers(1, 40))
def test_every_record_is_kept_or_set_aside(tmp_path: Path, table: list[list[str]], width: int, block: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    account, rows = cleaned(text.getvalue().encode(), width, tmp_path / "clean.csv", block)
    fits = [row for row in table if not any(row[width:])]
    assert account.kept == len(fits) == len(rows)
    assert account.set_aside == len(table) - len(fits)
    assert [(row + [""] * width)[:width] for row in rows] == [(row + [""] * width)[:width] for row in fits]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLES, width=st.integers(1, 4))
def test_blocks_and_single_records_agree(tmp_path: Path, table: list[list[str]], width: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table)
    content = text.getvalue().encode()
    content = content.replace(b" ", b"_")  # the slow way drops spaces before a cell
    fast, rows = cleaned(content, width, tmp_path / "clean.csv")
    slow_text = io.StringIO(newline="")
    slow = records._record_by_record([content], dialect(width), slow_text)
    assert (fast.kept, fast.set_aside, fast.blank) == (slow.kept, slow.set_aside, slow.blank)
    slow_rows = list(csv.reader(io.StringIO(slow_text.getvalue(), newline="")))
    assert [(row + [""] * width)[:width] for row in rows] == slow_rows


def test_the_header_and_blank_lines_before_it_are_skipped(tmp_path: Path) -> None:
    account, rows = cleaned(b"\n\na,b\n1,2\n", 2, tmp_path / "c.csv", skip=1)
    assert (account.records, rows) == (1, [["1", "2"]])


def test_the_places_of_records_set_aside_are_remembered(tmp_path: Path) -> None:
    account, _ = cleaned(b"1,2\n1,2,3\n4,5\n6,7,8\n", 2, tmp_path / "c.csv")
    assert account.places == [2, 4]


@pytest.mark.parametrize("content", [b'1,2\n3,"4\n5,6\n', b'5" x,2\n1,2\n"3,4\n'])
def test_a_quote_that_is_never_closed_is_an_error_with_its_line(tmp_path: Path, content: bytes) -> None:
    line = content[: content.rfind(b'"')].count(b"\n") + 1
    with pytest.raises(FileError, match=f"line {line} "):
        cleaned(content, 2, tmp_path / "c.csv")
