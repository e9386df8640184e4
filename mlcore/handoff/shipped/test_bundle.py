"""Run with `pytest`, or with `python -m unittest discover tests`: this bundle scores as the trained model did."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import predict  # type: ignore[import-not-found]  # noqa: E402
import verify  # type: ignore[import-not-found]  # noqa: E402
from comparison import TOLERANCE, difference  # type: ignore[import-not-found]  # noqa: E402

GIVEN = pd.read_parquet(ROOT / "golden" / "input.parquet")
EXPECTED = pd.read_parquet(ROOT / "golden" / "output.parquet")
MANIFEST = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
SCHEMA = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))


class Bundle(unittest.TestCase):
    def test_every_file_is_the_one_that_was_exported(self) -> None:
        assert verify.changed(ROOT, MANIFEST) == []

    def test_the_golden_rows_score_as_they_did(self) -> None:
        for path in verify.replay(ROOT):
            assert path["ok"], path

    def test_there_are_at_least_a_hundred_golden_rows(self) -> None:
        assert len(GIVEN) >= 100

    def test_one_row_scores_as_it_does_among_others(self) -> None:
        assert difference(EXPECTED.head(1), predict.predict(GIVEN.head(1))) <= TOLERANCE

    def test_the_order_of_the_columns_does_not_matter(self) -> None:
        assert difference(EXPECTED, predict.predict(GIVEN[GIVEN.columns[::-1]])) <= TOLERANCE

    def test_a_missing_column_is_named(self) -> None:
        name = SCHEMA["required"][0]
        said = ""
        try:
            predict.predict(GIVEN.drop(columns=[name]))
        except ValueError as error:
            said = str(error)
        assert name in said

    def test_the_command_line_scores_a_file(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "predictions.csv"
            command = [sys.executable, str(ROOT / "predict.py"), str(ROOT / "golden" / "input.parquet"), str(out)]
            done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
            assert json.loads(done.stdout)["rows"] == len(GIVEN)
            assert list(pd.read_csv(out).columns) == list(EXPECTED.columns)


if __name__ == "__main__":
    unittest.main()
