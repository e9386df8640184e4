"""Workbooks of every kind: what the cells mean is stored, what cannot be is said, what would do harm is refused."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import xlwt
from openpyxl import Workbook

from mlcore.data.choices import Choices
from mlcore.data.load import load, preview, read_table
from mlcore.data.workbooks import bounds
from mlcore.errors import ChoiceError, FileError, TableError

Rows = Sequence[Sequence[Any]]

pytestmark = pytest.mark.usefixtures("kept_child")


def xlsx(path: Path, rows: Rows, **more: Any) -> Path:
    """A workbook with one sheet of these rows; `more` are further sheets by name."""
    book = Workbook()
    book.active.title = "first"
    for row in rows:
        book.active.append(row)
    for name, others in more.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    book.save(path)
    return path


def xls(path: Path, rows: Rows) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("first")
    dated = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(place, column, cell, *([dated] if isinstance(cell, date) else []))
    book.save(str(path))
    return path


def ods(path: Path, rows: Rows) -> Path:
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="first">{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def _ods_cell(cell: object) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
    kind = "date" if isinstance(cell, date) else "float"
    value = "date-value" if isinstance(cell, date) else "value"
    return f'<table:table-cell office:value-type="{kind}" office:{value}="{cell}"/>'


def edited(path: Path, change: Callable[[bytes], bytes], part: str = "xl/worksheets/sheet1.xml") -> Path:
    """The workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


def table(path: Path, **choices: Any) -> pd.DataFrame:
    return read_table(load(path, choices=Choices(**choices)))


ROWS: Rows = [
    ["id", "amount", "count", "day", "note"],
    ["00123", 1.5, 3, date(2024, 1, 2), "x"],
    ["00007", 2.25, 4, date(2024, 12, 31), None],
    ["10000", None, 5, date(2023, 5, 6), "z"],
]


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_every_kind_of_workbook_becomes_the_same_table(write: Callable[[Path, Rows], Path], tmp_path: Path) -> None:
    dataset = load(write(tmp_path / "book.bin", ROWS))
    assert dataset.reading.format == "excel"
    assert (dataset.reading.sheet, dataset.reading.sheets, dataset.reading.header_row) == ("first", ("first",), 1)
    found = read_table(dataset)
    assert [column.storage for column in dataset.schema] == ["text", "float", "integer", "datetime", "text"]
    assert found["id"].tolist() == ["00123", "00007", "10000"]
    assert found["amount"].tolist()[:2] == [1.5, 2.25]
    assert found["count"].tolist() == [3, 4, 5]
    assert found["day"].tolist() == [pd.Timestamp(2024, 1, 2), pd.Timestamp(2024, 12, 31), pd.Timestamp(2023, 5, 6)]
    assert found.isna().sum().tolist() == [0, 1, 0, 0, 1]


@pytest.mark.parametrize(("write", "name"), [(xlsx, "t.xls"), (xls, "t.xlsx"), (ods, "t.csv")])
def test_the_content_decides_and_not_the_name(write: Callable[[Path, Rows], Path], name: str, tmp_path: Path) -> None:
    assert load(write(tmp_path / "book", ROWS).rename(tmp_path / name)).rows == 3


