"""Score rows with this model.

    python predict.py rows.csv predictions.csv
    python predict.py rows.parquet predictions.parquet --json

Or in Python: `import predict; predict.predict(table)`, with a pandas table that has the columns of schema.json.
Needs the packages of requirements.txt and the files beside this one, nothing else.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import scoring  # type: ignore[import-not-found]

HERE = Path(__file__).resolve().parent

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


def predict(table: pd.DataFrame, folder: Path = HERE) -> pd.DataFrame:
    """One row of predictions for each row of `table`, in its order.

    Classification: `prediction` and `probability_<label>` for each label, and `prediction_set` where policy.json asks
    for it. Regression: `prediction`, `low`, `high`, and `decision`, the number to act on, where policy.json says which.
    Both: `flags`, empty or codes joined by ";": `unseen:<column>`, `range:<column>`, `missing:<column>`, `rule:<n>` a
    rule of policy.json gave the answer, `refer` and `abstain` a person should decide.
    """
    scored: pd.DataFrame = model(folder).frame(table)
    return scored


def read(path: Path, *, delimiter: str | None = None, decimal: str = ".", day_first: bool = False) -> pd.DataFrame:
    """The rows of a .csv, .tsv, .parquet or .json file (a list of objects).

    Text files: UTF-8, numbers without marks between thousands, dates best as 2025-12-31. A cell that cannot be read is
    taken as missing, and the row is flagged `unreadable:<column>`.
    """
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".json":
        return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    table = pd.read_csv(
        path, sep=delimiter or _delimiter(path), dtype="str", keep_default_na=False, encoding="utf-8-sig"
    )
    return _as_the_model_writes(table, decimal, day_first)


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write the predictions as .parquet, .json or, with any other ending, .csv."""
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
    parser.add_argument("--decimal", default=".", help="the decimal mark of a text file (default: a point)")
    parser.add_argument(
        "--day-first", action="store_true", help="01/02/2025 is the first of February (default: as in training)"
    )
    parser.add_argument("--json", action="store_true", help="print what was done as JSON")
    asked = parser.parse_args(arguments)
    try:
        style = {"delimiter": asked.delimiter, "decimal": asked.decimal, "day_first": asked.day_first}
        frame = predict(read(asked.rows, **style))
        write(frame, asked.out)
    except (OSError, ValueError, KeyError) as error:
        print(f"{asked.rows.name} could not be scored: {error}", file=sys.stderr)
        return 2
    if asked.json:
        print(json.dumps({"rows": len(frame), "out": str(asked.out), "flagged": int((frame["flags"] != "").sum())}))
    return 0


def _delimiter(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        start = stream.read(20_000)
    try:
        return csv.Sniffer().sniff(start, delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def _as_the_model_writes(table: pd.DataFrame, decimal: str, day_first: bool) -> pd.DataFrame:
    """Text cells with a decimal point, empty where they stand for "no value", categories as the model spells them."""
    if table.columns.duplicated().any():
        return table
    for field in model(HERE).wanted:
        name = str(field["name"])
        if name not in table.columns:
            continue
        if field["kind"] == "number" and decimal != ".":
            table[name] = table[name].str.replace(decimal, ".", regex=False)
        elif field["kind"] == "time" and day_first:
            table[name] = pd.to_datetime(table[name], dayfirst=True, errors="coerce", format="mixed", utc=True)
        elif field["kind"] in ("category", "text"):
            table[name] = _spelled(table[name], set(field.get("categories") or ()))
    return table


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
