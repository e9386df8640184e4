"""A file becomes a table: what goes in, what comes out, and one sentence when it cannot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset
from mlcore.data.load import load, preview, read_table, store_frame
from mlcore.errors import ColumnError, FileError, TableError, UserError


def loaded(folder: Path, content: bytes | str, **choices: object) -> tuple[Dataset, pd.DataFrame]:
    path = folder / "input.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    dataset = load(path, out=folder / "out.parquet", choices=Choices(**choices))  # type: ignore[arg-type]
    assert dataset.reading.records == dataset.reading.kept + dataset.reading.set_aside
    table = read_table(dataset)
    assert len(table) == dataset.rows == dataset.reading.kept
    return dataset, table


def test_who_only_loads_a_file_does_not_wait_for_pandas() -> None:
    code = "import sys, mlcore.data.load; assert not {'pandas', 'numba', 'joblib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_plain_file_becomes_typed_columns(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "n,x,t,d\n1,2.5,a,2025-01-31\n2,,b,2025-02-01\n")
    assert [column.storage for column in dataset.schema] == ["integer", "float", "text", "datetime"]
    assert table["n"].tolist() == [1, 2]
    assert np.isnan(table["x"][1])
    assert table["t"].dtype == "str"
    assert table["d"].tolist() == [pd.Timestamp("2025-01-31"), pd.Timestamp("2025-02-01")]


@pytest.mark.parametrize(
    ("content", "error", "word"),
    [
        (b"", FileError, "empty"),
        (b"\n\n\n", FileError, "empty"),
        (b"\xef\xbb\xbf", FileError, "empty"),
        (b"a,b\n", TableError, "no rows"),
        (b"a,b", TableError, "no rows"),
        (bytes(range(256)) * 40, FileError, "binary"),
        (b"PK\x03\x04" + b"x" * 100, FileError, "ZIP"),
        (b"\x80\x04\x95abc", FileError, "pickle"),
        (b"%PDF-1.7 abc", FileError, "PDF"),
        (b"\x1f\x8bxxxx", FileError, "gzip"),
        (b"<!DOCTYPE html><p>hi</p>", FileError, "web page"),
        (b"PAR1" + b"x" * 50, FileError, "cut off"),
        (b"PAR1" + b"x" * 50 + b"PAR1", FileError, "Parquet"),
        (b"PARE" + b"x" * 50 + b"PARE", FileError, "encrypted"),
        (b'a,b\n1,2\n"3,4\n5,6\n', FileError, "line 3"),
        (b"a,b\n1,2,3\n1,2,3,4\n5,6,7,8,9\n1,2\n", FileError, "more cells"),
    ],
)
def test_a_bad_file_ends_in_a_sentence_and_leaves_nothing(
    tmp_path: Path, content: bytes, error: type[UserError], word: str
) -> None:
    path = tmp_path / "input.csv"
    path.write_bytes(content)
    with pytest.raises(error, match=word) as caught:
        load(path, out=tmp_path / "table.parquet")
    assert caught.value.remedy
    assert [file.name for file in tmp_path.iterdir()] == ["input.csv"]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"does not exist \(nowhere\.csv\)"):
        load(tmp_path / "nowhere.csv")
    with pytest.raises(FileError, match="not a file"):
        load(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_gives_the_same_table(tmp_path: Path, encoding: str) -> None:
    text = "Straße,Größe\n" + "".join(f"Hauptstraße {number},{number}\n" for number in range(30))
    _, table = loaded(tmp_path, text.encode(encoding))
    assert table.columns.tolist() == ["Straße", "Größe"]
    assert table["Straße"][29] == "Hauptstraße 29"


def test_cyrillic_of_a_legacy_encoding_is_told_by_its_letters(tmp_path: Path) -> None:
    text = "имя,возраст\n" + "Привет мир,5\nДо свидания друзья,6\n" * 5
    dataset, table = loaded(tmp_path, text.encode("cp1251"))
    assert table["имя"][0] == "Привет мир"
    assert any("not UTF-8; it was read as Windows-1251." in note for note in dataset.reading.notes)


def test_damaged_places_in_utf8_are_counted(tmp_path: Path) -> None:
    content = "stadt,n\n" + "Köln,1\nMünchen,2\nDüsseldorf,3\nZürich,4\n" * 5
    dataset, _ = loaded(tmp_path, content.encode() + b"Ham\xffburg,5\n")
    assert any("1 character" in note for note in dataset.reading.notes)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_line_ends_and_delimiters_are_found(tmp_path: Path, end: str, mark: str) -> None:
    text = end.join(mark.join(row) for row in (("a", "b"), ("1", "x y"), ("2", "z"))) + end
    dataset, table = loaded(tmp_path, text)
    assert dataset.reading.delimiter == mark
    assert table.to_dict("list") == {"a": [1, 2], "b": ["x y", "z"]}


def test_a_file_without_header_gets_numbered_columns(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "1,2,x\n3,4,y\n5,6,z\n")
    assert not dataset.reading.header
    assert table.columns.tolist() == ["column_1", "column_2", "column_3"]
    assert len(table) == 3


def test_years_may_be_column_names(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "country,2019,2020\nFrance,1,2\nPeru,3,4\n")
    assert dataset.reading.header
    assert table.columns.tolist() == ["country", "2019", "2020"]


def test_lines_above_the_table_are_skipped_and_said(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "Report of 2020\n\na,b,c\n1,2,3\n4,5,6\n7,8,9\n")
    assert table["a"].tolist() == [1, 4, 7]
    assert "Report of 2020" in dataset.reading.notes[0]


def test_long_rows_are_set_aside_and_short_ones_filled(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")
    assert (dataset.reading.records, dataset.reading.set_aside) == (4, 1)
    assert table["a"].tolist() == [1, 4, 10]
    assert np.isnan(table["c"][1])


@pytest.mark.parametrize("text", ["a,b,\n1,2,\n3,4,\n", "a,b\n1,2,\n3,4,\n"])
def test_a_delimiter_at_the_end_of_lines_makes_no_column(tmp_path: Path, text: str) -> None:
    _, table = loaded(tmp_path, text)
    assert table.to_dict("list") == {"a": [1, 3], "b": [2, 4]}


def test_a_blank_line_in_a_single_column_is_a_missing_value(tmp_path: Path) -> None:
    _, table = loaded(tmp_path, "a\n1\n\n3\n\n")
    assert len(table) == 3
    assert np.isnan(table["a"][1])


def test_one_row_and_one_column_work(tmp_path: Path) -> None:
    assert loaded(tmp_path, "a,b\n1,x\n")[1].shape == (1, 2)
    assert loaded(tmp_path, "a\nx\ny\n")[1].shape == (2, 1)


def test_names_become_unique_and_are_noted(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "a,a,,größe 🚀\n1,2,3,4\n5,6,7,8\n")
    assert table.columns.tolist() == ["a", "a_2", "column_3", "größe 🚀"]
    assert len(dataset.reading.notes) == 2


def test_two_thousand_columns_work(tmp_path: Path) -> None:
    header = ",".join(f"v{number}" for number in range(2000))
    row = ",".join(str(number / 8) for number in range(2000))
    dataset, table = loaded(tmp_path, f"{header}\n{row}\n{row}\n")
    assert table.shape == (2, 2000)
    assert len(dataset.schema) == 2000


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="30,000 columns"):
        loaded(tmp_path, ",".join(f"v{number}" for number in range(30_000)) + "\n" + ",".join("1" * 30_000) + "\n")


def test_infinities_become_missing_and_are_noted(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "a,b\ninf,1\n-Infinity,2\n1.5,3\n1e999,4\n")
    assert table["a"].isna().tolist() == [True, True, False, True]
    assert any("3 infinite values" in note for note in dataset.reading.notes)


def test_quotes_hide_delimiters_and_line_breaks(tmp_path: Path) -> None:
    _, table = loaded(tmp_path, 'a,b\n"x, y",1\n"say ""hi""\nthere",2\n')
    assert table["a"].tolist() == ["x, y", 'say "hi"\nthere']


def test_stray_quotes_are_taken_as_they_are(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, 'a,b\n5" pipe,2\n"7, or so",3\n')
    assert table["a"].tolist() == ['5" pipe', "7, or so"]
    assert any("Quotation marks" in note for note in dataset.reading.notes)


def test_backslashes_may_escape_quotes(tmp_path: Path) -> None:
    _, table = loaded(tmp_path, 'a,b\n"x \\"y\\", z",2\n"w",3\n')
    assert table["a"].tolist() == ['x "y", z', "w"]


def test_the_choices_of_a_person_win(tmp_path: Path) -> None:
    dataset, table = loaded(tmp_path, "1;2\n3;4\n", header=True, delimiter=";", text=("1",))
    assert dataset.reading.header
    assert table["1"].tolist() == ["3"]
    with pytest.raises(FileError, match="no encoding 'nonsense'"):
        loaded(tmp_path, "a\n1\n", encoding="nonsense")


def test_a_preview_shows_what_loading_will_store(tmp_path: Path) -> None:
    path = tmp_path / "input.csv"
    path.write_text("n,t,d\n" + "".join(f"{row},word {row},2025-01-0{row % 9 + 1}\n" for row in range(50)))
    shown, reading = preview(path, rows=5)
    stored = read_table(load(path)).head(5)
    pd.testing.assert_frame_equal(shown, stored)
    assert reading.delimiter == ","


def test_a_column_that_is_not_stored_is_named_with_its_neighbours(tmp_path: Path) -> None:
    dataset, _ = loaded(tmp_path, "price,size\n1,2\n3,4\n")
    assert read_table(dataset, ["size"]).columns.tolist() == ["size"]
    with pytest.raises(ColumnError, match="Did you mean 'price'"):
        read_table(dataset, ["prise"])


def test_the_same_file_has_the_same_fingerprint(tmp_path: Path) -> None:
    one, _ = loaded(tmp_path, "a,b\n1,x\n2,y\n")
    other, _ = loaded(tmp_path, "a,b\n1,x\n2,y\n")
    assert one.fingerprint == other.fingerprint


def test_a_frame_is_stored_in_the_four_storages(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "i": [1, 2, 3],
            "gap": pd.array([1, None, 3], dtype="Int64"),
            "f": [0.5, np.inf, np.nan],
            "b": [True, False, True],
            "o": ["x", 1, None],
            "c": pd.Categorical(["u", "v", "u"]),
            "d": pd.to_datetime(["2025-01-01", None, "2025-01-03"]).tz_localize("Europe/Berlin"),
            "s": pd.to_timedelta([1, 2, 3], unit="h"),
            "big": [2**60, 1, 2],
            7: [1, 2, 3],
        }
    )
    dataset = store_frame(frame, tmp_path / "frame.parquet", "frame")
    storages = {column.name: column.storage for column in dataset.schema}
    assert storages == {
        "i": "integer", "gap": "integer", "f": "float", "b": "text", "o": "text", "c": "text",
        "d": "datetime", "s": "float", "big": "text", "7": "integer",
    }  # fmt: skip
    table = read_table(dataset)
    assert table["b"].tolist() == ["True", "False", "True"]
    assert table["f"].isna().tolist() == [False, True, True]
    assert table["d"][0] == pd.Timestamp("2024-12-31 23:00")
    assert table["s"].tolist() == [3600.0, 7200.0, 10800.0]
    assert table["o"].tolist()[:2] == ["x", "1"]
    assert table["big"][0] == str(2**60)


def test_a_frame_may_have_equal_and_odd_names(tmp_path: Path) -> None:
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "a", None])
    assert store_frame(frame, tmp_path / "f.parquet").schema.names == ("a", "a_2", "column_3")


def test_a_frame_without_rows_or_columns_is_refused() -> None:
    with pytest.raises(TableError, match="no rows"):
        store_frame(pd.DataFrame({"a": []}))
    with pytest.raises(TableError, match="no columns"):
        store_frame(pd.DataFrame())


@pytest.mark.parametrize(("certain", "day_first"), [("12/31/2024", False), ("31/12/2024", True)])
def test_rows_to_come_are_read_with_the_days_and_months_of_the_first_table(
    tmp_path: Path, certain: str, day_first: bool
) -> None:
    (tmp_path / "all.csv").write_text(f"when,x\n{certain},1\n01/02/2024,2\n", encoding="utf-8")
    (tmp_path / "one.csv").write_text("when,x\n01/02/2024,2\n", encoding="utf-8")
    card = load(tmp_path / "all.csv")
    assert card.schema["when"].day_first is day_first
    assert card.schema["x"].day_first is None
    one = load(tmp_path / "one.csv", choices=Choices.like(card.schema))
    assert read_table(one)["when"][0] == read_table(card)["when"][1]
