"""The corpus as one test a file, and as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.corpus import CASES
from tests.corpus.case import Case
from tests.corpus.judge import judge


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_file_has_the_outcome_that_is_written_down(case: Case, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    assert judge(case, folder).wrong == ()


def test_the_corpus_is_large_and_every_case_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 110
    assert len({case.name for case in CASES}) == len(CASES)
