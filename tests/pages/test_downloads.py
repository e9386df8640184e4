"""Tables a person saves from a page: nothing in them runs in a spreadsheet."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd

from mlcore.data.spreadsheet import csv_text
from pages.ui import files

ROOT = Path(__file__).resolve().parents[2]


def test_a_saved_table_holds_no_formula() -> None:
    assert csv_text(pd.DataFrame({"@a": ["=1+1", "-3"]})) == "'@a\n'=1+1\n-3\n"


def test_streamlits_own_export_which_escapes_nothing_is_off() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["client"]["disableDataExport"] is True


def test_only_the_safe_way_writes_csv_for_the_app() -> None:
    apart = {"mlcore/data/spreadsheet.py", "mlcore/cli/__init__.py"}  # the command line writes for programs
    writers = {
        str(path.relative_to(ROOT))
        for folder in ("mlcore", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if ".to_csv(" in path.read_text(encoding="utf-8") and "shipped" not in path.parts
    }
    assert writers <= apart


def test_a_file_name_is_made_of_plain_letters() -> None:
    assert files.plain("../<b>Größe & Preis") == "b-gr-e-preis"
