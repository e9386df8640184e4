"""Score rows with this model.

    python predict.py rows.csv predictions.csv
    python predict.py rows.parquet predictions.parquet --json

Or in Python: `import predict; predict.predict(table)`, with a pandas table that has the columns of schema.json.
Needs the packages of requirements.txt and the files beside this one, nothing else.
"""

from __future__ import annotations

import argparse
import codecs
import csv
import io
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import scoring  # type: ignore[import-not-found]
import versions  # type: ignore[import-not-found]
from comparison import TOLERANCE, difference  # type: ignore[import-not-found]

HERE = Path(__file__).resolve().parent
MARKS = (",", ";", "\t", "|")
FIRST_LINE = 1_000_000
"""Characters of a text file in which its first line ends, also with ten thousand names."""

MISSING = (
    "", "NA", "na", "N/A", "n/a", "#N/A", "#n/a", "#NA", "NaN", "nan", "NAN", "NULL", "null", "Null", "<NA>", "<na>",
    "NaT", "\\N", "#NULL!", "#VALUE!", "#REF!", "#DIV/0!", "#NAME?", "#NUM!", "#NV", "#WERT!", "#BEZUG!", "#ZAHL!",
    "#N/D", "#VALEUR!",
)  # fmt: skip
"""Cells of a text file that stand for "no value" in any column, unless the model knows the word."""


@cache
def model(folder: Path = HERE) -> Any:
    """The model of this folder, loaded once."""
    return scoring.Scorer.load(folder)


@cache
def check(folder: Path = HERE) -> None:
    """Raise `scoring.ScoringError`, with what to install, where this environment cannot score with the model.

    With other versions of its libraries the golden rows decide: one may load an older model and score otherwise.
    """
    advice = versions.advice(folder)
    try:
        scorer = model(folder)
        if not advice:
            return
        given, expected = (pd.read_parquet(folder / "golden" / f"{name}.parquet") for name in ("input", "output"))
        gap = difference(expected, scorer.frame(given))
    except Exception as error:  # another version of a library fails in its own way
        why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise scoring.ScoringError(f"the model cannot be used here ({why}). {advice or 'Run verify.py.'}") from error
    if gap > TOLERANCE:
        raise scoring.ScoringError(f"the model scores otherwise here than it did. {advice}")


def predict(table: pd.DataFrame, folder: Path = HERE) -> pd.DataFrame:
    """One row of predictions for each row of `table`, in its order.

    Classification: `prediction` and `probability_<label>` for each label, and `prediction_set` where policy.json asks
    for it. Regression: `prediction`, `low`, `high`, and `decision`, the number to act on, where policy.json says which.
    Both: `flags`, empty or codes joined by ";": `unseen:<column>`, `range:<column>`, `missing:<column>`, `rule:<n>` a
    rule of policy.json gave the answer, `refer` and `abstain` a person should decide.
    """
    check(folder)
    scored: pd.DataFrame = model(folder).frame(table)
    return scored


def read(path: Path, *, delimiter: str | None = None, decimal: str = ".", day_first: bool = False) -> pd.DataFrame:
    """The rows of a .csv, .tsv, .parquet or .json file (a list of objects).

    Text files: UTF-8, or as Windows writes in Western Europe; dates best as 2025-12-31. With a decimal comma points
    between thousands are taken out; else there are no such marks. A cell that cannot be read is taken as missing, and
    the row is flagged `unreadable:<column>`.
    """
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".json":
        return _of_objects(json.loads(path.read_text(encoding="utf-8")))
    encoding = _encoding(path)
    mark = delimiter or _delimiter(path, encoding)
    kind: Any = {"sep": mark, "dtype": "str", "keep_default_na": False, "encoding": encoding}
    table = pd.read_csv(path, **kind)
    if not isinstance(table.index, pd.RangeIndex):  # pandas takes the first cells of longer rows for names of rows
        if not (table.iloc[:, -1] == "").all():
            raise ValueError("its rows have more cells than its first line has names")
        table = pd.read_csv(path, index_col=False, **kind)  # each row ends in a delimiter
    return _as_the_model_writes(_named(table), decimal, day_first)