def test_titles_above_the_table_are_skipped_and_said(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", [["Sales 2024"], ["Generated", date(2024, 5, 1)], [], *ROWS])
    reading = load(path).reading
    assert (reading.header_row, reading.records, reading.kept) == (4, 3, 3)
    assert "Skipped above the table: 2 rows, the first is 'Sales 2024'." in reading.notes


def test_a_person_may_say_in_which_row_the_names_stand(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", [["a", "b"], ["kg", "cm"], [1, 2], [3, 4]])
    assert table(path, header_row=2).to_dict("list") == {"kg": [1, 3], "cm": [2, 4]}
    with pytest.raises(TableError, match=r"Row 9 .* empty or beyond"):
        load(path, choices=Choices(header_row=9))


def test_a_sheet_without_names_gets_numbers(tmp_path: Path) -> None:
    dataset = load(xlsx(tmp_path / "t.xlsx", [[1, 2.5], [3, 4.5], [5, 6.5]]))
    assert (dataset.reading.header, dataset.reading.header_row, dataset.rows) == (False, 0, 3)
    assert read_table(dataset).columns.tolist() == ["column_1", "column_2"]


def test_years_and_dates_may_be_names_of_columns(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", [["city", 2023, 2024], ["A", 1.5, 2.5], ["B", 2.5, 3.5]])
    assert table(path).columns.tolist() == ["city", "2023", "2024"]


def test_the_sheet_is_chosen_by_name_and_the_first_with_a_table_otherwise(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", [], data=[["a"], [1], [2]], other=[["b"], [7], [8]])
    reading = load(path).reading
    assert (reading.sheet, reading.sheets) == ("data", ("first", "data", "other"))
    assert any("3 sheets" in note for note in reading.notes)
    assert table(path, sheet="other")["b"].tolist() == [7, 8]
    with pytest.raises(ChoiceError, match="Did you mean 'other'"):
        load(path, choices=Choices(sheet="Other"))
    with pytest.raises(TableError, match="'first' is empty"):
        load(path, choices=Choices(sheet="first"))


def test_hidden_sheets_are_named_and_come_last(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "secret"
    book.active.append(["s"])
    book.active.append([1])
    book.active.sheet_state = "hidden"
    shown = book.create_sheet("shown")
    shown.append(["a"])
    shown.append([5])
    book.active = shown
    book.save(tmp_path / "t.xlsx")
    reading = load(tmp_path / "t.xlsx").reading
    assert reading.sheet == "shown"
    assert "Hidden in the workbook: 1 sheet ('secret')." in reading.notes
    assert table(tmp_path / "t.xlsx", sheet="secret")["s"].tolist() == [1]


def test_merged_cells_have_their_value_in_all_of_them(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["region", "n"], ["North", 1], [None, 2], [None, 3], ["South", 4]):
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.save(tmp_path / "t.xlsx")
    dataset = load(tmp_path / "t.xlsx")
    assert read_table(dataset)["region"].tolist() == ["North", "North", "North", "South"]
    assert "Merged cells have the value of the first one in all of them: 1 range." in dataset.reading.notes


def test_a_title_merged_over_the_table_is_no_header(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["Report"], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]):
        book.active.append(row)
    book.active.merge_cells("A1:C1")
    book.save(tmp_path / "t.xlsx")
    assert table(tmp_path / "t.xlsx").columns.tolist() == ["a", "b", "c"]


def test_formulas_without_result_and_errors_are_missing_and_counted(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["a", "b"], [1, "=A2*2"], [2, "=A3*2"], [3, "#DIV/0!"]):
        book.active.append(row)
    book.active["B4"].data_type = "e"
    book.save(tmp_path / "t.xlsx")
    dataset = load(tmp_path / "t.xlsx")
    assert read_table(dataset)["b"].isna().all()
    assert any("result is not stored in the file are missing: 2 cells" in note for note in dataset.reading.notes)
    assert "Errors such as #DIV/0! were read as missing: 1 cell." in dataset.reading.notes


def test_dates_of_both_calendars_are_the_same_days(tmp_path: Path) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    for epoch in (None, CALENDAR_MAC_1904):
        book = Workbook()
        if epoch:
            book.epoch = epoch
        for row in (["d", "t"], [date(2024, 2, 29), datetime(2024, 2, 29, 13, 30)], [date(2000, 1, 1), None]):
            book.active.append(row)
        book.save(tmp_path / "t.xlsx")
        found = table(tmp_path / "t.xlsx")
        assert found["d"].tolist() == [pd.Timestamp(2024, 2, 29), pd.Timestamp(2000, 1, 1)]
        assert found["t"][0] == pd.Timestamp(2024, 2, 29, 13, 30)


def test_times_booleans_and_durations_have_their_storage(tmp_path: Path) -> None:
    found = table(xlsx(tmp_path / "t.xlsx", [["t", "b", "s"], [time(10, 30), True, timedelta(hours=30)]]))
    assert found.iloc[0].tolist() == ["10:30:00", "True", 108_000.0]


def test_words_for_no_value_among_numbers_are_missing(tmp_path: Path) -> None:
    dataset = load(xlsx(tmp_path / "t.xlsx", [["n", "d"], [1, date(2024, 1, 1)], ["n/a", "-"], [3, date(2024, 1, 3)]]))
    assert [column.storage for column in dataset.schema] == ["integer", "datetime"]
    assert read_table(dataset).isna().sum().tolist() == [1, 1]
    assert sum("read as missing" in note for note in dataset.reading.notes) >= 2


def test_numbers_written_as_text_are_read_beside_numbers(tmp_path: Path) -> None:
    found = table(xlsx(tmp_path / "t.xlsx", [["n"], [1.234], ["5,678.5"], ["7"], [2]]))
    assert found["n"].tolist() == [1.234, 5678.5, 7.0, 2.0]


def test_a_column_of_several_kinds_is_text_and_an_example_is_given(tmp_path: Path) -> None:
    dataset = load(xlsx(tmp_path / "t.xlsx", [["n"], [1], [2.5], ["abc"], ["007"]]))
    assert read_table(dataset)["n"].tolist() == ["1", "2.5", "abc", "007"]
    assert any("not numbers, such as" in note for note in dataset.reading.notes)


def test_columns_that_must_stay_text_do(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", [["n", "d"], [12, date(2024, 1, 1)], [3.5, date(2024, 1, 2)]])
    assert table(path, text=("n", "d")).to_numpy().tolist() == [["12", "2024-01-01"], ["3.5", "2024-01-02"]]


def test_long_numbers_are_said_to_have_lost_digits(tmp_path: Path) -> None:
    notes = load(xlsx(tmp_path / "t.xlsx", [["n"], [1234567890123456789], [1]])).reading.notes
    assert any("15 digits" in note for note in notes)


def test_blank_rows_are_skipped_and_empty_columns_left_out(tmp_path: Path) -> None:
    dataset = load(xlsx(tmp_path / "t.xlsx", [["a", None, "b"], [1, None, 2], [], [3, None, 4]]))
    assert read_table(dataset).to_dict("list") == {"a": [1, 3], "b": [2, 4]}
    assert "Skipped: 1 blank row." in dataset.reading.notes


def test_a_preview_is_the_beginning_of_the_sheet(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", [["a", "b"], *([number, f"t{number}"] for number in range(50))])
    shown, reading = preview(path, rows=5)
    assert shown["a"].tolist() == [0, 1, 2, 3, 4]
    assert reading.sheets == ("first",)


def test_a_workbook_without_cells_or_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no sheet with cells"):
        load(xlsx(tmp_path / "t.xlsx", []))
    with pytest.raises(TableError, match="header but no rows"):
        load(xlsx(tmp_path / "t.xlsx", [["a", "b"]]))


def test_two_cells_that_span_the_whole_sheet_are_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", 1
    book.save(tmp_path / "corner.xlsx")
    with pytest.raises(TableError, match="spans 1,048,576 rows and 16,384 columns") as caught:
        load(tmp_path / "corner.xlsx", out=tmp_path / "out" / "t.parquet")
    assert "stray cells" in caught.value.remedy
    assert list((tmp_path / "out").iterdir()) == []


def test_blank_cells_in_the_corner_do_no_harm(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", ROWS)
    blank = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert load(edited(path, lambda xml: xml.replace(b"</sheetData>", blank))).rows == 3


@pytest.mark.slow
def test_a_sheet_that_hides_its_width_is_stopped_by_the_limits_of_the_child(tmp_path: Path) -> None:
    wide = b"<row r='1'>" + b"<c><v>1</v></c>" * 16384 + b"</row>" + b"<row><c><v>1</v></c></row>" * 1_000_000
    path = edited(xlsx(tmp_path / "t.xlsx", ROWS), lambda xml: re.sub(rb"(?s)<row.*</row>", wide, xml))
    with pytest.raises(FileError, match=r"stopped|spans|times its size"):
        load(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", ROWS)
    many = b'<row r="1"><c r="A1"><v>1</v></c></row>' * 2_000_000
    edited(path, lambda xml: re.sub(rb"(?s)<row.*</row>", many, xml))
    with pytest.raises(FileError, match="times its size"):
        load(path)


def test_a_cell_repeated_without_end_is_refused(tmp_path: Path) -> None:
    path = ods(tmp_path / "t.ods", [["a"], [1.0]])
    row, cell = b' table:number-rows-repeated="1000000"', b' table:number-columns-repeated="8000"'
    edited(
        path,
        lambda xml: xml.replace(b"<table:table-row", b"<table:table-row" + row).replace(
            b"<table:table-cell", b"<table:table-cell" + cell
        ),
        "content.xml",
    )
    with pytest.raises(TableError, match="more cells than can be read"):
        load(path)


def test_an_open_document_that_declares_empty_rows_to_the_end_is_read(tmp_path: Path) -> None:
    path = ods(tmp_path / "t.ods", ROWS)
    tail = (
        b'<table:table-row table:number-rows-repeated="1048000">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
    )
    assert load(edited(path, lambda xml: xml.replace(b"</table:table>", tail), "content.xml")).rows == 3


def test_the_extent_of_an_open_document_counts_repeated_cells(tmp_path: Path) -> None:
    path = ods(tmp_path / "t.ods", ROWS)
    found = bounds.extent(path, "ods", "first")
    assert (found.rows, found.columns) == (4, 5)
    edited(path, lambda xml: xml.replace(b"<table:table-row", b'<table:table-row table:number-rows-repeated="3"'),
           "content.xml")  # fmt: skip
    assert bounds.extent(path, "ods", "first").rows == 12


def test_other_documents_and_damage_are_refused_by_a_sentence(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx", ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileError, match="damaged or cut off"):
        load(path)
    path.write_bytes(whole)
    edited(path, lambda xml: xml[: len(xml) // 2])
    with pytest.raises(FileError, match="workbook"):
        load(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(FileError, match="not a workbook"):
        load(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000)
    with pytest.raises(FileError, match="not a workbook"):
        load(path)


def test_a_workbook_under_a_password_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 3000 + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(FileError, match="protected by a password"):
        load(path)
