"""Files of rows are scored piece by piece as they would be all at once, and say which cells are not as expected."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest

from mlcore.errors import FileError, RowError
from mlcore.handoff.batch import checking, output, piece
from mlcore.handoff.batch.asked import Asked
from mlcore.handoff.batch.handling import Handling
from mlcore.handoff.batch.scoring import score_rows
from mlcore.learning.model import Model
from tests.mlcore.handoff.batch.conftest import Shop, orders

PLAIN = Asked(unlike=False)


def _sheet(path: Path) -> pd.DataFrame:
    return pd.read_excel(path, engine="openpyxl")


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piece, "MOST_ROWS", 6)


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("ending", [".csv", ".parquet", ".xlsx"])
@pytest.mark.parametrize("threads", [1, 3])
def test_pieces_give_what_all_rows_at_once_give_in_their_order(
    shop: Shop, rows: pd.DataFrame, ending: str, threads: int
) -> None:
    rows.loc[3, "shop"], rows.loc[17, "size"], rows.loc[9, "seen"] = "Berlin", "much", "9999-99-99"
    found = shop.score(rows, Asked(ending=ending, unlike=False, threads=threads))
    expected = shop.model.scorer.frame(rows.astype({"weight": "str"}))
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".xlsx": _sheet}[ending]
    got = read(shop.folder / f"out{ending}")
    got["flags"] = got["flags"].fillna("")
    pd.testing.assert_frame_equal(got, expected, check_dtype=False, atol=1e-12)
    assert (found.rows, found.flagged) == (20, int((expected["flags"] != "").sum()))


def test_every_fault_has_its_row_value_and_what_was_expected(shop: Shop, rows: pd.DataFrame) -> None:
    rows.loc[1, "size"], rows.loc[4, "seen"], rows.loc[6, "shop"] = "seven", "someday", "Bon"
    rows.loc[8, "size"], rows.loc[11, "shop"] = "900", ""
    found = shop.score(rows, PLAIN)
    listed = shop.faults()
    assert list(listed) == ["row", "column", "problem", "value", "expected", "remedy", "done"]
    told = {(line.row, line.column): line for line in listed.itertuples()}
    assert told[2, "size"].value == "seven"
    assert told[2, "size"].expected == "a number"
    assert told[5, "seen"].expected == "a date or time"
    assert "2025-12-31" in told[5, "seen"].remedy
    assert (told[7, "shop"].value, told[7, "shop"].remedy) == ("Bon", "Did you mean 'Bonn'?")
    assert told[9, "size"].expected.startswith("1")
    assert " to " in told[9, "size"].expected
    assert told[12, "shop"].problem == "Empty, which never happened in training"
    assert set(listed["done"]) == {"the row is flagged"}
    assert (found.faults, found.faulty, len(listed)) == (5, 5, 5)
    document = json.loads((shop.folder / "errors.json").read_text())
    assert [line["row"] for line in document["faults"]] == listed["row"].tolist()


def test_a_rejected_file_leaves_its_list_and_no_predictions(shop: Shop, rows: pd.DataFrame) -> None:
    rows.loc[12, "size"], rows.loc[14, "size"] = "<b>", "x"
    asked = Asked(handling=Handling(unreadable="reject"), name="my rows.csv")
    with pytest.raises(RowError) as refused:
        shop.score(rows, asked)
    said = str(refused.value)
    assert "2 cells cannot be read" in said
    assert "my rows.csv; first: row 13, column 'size': '<b>'" in said
    assert "Expected: a number." in said
    assert not (shop.folder / "out.csv").exists()
    assert not list(shop.folder.glob(".*"))
    assert shop.faults()["done"].tolist() == ["the file was refused"] * 2


@pytest.mark.usefixtures("small_pieces")
def test_a_refused_file_is_checked_to_its_end(shop: Shop, rows: pd.DataFrame) -> None:
    rows.loc[0, "size"], rows.loc[19, "shop"] = "x", "Ulm"
    with pytest.raises(RowError):
        shop.score(rows, Asked(handling=Handling(unreadable="reject")))
    assert shop.faults()["row"].tolist() == [1, 20]


def test_a_filled_cell_counts_as_empty_and_is_not_flagged(shop: Shop, rows: pd.DataFrame) -> None:
    rows.loc[2, "weight"], rows.loc[5, "weight"], rows.loc[7, "shop"] = "5e9", "heavy", "Ulm"
    found = shop.score(rows, Asked(handling=Handling.told("fill"), unlike=False))
    empty = rows.copy()
    empty.loc[2, "weight"], empty.loc[5, "weight"], empty.loc[7, "shop"] = "", "", ""
    expected = shop.model.scorer.frame(empty)
    np.testing.assert_allclose(shop.out()["probability_yes"], expected["probability_yes"], atol=1e-12)
    assert set(shop.out()["flags"]) == {""}
    assert (found.filled, found.flagged, found.faulty) == (3, 0, 3)
    assert set(shop.faults()["done"]) == {"taken as empty"}


def test_a_column_that_is_not_there_is_refused_unless_gaps_are_welcome(shop: Shop, rows: pd.DataFrame) -> None:
    without = rows.rename(columns={"size": "Size "}).drop(columns="seen")
    with pytest.raises(RowError, match="lacks the columns 'size', 'seen'"):
        shop.score(without, PLAIN)
    line = shop.faults().iloc[0]
    assert (line["row"], line["column"], line["remedy"]) == (
        "",
        "size",
        "Rename 'Size' if that is it, or add the column.",
    )
    flagged = shop.score(without, Asked(handling=Handling(column="flag"), unlike=False))
    assert shop.out()["flags"].str.contains("missing:size;missing:seen", regex=False).all()
    assert flagged.flagged == 20
    filled = shop.score(without, Asked(handling=Handling(column="fill"), unlike=False))
    assert filled.flagged == 0
    expected = shop.model.scorer.frame(rows.assign(size="", seen=""))["probability_yes"]
    np.testing.assert_allclose(shop.out()["probability_yes"], expected, atol=1e-12)


def test_a_file_with_none_of_the_columns_is_refused_whatever_is_asked(shop: Shop) -> None:
    with pytest.raises(RowError, match=r"none of the columns that the model needs \(x\.csv\)"):
        shop.score(pd.DataFrame({"a": ["1"]}), Asked(handling=Handling(column="fill"), name="x.csv"))


def test_one_bad_cell_does_not_turn_a_decimal_comma_into_an_error(shop: Shop, rows: pd.DataFrame) -> None:
    german = rows.assign(size=rows["size"].str.replace(".", ","), weight=rows["weight"].str.replace(".", ","))
    german.loc[3, "size"] = "?!"
    found = shop.score(german, PLAIN, sep=";")
    assert found.faults == 1
    bad = rows.copy()
    bad.loc[3, "size"] = "?!"
    expected = shop.model.scorer.frame(bad)["probability_yes"]
    np.testing.assert_allclose(shop.out()["probability_yes"], expected, atol=1e-12)


def test_the_columns_of_the_file_stand_behind_under_names_of_their_own(shop: Shop, rows: pd.DataFrame) -> None:
    found = shop.score(rows.assign(prediction="mine", note="=cmd()"), Asked(keep=True, unlike=False))
    assert list(found.columns) == [
        "prediction", "probability_no", "probability_yes", "flags",
        "size", "weight", "shop", "seen", "prediction (column)", "note",
    ]  # fmt: skip
    assert found.ignored == ("prediction", "note")
    out = shop.out()
    assert set(out["note"]) == {"'=cmd()"}
    assert out["seen"].str.startswith("2024-").all()
    np.testing.assert_allclose(out["size"], rows["size"].astype(float))


def test_no_text_of_a_sheet_is_a_formula(shop: Shop, rows: pd.DataFrame) -> None:
    shop.score(rows.assign(note="=1+1", bell="a\x07b", web="http://x"), Asked(ending=".xlsx", keep=True, unlike=False))
    sheet = openpyxl.load_workbook(shop.folder / "out.xlsx").active
    assert sheet is not None
    cells = {str(cell.value): sheet.cell(2, cell.column) for cell in sheet[1]}
    assert (cells["note"].value, cells["note"].data_type) == ("=1+1", "s")
    assert cells["web"].hyperlink is None
    assert isinstance(cells["probability_yes"].value, float)
    assert str(cells["seen"].value).startswith("2024-")
    assert sheet.max_row == 21


def test_more_rows_than_a_sheet_holds_are_refused_before_anything_is_scored() -> None:
    with pytest.raises(FileError, match="do not fit into a sheet"):
        output.fits(".xlsx", 2_000_000, 5, "rows.csv")


@pytest.mark.usefixtures("small_pieces")
def test_a_list_of_faults_stays_short_and_counts_the_rest(
    shop: Shop, rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "KEPT", 8)
    found = shop.score(rows.assign(size="x"), PLAIN)
    listed = shop.faults()
    assert found.faults == 20
    assert listed["row"].tolist() == [*map(str, range(1, 9)), ""]
    assert listed["value"].iloc[-1] == "and 12 more cells of this column"
    monkeypatch.setattr(checking, "MOST", 3)
    shop.score(rows.assign(size="x", shop="y"), PLAIN)
    assert len(shop.faults()) == 3 + 1 + 1 + 1  # three, and the first of the other; both with the count of the rest


@pytest.mark.usefixtures("small_pieces")
def test_what_breaks_half_way_leaves_nothing(shop: Shop, rows: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_frame: object) -> None:
        raise OSError(28, "No space left on device")

    for ending, writer in ((".csv", "_harmless"), (".xlsx", None)):
        if writer is not None:
            monkeypatch.setattr(output, writer, full)
        else:
            monkeypatch.setattr(output._Sheet, "_line", lambda *_: full(None))
        with pytest.raises(FileError, match="disk"):
            shop.score(rows, Asked(ending=ending, unlike=False))
        assert not (shop.folder / f"out{ending}").exists()
        assert not list(shop.folder.glob(".*"))


def test_progress_is_told_with_the_rows_that_are_done(model: Model, shop: Shop, rows: pd.DataFrame) -> None:
    shop.score(rows, PLAIN)
    heard: list[tuple[float, str]] = []
    score_rows(
        model, shop.folder / "rows.parquet", shop.folder / "again.csv", PLAIN,
        tell=lambda share, said: heard.append((share, said)),
    )  # fmt: skip
    assert heard == [(1.0, "Scored 20 of 20 rows")]


def test_reasons_stand_behind_the_flags(shop: Shop, rows: pd.DataFrame) -> None:
    found = shop.score(rows.head(5), Asked(reasons=2, unlike=False))
    assert found.columns[-3:] == ("flags", "reason_1", "reason_2")
    assert shop.out()["reason_1"].str.len().min() > 10


def test_rows_unlike_training_are_flagged_and_ordinary_ones_are_not(shop: Shop) -> None:
    ordinary = orders(1000).iloc[300:].drop(columns="late")
    assert shop.score(ordinary, Asked()).unlike <= 0.03 * len(ordinary)
    strange = ordinary.head(40).assign(size=8.9, weight=11.0)  # each was seen, never together
    found = shop.score(strange, Asked())
    assert found.unlike >= 15  # of ordinary ones it were one or none
    assert set(shop.out()["flags"]) <= {"", "unlike"}


@pytest.mark.parametrize("text", ["", "drop", "unreadable", "size=flag", "range=drop", "reject,flag"])
def test_a_choice_that_is_none_is_a_sentence(text: str) -> None:
    from mlcore.errors import UserError

    with pytest.raises(UserError, match=r"(?i)reject|the kinds are"):
        Handling.told(text)


def test_choices_are_read_from_words() -> None:
    assert Handling.told("fill") == Handling(unreadable="fill", unseen="fill", range="fill", missing="fill")
    assert Handling.told("column=fill, range=reject") == Handling(column="fill", range="reject")


def test_nothing_is_left_of_a_file_that_is_scored(shop: Shop, rows: pd.DataFrame) -> None:
    for ending in output.ENDINGS:
        shop.score(rows, Asked(ending=ending))
    left = {path.name for path in shop.folder.iterdir()}
    assert left == {"rows.csv", "rows.parquet", "errors.csv", "errors.json", *(f"out{end}" for end in output.ENDINGS)}


def test_the_list_runs_no_formula(shop: Shop, rows: pd.DataFrame) -> None:
    rows.loc[0, "shop"] = "=HYPERLINK(1)"
    shop.score(rows, PLAIN)
    assert "'=HYPERLINK(1)" in Path(shop.folder / "errors.csv").read_text()


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_no_label_becomes_a_formula_where_a_spreadsheet_would_run_it(tmp_path: Path, ending: str) -> None:
    import pyarrow as pa

    table = pa.table({"prediction": ["=1+1", "-2"], "score": [-0.5, None], "flags": ["", "unseen:@x"]})
    with output.sink(tmp_path / "out", ending) as sink:
        sink.write(table.slice(0, 1))
        sink.write(table.slice(1))
    if ending == ".csv":
        assert (tmp_path / "out").read_text().splitlines()[1:] == ["'=1+1,-0.5,", "-2,,unseen:@x"]
    else:
        assert pd.read_parquet(tmp_path / "out")["prediction"].tolist() == ["=1+1", "-2"]


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_odd_names_and_endless_numbers_are_written(ending: str, tmp_path: Path) -> None:
    table = pa.table({"=a": ["=b"], "'=a": ["c"], "x": [float("inf")], "y": [float("nan")]})
    with output.sink(tmp_path / f"out{ending}", ending) as sink:
        sink.write(table)
    if ending == ".csv":
        assert (tmp_path / "out.csv").read_text().splitlines() == ["''=a,'=a,x,y", "'=b,c,inf,NaN"]