def _of_objects(rows: Any) -> pd.DataFrame:
    """A table in which whole numbers beside gaps keep all their digits: pandas makes 64-bit floats of them."""
    table = pd.DataFrame(rows)
    for name in table.columns[(table.dtypes == "float64").to_numpy()] if isinstance(rows, list) else ():
        if (table[name].abs() >= 2**53).any():
            table[name] = pd.Series([row.get(name) for row in rows], index=table.index, dtype="object")
    return table


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write the predictions as .parquet, .json or, with any other ending, .csv: a file is whole, or it is not there."""
    if path.exists() and not path.is_file():  # such as /dev/stdout
        _written(frame, path)
        return
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        _written(frame, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _written(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".json":
        path.write_text(frame.to_json(orient="records", double_precision=15, force_ascii=False), encoding="utf-8")
    else:
        frame.to_csv(path, index=False)


def main(arguments: list[str] | None = None) -> int:
    """The command line: 0 when the file was scored, 2 with one sentence when it could not be."""
    parser = argparse.ArgumentParser(description="Score the rows of a file with this model.")
    parser.add_argument("rows", type=Path, help="a .csv, .tsv, .parquet or .json file")
    parser.add_argument("out", type=Path, help="where the predictions go: .csv, .parquet or .json")
    parser.add_argument("--delimiter", help="between the cells of a text file (default: found out)")
    parser.add_argument(
        "--decimal", default=".", choices=(".", ","), help="the decimal mark of a text file (default: a point)"
    )
    parser.add_argument(
        "--day-first", action="store_true", help="01/02/2025 is the first of February (default: as in training)"
    )
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    asked = parser.parse_args(arguments)
    try:
        if asked.out.exists() and asked.rows.samefile(asked.out):
            raise ValueError("its predictions would be written over it; name another file")
        style = {"delimiter": asked.delimiter, "decimal": asked.decimal, "day_first": asked.day_first}
        check()
        frame = predict(read(asked.rows, **style))
        write(frame, asked.out)
    except (OSError, ValueError, KeyError) as error:
        print(f"{asked.rows.name} could not be scored: {error}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"rows": len(frame), "out": str(asked.out), "flagged": int((frame["flags"] != "").sum())}))
    return 0


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is that, UTF-16 where it says so, else Windows-1252."""
    with path.open("rb") as stream:
        if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
    try:
        with path.open(encoding="utf-8-sig") as text:
            while text.read(FIRST_LINE):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


def _delimiter(path: Path, encoding: str) -> str:
    """The mark under which the first line names most of the model's columns; a comma where none does."""
    with path.open(encoding=encoding, errors="replace", newline="") as stream:
        start = stream.read(FIRST_LINE)
    wanted = _wanted()
    return max(MARKS, key=lambda mark: len(wanted & {name.strip() for name in _cells(start, mark)}))


def _cells(text: str, mark: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])
    except csv.Error:  # a cell of more than 131,072 characters, as a wide first line is under another mark
        return []


def _wanted() -> set[str]:
    return {str(field["name"]) for field in model(HERE).wanted}


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """With the names that the model knows, where only spaces around them differ; its target's, too."""
    wanted = _wanted() | {str(model(HERE).spec["target"])}
    known = {name: name.strip() for name in table.columns if name not in wanted and name.strip() in wanted}
    return table.rename(columns=known)


def _as_the_model_writes(table: pd.DataFrame, decimal: str, day_first: bool) -> pd.DataFrame:
    """Text cells with a decimal point, empty where they stand for "no value", categories as the model spells them."""
    if table.columns.duplicated().any():
        return table
    for field in model(HERE).wanted:
        name = str(field["name"])
        if name not in table.columns:
            continue
        if field["kind"] == "number" and decimal != ".":
            table[name] = _with_a_point(table[name], decimal)
        elif field["kind"] == "time" and day_first:
            table[name] = pd.to_datetime(table[name], dayfirst=True, errors="coerce", format="mixed", utc=True)
        elif field["kind"] in ("category", "text"):
            table[name] = _spelled(table[name], set(field.get("categories") or ()))
    return table


def _with_a_point(cells: pd.Series, decimal: str) -> pd.Series:
    """1.234,5 is 1234.5; a point anywhere else makes no number of a cell with decimal commas."""
    grouped = cells.str.fullmatch(r"\s*[+-]?\d{1,3}(\.\d{3})+(,\d*)?\s*")
    cells = cells.where(~grouped, cells.str.replace(".", "", regex=False))
    return cells.str.translate({ord(decimal): ".", ord("."): decimal})


def _spelled(cells: pd.Series, known: set[str]) -> pd.Series:
    """`NA` is a value only where the model knows it as one; `1.50` is the 1.5 the model knows."""
    cells = cells.where(cells.isin(known) | ~cells.str.strip().isin(MISSING))
    numbers = scoring.labels_of(pd.to_numeric(cells, errors="coerce"))
    return cells.where(cells.isin(known) | ~numbers.isin(known), numbers)


def _load_pyfunc(path: str) -> Any:
    """The entry point of MLflow's `python_function` flavour."""
    return _Flavour(Path(path))


class _Flavour:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def predict(self, table: pd.DataFrame, params: dict[str, Any] | None = None) -> pd.DataFrame:  # noqa: ARG002
        return predict(table, self.folder)


if __name__ == "__main__":
    sys.exit(main())
