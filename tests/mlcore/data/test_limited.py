"""A function in a child process has its limits, and its errors come back as they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlcore.data import limited
from mlcore.errors import FileError


def test_each_call_has_a_process_of_its_own() -> None:
    found = {limited.call("os:getpid", {}, where="t.xlsx") for _ in range(2)}
    assert len(found - {os.getpid()}) == 2


def test_what_a_person_can_mend_comes_back_as_itself(tmp_path: Path) -> None:
    path = tmp_path / "t.feather"
    path.write_bytes(b"FEA1")
    args = {"path": str(path), "out": str(tmp_path / "out"), "most": None}
    with pytest.raises(FileError, match="first version") as caught:
        limited.call("mlcore.data.readers.feather:convert", args, where="t")
    assert caught.value.where == "t.feather"
    assert "Parquet" in caught.value.remedy


def test_a_reader_that_takes_too_long_is_killed(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="longer than 1 second"):
        limited.call("signal:sigwait", {"sigset": [10]}, where="t.xlsx", seconds=1)


def test_a_reader_that_wants_too_much_memory_is_stopped() -> None:
    with pytest.raises(FileError, match="more memory or time"):
        limited.call("builtins:bytearray", {"source": 10**12}, where="t.xlsx", memory=2**30)
