"""Text files that `predict.py` of a bundle reads, as people send them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

TOLD = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import pandas as pd
import predict
folder, told = Path(sys.argv[2]), {}
for name in ("ends", "longer", "wide"):
    try:
        told[name] = predict.read(folder / f"{name}.csv").to_dict("list")
    except Exception as error:
        told[name] = f"{type(error).__name__}: {error}"
told["ids"] = [str(cell) for cell in predict.read(folder / "ids.json")["id"]]
(folder / "out.csv").write_text("whole")
def broken(*_, **__):
    Path(_[1]).write_text("half")
    raise OSError(28, "No space left on device")
pd.DataFrame.to_csv = broken
told["code"] = predict.main([str(folder / "good.csv"), str(folder / "out.csv")])
told["out"] = (folder / "out.csv").read_text()
told["left"] = sorted(path.name for path in folder.iterdir())
print(json.dumps(told))
"""

SCORED = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import predict
def said(path, **style):
    return predict.predict(predict.read(Path(path), **style)).fillna("").to_dict("records")
print(json.dumps([said(path, decimal=decimal) for path, decimal in zip(sys.argv[2::2], sys.argv[3::2])]))
"""


def _scored(bundle: Path, files: dict[Path, str]) -> list[list[dict[str, object]]]:
    """The answers to each file (with its decimal mark), all in one process that has only what is in the bundle."""
    words = [str(word) for pair in files.items() for word in pair]
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-c", SCORED, str(bundle), *words],
        env=alone,
        cwd=bundle,
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[list[dict[str, object]]] = json.loads(done.stdout)
    return answers


@pytest.fixture
def rows(untidy: pd.DataFrame) -> pd.DataFrame:
    return untidy.head(6).drop(columns="species")


@pytest.mark.slow
def test_the_delimiter_is_the_one_that_names_the_columns_of_the_model(
    stored: Path, rows: pd.DataFrame, tmp_path: Path
) -> None:
    plain, commas, padded, quoted = (tmp_path / f"{name}.csv" for name in ("plain", "commas", "padded", "quoted"))
    rows.to_csv(plain, index=False)
    noisy = rows.assign(**{"a, b, c": "1, 2, 3"})
    noisy.to_csv(commas, index=False, sep=";", decimal=",")
    rows.rename(columns=lambda name: f" {name} ").to_csv(padded, index=False, sep="\t")
    noisy.to_csv(quoted, index=False, sep="|", quoting=csv.QUOTE_ALL)
    first, *others = _scored(stored, {plain: ".", commas: ",", padded: ".", quoted: "."})
    assert len(first) == len(rows)
    assert all(other == first for other in others)


def test_spaces_around_the_name_of_the_target_are_taken_off_too(
    stored: Path, untidy: pd.DataFrame, tmp_path: Path
) -> None:
    untidy.head(3).rename(columns=lambda name: f" {name} ").to_csv(tmp_path / "rows.csv", index=False)
    code = "import sys, predict; from pathlib import Path; print('species' in predict.read(Path(sys.argv[1])))"
    alone = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "rows.csv")],
        env=alone, cwd=stored, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "True"


def test_files_that_windows_writes_score_the_same(stored: Path, rows: pd.DataFrame, tmp_path: Path) -> None:
    named = rows.assign(**{"Größe in €": "mäßig"})
    files = {tmp_path / f"{encoding}.csv": "." for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16")}
    for path in files:
        named.to_csv(path, index=False, sep=";", encoding=path.stem)
    first, *others = _scored(stored, files)
    assert len(first) == len(rows)
    assert all(other == first for other in others)


@pytest.mark.slow
def test_points_between_thousands_are_taken_out_and_others_are_not_read_as_decimal_marks(
    disease: Path, diabetes: pd.DataFrame, tmp_path: Path
) -> None:
    one = diabetes.iloc[[3], [0, 2, 3]].astype("str")
    name = one.columns[1]
    files: dict[Path, str] = {}
    for number, (text, decimal) in enumerate([("1234.5", "."), ("1.234,5", ","), ("1.23", ","), ("", ",")]):
        files[path := tmp_path / f"{number}.csv"] = decimal
        others = {column: one[column].str.replace(".", decimal) for column in one.columns}
        one.assign(**{**others, name: text}).to_csv(path, index=False, sep=";")
    (plain,), (grouped,), (odd,), (empty,) = _scored(disease, files)
    assert grouped == plain
    assert odd["prediction"] == empty["prediction"] != plain["prediction"]
    assert f"unreadable:{name}" in str(odd["flags"])


@pytest.fixture(scope="module")
def told(disease: Path, diabetes: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What predict.py makes of files that are odd, all in one process."""
    folder = tmp_path_factory.mktemp("odd")
    names = list(diabetes.columns[[0, 2, 3]])
    (folder / "good.csv").write_text(f"{','.join(names)}\n50,26.1,90\n")
    (folder / "ends.csv").write_text(f"{','.join(names)}\n50,26.1,90,\n51,27.1,91,\n")
    (folder / "longer.csv").write_text(f"{','.join(names)}\n50,26,1,90\n51,27,1,91\n")
    (folder / "ids.json").write_text(json.dumps([{"id": 2**53 + 1}, {"id": None}]))
    others = [f"a name that is rather long {number}" for number in range(6_000)]
    (folder / "wide.csv").write_text(f"{','.join([*names, *others])}\n50,26.1,90{',' * len(others)}\n")
    done = subprocess.run(
        [sys.executable, "-c", TOLD, str(disease), str(folder)], cwd=disease, capture_output=True, text=True, check=True
    )
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_rows_that_end_in_a_delimiter_keep_their_columns(told: dict[str, Any]) -> None:
    assert told["ends"] == {"age": ["50", "51"], "bmi": ["26.1", "27.1"], "bp": ["90", "91"]}


def test_rows_with_more_cells_than_names_are_refused(told: dict[str, Any]) -> None:
    assert told["longer"] == "ValueError: its rows have more cells than its first line has names"


def test_a_first_line_may_be_very_long(told: dict[str, Any]) -> None:
    assert len(told["wide"]) == 6_003
    assert told["wide"]["bmi"] == ["26.1"]


def test_a_full_disk_leaves_the_file_that_was_there(told: dict[str, Any]) -> None:
    assert told["code"] == 2
    assert told["out"] == "whole"
    assert not [name for name in told["left"] if "part" in name]


def test_long_numbers_of_json_beside_gaps_keep_their_digits(told: dict[str, Any]) -> None:
    assert told["ids"] == ["9007199254740993", "None"]
