"""The comparison of how large tables enter runs, on small ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import data


def test_the_profile_of_a_wide_table_is_timed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data.profiling(tmp_path, rows=2000)
    assert capsys.readouterr().out.startswith("\nprofile of 2,000 × 50: ")
