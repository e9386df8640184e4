"""What only JSON knows: values across blocks, memory, previews, chosen texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlcore.data.choices import Choices
from mlcore.data.load import load, preview, read_table
from mlcore.data.objects import spool, tape
from mlcore.data.objects.tape import Tape
from mlcore.errors import FileError, TableError, UserError

ROWS = [
    {"n": number, "x": number / 7, "t": f"wört {number} \U0001f680", "d": f"2025-01-{number % 28 + 1:02}"}
    for number in range(500)
]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("lines", [True, False])
def test_values_may_be_cut_anywhere(lines: bool) -> None:
    text = "\n".join(map(json.dumps, ROWS[:20])) if lines else json.dumps(ROWS[:20], indent=1)
    content = text.encode()
    for size in (1, 2, 3, 7, 50):
        found = Tape(content[start : start + size] for start in range(0, len(content), size))
        if lines:
            assert [found.parsed(line) for line in found.lines()] == ROWS[:20]
        else:
            assert found.value() == ROWS[:20]


def test_a_number_at_the_end_of_a_block_is_read_whole() -> None:
    found = Tape([b"12", b"34", b" ", b"5"])
    assert (found.value(), found.value()) == (1234, 5)


def test_many_parts_make_one_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_ROWS", 7)
    rows = [*ROWS, {"late": 1.5}, *ROWS]
    path = written(tmp_path / "t.jsonl", "\n".join(map(json.dumps, rows)))
    table = read_table(load(path))
    assert table.shape == (1001, 5)
    assert table["late"].dropna().tolist() == [1.5]
    assert table["n"][1000] == 499
    assert table["x"][999] == ROWS[498]["x"]


def test_a_type_that_changes_late_keeps_the_column_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "_ROWS", 2)
    path = written(tmp_path / "t.jsonl", '{"a": 1}\n{"a": 2}\n{"a": 0.5}\n{"a": true}\n')
    dataset = load(path)
    assert read_table(dataset)["a"].tolist() == ["1", "2", "0.5", "True"]
    assert any("3 numbers and 1 true or false" in note for note in dataset.reading.notes)


def test_a_long_whole_number_among_fractions_keeps_its_digits(tmp_path: Path) -> None:
    path = written(tmp_path / "t.json", '[{"a": 9007199254740993}, {"a": 0.5}]')
    dataset = load(path)
    assert read_table(dataset)["a"].tolist() == ["9007199254740993", "0.5"]
    assert any("too long" in note for note in dataset.reading.notes)


def test_columns_named_by_a_person_stay_text(tmp_path: Path) -> None:
    path = written(tmp_path / "t.json", '[{"a": 1, "b": "2025-01-31"}, {"a": 2, "b": "2025-02-01"}]')
    table = read_table(load(path, choices=Choices(text=("a", "b"))))
    assert table["a"].tolist() == ["1", "2"]
    assert table["b"].tolist() == ["2025-01-31", "2025-02-01"]


def test_a_preview_looks_at_the_beginning_only(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jsonl", '{"a": 1}\n' * 5000 + "broken\n" * 9000)
    shown, reading = preview(path, rows=3)
    assert shown["a"].tolist() == [1, 1, 1]
    assert reading.format == "json"
    with pytest.raises(FileError, match="rows are no objects"):
        load(path)


def test_fields_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "MOST_COLUMNS", 50)
    path = written(tmp_path / "t.jsonl", "\n".join(json.dumps({f"k{number}": 1}) for number in range(60)))
    with pytest.raises(TableError, match="more than 50 different fields"):
        load(path)


def test_a_value_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "LONGEST", 1000)
    path = written(tmp_path / "t.json", '[{"a": "' + "x" * 20_000_000)
    with pytest.raises(UserError, match="not valid JSON from line 1"):
        load(path)


def test_objects_by_key_become_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "t.json", '{"ann": {"n": 1}, "bob": {"n": 2}}')
    assert read_table(load(path)).to_dict("list") == {"key": ["ann", "bob"], "n": [1, 2]}


def test_the_split_form_of_pandas_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "t.json", '{"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2, "y"]]}')
    assert read_table(load(path)).to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}


def test_a_comma_that_is_missing_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path / "t.json", '[{"a": 1},\n{"a": 2}\n{"a": 3}]')
    with pytest.raises(FileError, match="from line 3 on: a comma"):
        load(path)
