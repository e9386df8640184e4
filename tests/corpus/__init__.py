"""Files as people bring them: each made by code, with what must become of it written down."""

from __future__ import annotations

from tests.corpus import archives, columns, encodings, foreign, json_files, moments, numerals, spreadsheets, structure
from tests.corpus.case import Case

CASES: tuple[Case, ...] = (
    *encodings.CASES,
    *structure.CASES,
    *columns.CASES,
    *numerals.CASES,
    *moments.CASES,
    *json_files.CASES,
    *foreign.CASES,
    *archives.CASES,
    *spreadsheets.CASES,
)
