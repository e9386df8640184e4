"""The corpus as one test a file, on the way of small text tables and on that of large ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from mlcore.data.readers import csv
from tests.corpus import CASES, columns, encodings, moments, numerals, structure
from tests.corpus.case import Case
from tests.corpus.judge import judge, line

_TEXTS = (*encodings.CASES, *structure.CASES, *columns.CASES, *numerals.CASES, *moments.CASES)

pytestmark = pytest.mark.usefixtures("kept_child")


def _each(cases: Iterable[Case], every: int = 1) -> list[ParameterSet]:
    """The cases as parameters; those that are slow, and all but one of `every` so many, are left to the slow tests."""
    return [
        pytest.param(case, id=case.name, marks=[pytest.mark.slow] if case.slow or place % every else [])
        for place, case in enumerate(cases)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("case", _each(CASES))
def test_the_file_has_the_outcome_that_is_written_down(
    case: Case, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    verdict = judge(case, _folder(tmp_path))
    record_property("corpus", line(verdict))
    assert verdict.wrong == ()


@pytest.mark.slow
@pytest.mark.parametrize("case", _each(_TEXTS, every=3))
def test_a_large_text_is_read_as_a_small_one(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv, "_LARGE", 0)
    assert judge(case, _folder(tmp_path)).wrong == ()


def test_the_corpus_is_large_and_every_case_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 280
    assert len({case.name for case in CASES}) == len(CASES)


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "case"
    folder.mkdir()
    return folder
