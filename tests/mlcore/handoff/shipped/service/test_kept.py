from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from mlcore.handoff.shipped.rows import Reader
from mlcore.handoff.shipped.service import kept
from mlcore.handoff.shipped.service.answers import Answers
from mlcore.handoff.shipped.service.kept import Kept, Log

READER = Reader(
    [
        {"id": "c0", "name": "size", "kind": "number", "missing": 0.0, "low": 0.0, "high": 9.0},
        {"id": "c1", "name": "_flags", "kind": "category", "missing": 0.0, "categories": ["a"]},
    ]
)


def some(rows: int, name: str = "one") -> Kept:
    row: dict[str, Any] = {"size": 1, "_flags": "a"}
    answer: dict[str, Any] = {"prediction": 2.0, "low": 1.0, "high": 3.0, "flags": ["range:size"]}
    text = b",".join([orjson.dumps(answer)] * rows)
    answers = Answers(count=rows, text=text, said=(), flags=[answer["flags"]] * rows)
    return Kept(id=name, at=datetime(2026, 1, 2), rows=[row] * rows, answers=answers, bytes=100 * rows)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def test_a_column_that_has_the_name_of_an_answer_keeps_it(tmp_path: Path) -> None:
    log = Log(tmp_path, READER, 10.0)
    assert log.keep(some(2))
    log.close()
    table = pq.read_table(files(tmp_path)[0]).to_pydict()
    assert table["_flags"] == ["a", "a"]
    assert table["__flags"] == ["range:size", "range:size"]
    assert table["_low"] == [1.0, 1.0]


def test_the_oldest_files_go_when_there_are_too_many(tmp_path: Path) -> None:
    for number in range(4):
        log = Log(tmp_path, READER, 0.005)
        log.keep(some(1, str(number)))
        log.close()
    left = files(tmp_path)
    assert 1 <= len(left) < 4
    assert pq.read_table(left[-1]).to_pydict()["_id"] == ["3-0"]


def test_several_services_may_write_into_one_folder(tmp_path: Path) -> None:
    logs = [Log(tmp_path, READER, 10.0) for _ in range(3)]
    for log in logs:
        log.keep(some(1))
    for log in logs:
        log.close()
    assert len(files(tmp_path)) == 3


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_ROWS", 10)
    log = Log(tmp_path, READER, 10.0, seconds=60)
    assert [log.keep(some(4)), log.keep(some(7))] == [True, False]
    monkeypatch.setattr(kept, "MOST_BYTES", 500)  # few rows, but long ones
    assert [log.keep(some(1)), log.keep(some(1))] == [True, False]
    assert log.lost == 8
    log.close()


def test_a_folder_that_is_gone_is_said_and_nothing_ends(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(tmp_path / "kept", READER, 10.0)
    (tmp_path / "kept").rmdir()
    log.keep(some(3))
    with caplog.at_level(logging.ERROR, "service"):
        log.close()
    assert caplog.messages == ["predictions were not kept"]
    assert log.lost == 3
    assert not log._thread.is_alive()
