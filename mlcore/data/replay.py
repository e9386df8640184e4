"""Do the steps of a recipe to a table: the one executor that preparing, scoring and bundles share.

Self-contained on purpose (numpy, pandas, and formula.py beside it): both files travel in every bundle whose model was
made with a recipe. A step is {"id", "repair", "params"}, as recipe.json holds it; columns have one of four storages:
float64, Int64, str and datetime64[us].

Steps that learn (a median to fill with, quantiles to cap at, levels that are rare) do nothing here: what they learned
is part of the model. When rows are scored none is ever left out: `outside` says which rows a filter would have left
out. A step that names a column which is not there does what it can with the others; a formula cannot.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

formula: Any = importlib.import_module(f"{__package__}.formula" if __package__ else "formula")

ROWS = ("filter_rows", "deduplicate", "join", "append")
"""Repairs that may change which rows there are."""

LEARNING = ("median", "mean", "most_frequent")
MOST_PARTS = 20
MARKS = str.maketrans("", "", " \u00a0\u202f\u2009'’€$£¥%")  # between digits, or around a number
DAY = 86_400
BETWEEN = "\x1f"
EARLIEST, LATEST = pd.Timestamp("0001-01-02"), pd.Timestamp("9999-12-30")

Step = Mapping[str, Any]
Params = Mapping[str, Any]


class ReplayError(ValueError):
    """A step cannot be done: `step` is its id."""

    def __init__(self, what: str, step: str = "") -> None:
        super().__init__(what)
        self.step = step


class Lookup:
    """The columns that a join takes from another table, by key. `frame` has key_0, key_1, … as text, each key once."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.keys = [name for name in frame.columns if str(name).startswith("key_")]
        self.index = pd.Index(joined_keys([frame[name] for name in self.keys]))
        self.taken = frame.drop(columns=self.keys)

    def places(self, keys: Sequence[pd.Series]) -> Any:
        """For each row where its match is; -1 for none."""
        words = pd.Index(joined_keys(keys))
        return np.where(words == "", -1, self.index.get_indexer(words))


def replay(
    table: pd.DataFrame, steps: Sequence[Step], lookups: Mapping[str, Lookup], *, scoring: bool = False
) -> pd.DataFrame:
    """The table after the steps. When `scoring` every row stays, and in its place."""
    for step in steps:
        if not (scoring and step["repair"] in ("deduplicate", "append")):
            after = done(table, step, lookups)
            table = after if scoring else after[~left_out(after, step, lookups)].reset_index(drop=True)
    return table


def outside(table: pd.DataFrame, steps: Sequence[Step], lookups: Mapping[str, Lookup]) -> dict[str, Any]:
    """For each filter (or join that leaves rows out), by its step's id: which rows to score it would have left out."""
    found = {}
    for step in steps:
        if step["repair"] not in ("deduplicate", "append"):
            table = done(table, step, lookups)
            if step["repair"] in ("filter_rows", "join"):
                found[step["id"]] = left_out(table, step, lookups)
    return found


def done(table: pd.DataFrame, step: Step, lookups: Mapping[str, Lookup]) -> pd.DataFrame:
    """The table after one step, with every row it had."""
    work = _WORK.get(step["repair"])
    if work is None:
        return table
    try:
        if step["repair"] == "join":
            return _join(table, step, lookups)
        return work(table, step["params"])
    except formula.FormulaError as error:
        raise ReplayError(f"{error}", step["id"]) from error


def left_out(table: pd.DataFrame, step: Step, lookups: Mapping[str, Lookup]) -> Any:
    """Which rows the step leaves out; `table` is what `done` made of it."""
    params = step["params"]
    if step["repair"] == "filter_rows":
        try:
            fits = formula.holds(formula.parsed(params["expression"]), table)
        except formula.FormulaError as error:
            raise ReplayError(f"{error}", step["id"]) from error
        return fits if params.get("keep") == "remove" else ~fits
    if step["repair"] == "join" and params.get("unmatched") == "drop":
        return lookups[step["id"]].places([table[key] for key, _ in params["keys"]]) < 0
    if step["repair"] == "deduplicate":
        return repeated(hashes(table, params.get("columns") or ()), last=params.get("keep") == "last")
    return np.zeros(len(table), dtype=bool)


def learns(step: Step) -> bool:
    """Whether the step is fitted on data, so that it does nothing here."""
    params = step["params"]
    if step["repair"] == "fill":
        return (params.get("how") or "median") in LEARNING
    default = {"cap": "bounds", "merge_rare": "share"}.get(step["repair"], "")
    return bool(default) and (params.get("by") or default) == "share"


def hashes(table: pd.DataFrame, columns: Sequence[str]) -> Any:
    """One number per row that rows share which are equal in these columns (none: in all); the same in every part."""
    chosen = table[[name for name in columns or table.columns if name in table.columns]]
    plain = {name: values.astype("float64") if _numeric(values) else values for name, values in chosen.items()}
    found: Any = pd.util.hash_pandas_object(pd.DataFrame(plain), index=False).to_numpy()
    return found


def repeated(hashed: Any, *, last: bool = False) -> Any:
    """Which rows have the number of an earlier one (`last`: of a later one)."""
    return pd.Series(hashed).duplicated(keep="last" if last else "first").to_numpy()


def joined_keys(keys: Sequence[pd.Series]) -> Any:
    """One text a row; empty when one of the keys is missing."""
    words = [formula.texts_of(as_text(key)) for key in keys]
    return np.array(["" if None in row else BETWEEN.join(row) for row in zip(*words, strict=True)], dtype=object)


def storage_of(values: pd.Series) -> str:
    """float, integer, text or datetime."""
    return storage_of_type(values.dtype)


def storage_of_type(kind: Any) -> str:
    """The same for the type of a column."""
    if pd.api.types.is_datetime64_any_dtype(kind):
        return "datetime"
    if not pd.api.types.is_numeric_dtype(kind):
        return "text"
    return "integer" if pd.api.types.is_integer_dtype(kind) else "float"


def fits(value: Any, storage: str) -> bool:
    """Whether a value given as text or number (None or "": missing) can stand in a column of this storage."""
    return value is None or value == "" or cell(value, storage) is not None


def cell(value: Any, storage: str) -> Any:
    """The value as a column of this storage holds it; None when it cannot."""
    if value is None or value == "":
        return None
    if storage == "text":
        return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if storage == "datetime":
        moment = pd.to_datetime(str(value), errors="coerce", utc=True)
        good = not pd.isna(moment)
        return moment.tz_localize(None) if good and EARLIEST < moment.tz_localize(None) < LATEST else None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def as_text(values: pd.Series) -> pd.Series:
    """As text: whole numbers without a decimal point, dates as 2025-12-31, or with the time where there is one."""
    if storage_of(values) == "text":
        return values
    column = formula.computed(formula.parsed("text([x])"), pd.DataFrame({"x": values}))
    return pd.Series(column.to_numpy(), index=values.index, dtype="str")


def cast(values: pd.Series, storage: str) -> pd.Series:
    """The values in another storage; what cannot be read is missing."""
    if storage_of(values) == storage:
        return values
    if storage == "text":
        return as_text(values)
    if storage == "datetime":
        return _read_dates(values, "year_first")
    return _as_kind(values, "integer" if storage == "integer" else "numeric", comma=False)


def typed(table: pd.DataFrame, storages: Mapping[str, str]) -> pd.DataFrame:
    """A table as it was read, with its columns in the types that steps expect."""
    kinds = {"integer": "Int64", "float": "float64", "text": "str", "datetime": "datetime64[us]"}
    return table.astype({name: kinds[storages[name]] for name in table.columns if name in storages})


def _numeric(values: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(values.dtype))


def _columns(table: pd.DataFrame, params: Params) -> list[str]:
    return [name for name in params.get("columns") or () if name in table.columns]


def _with(table: pd.DataFrame, made: Mapping[str, pd.Series]) -> pd.DataFrame:
    """The table with columns in their places, new ones at the end; a text without a letter is missing."""
    columns = {str(name): values for name, values in table.items()}
    for name, values in made.items():
        columns[name] = _tidy(values) if storage_of(values) == "text" else values
    return pd.DataFrame(columns, index=table.index)


def _tidy(values: pd.Series) -> pd.Series:
    words = values.astype("str")
    return words.where(words.str.strip() != "")


def _rename(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    return table.rename(columns=dict(params["pairs"]))


def _drop(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    return table.drop(columns=_columns(table, params))


def _change_kind(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    kind, comma = params.get("kind") or "numeric", params.get("decimal") == ","
    return _with(table, {name: _as_kind(table[name], kind, comma) for name in _columns(table, params)})


def _as_kind(values: pd.Series, kind: str, comma: bool) -> pd.Series:
    storage = storage_of(values)
    if kind in ("numeric", "integer"):
        if storage == "datetime":
            return pd.Series(np.nan, index=values.index).astype("Int64" if kind == "integer" else "float64")
        numbers = _read_numbers(values, comma) if storage == "text" else values
        return numbers.round().astype("float64").astype("Int64") if kind == "integer" else numbers.astype("float64")
    if kind == "datetime" and storage == "text":
        return _read_dates(values, "year_first")
    return as_text(values) if kind in ("categorical", "ordinal", "text", "identifier") else values


def _read_numbers(values: pd.Series, comma: bool) -> pd.Series:
    words = values.astype("str").str.strip().str.translate(MARKS)
    inside = words.str.extract(r"^\((.*)\)$")[0]
    words = inside.radd("-").fillna(words)
    words = (
        words.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
        if comma
        else words.str.replace(",", "", regex=False)
    )
    numbers = pd.to_numeric(words, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _fill(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    if params.get("how") != "value":
        return table
    made = {}
    for name in _columns(table, params):
        value = _stand_in(params["value"], table[name])
        made[name] = table[name] if value is None else table[name].fillna(value)
    return _with(table, made)


def _stand_in(value: Any, values: pd.Series) -> Any:
    """The value for a column; a whole number for a column of whole ones when it is one."""
    found = cell(value, storage_of(values))
    return int(found) if storage_of(values) == "integer" and found is not None and found.is_integer() else found


def _cap(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    if params.get("by") == "share":
        return table
    low, high = params.get("low"), params.get("high")
    made = {}
    for name in _columns(table, params):
        values = table[name].astype("float64")
        inside = (
            values.clip(low, high)
            if params.get("outside") != "missing"
            else values.where(
                ~((values < (-math.inf if low is None else low)) | (values > (math.inf if high is None else high)))
            )
        )
        whole = storage_of(table[name]) == "integer" and all(b is None or float(b).is_integer() for b in (low, high))
        made[name] = inside.astype("Int64") if whole else inside
    return _with(table, made)


def _replace(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    work = _replaced if params.get("whole", True) is not False else _replaced_inside
    return _with(table, {name: work(table[name], params) for name in _columns(table, params)})


def _replaced(values: pd.Series, params: Params) -> pd.Series:
    """Whole cells; every pair looks at what the cell held before."""
    storage, case = storage_of(values), params.get("case", True) is not False
    seen = values.astype("str").str.strip() if storage == "text" else values
    seen = seen if case or storage != "text" else seen.str.lower()
    made = values.astype("float64") if storage == "integer" else values.copy()
    for old, new in params["pairs"]:
        wanted = cell(old, storage)
        if wanted is not None:
            wanted = wanted.strip() if storage == "text" else wanted
            hit = seen == (wanted.lower() if storage == "text" and not case else wanted)
            made = made.mask(hit.fillna(False).astype(bool), cell(new, storage))
    if storage == "integer" and all(
        new in (None, "") or float(cell(new, storage)).is_integer() for _, new in params["pairs"]
    ):
        return made.astype("Int64")
    return made


def _replaced_inside(values: pd.Series, params: Params) -> pd.Series:
    words = values.astype("str")
    for old, new in params["pairs"]:
        words = words.str.replace(
            str(old), str(new or ""), regex=False, case=None if params.get("case", True) is not False else False
        )
    return words


def _merge_rare(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    if params.get("by") != "levels":
        return table
    levels = [line.strip() for line in str(params.get("levels") or "").splitlines() if line.strip()]
    other = str(params.get("other") or "other")
    return _with(table, {name: table[name].mask(table[name].isin(levels), other) for name in _columns(table, params)})


def _split(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    name, count = params["column"], min(int(params.get("parts") or 2), MOST_PARTS)
    if name not in table.columns:
        return table
    mark = str(params.get("separator") or ",")
    cut = [[] if word is None else word.split(mark, count - 1) for word in formula.texts_of(table[name])]
    made = {
        f"{name}_{number + 1}": pd.Series(
            [words[number].strip() if number < len(words) else None for words in cut], index=table.index, dtype="str"
        )
        for number in range(count)
    }
    after = _with(table, made)
    return after if params.get("keep") else after.drop(columns=[name])


def _combine(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    names = _columns(table, params)
    mark = " " if params.get("separator") is None else str(params["separator"])
    words = [formula.texts_of(as_text(table[name])) for name in names]
    rows = [mark.join(word for word in row if word is not None) for row in zip(*words, strict=True)]
    after = _with(table, {params["name"]: pd.Series(rows, index=table.index, dtype="str")})
    return after if params.get("keep", True) is not False else after.drop(columns=names)


def _parse_date(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    form = params.get("form") or "year_first"
    return _with(table, {name: _read_dates(table[name], form) for name in _columns(table, params)})


def _read_dates(values: pd.Series, form: str) -> pd.Series:
    if storage_of(values) == "datetime":
        return values
    if form in _UNITS:
        unit, origin = _UNITS[form]
        numbers = values.astype("float64") if _numeric(values) else _read_numbers(values, comma=False)
        seconds = numbers * unit + origin
        return _in_range(
            pd.to_datetime(seconds.where((seconds > -6.2e10) & (seconds < 2.5e11)).round(6), unit="s", errors="coerce")
        )
    words = as_text(values).astype("str").str.strip()
    if form == "digits":
        return _in_range(pd.to_datetime(words, format="%Y%m%d", errors="coerce"))
    plain = pd.to_datetime(words, format="ISO8601", errors="coerce", utc=True)
    rest = words.where(plain.isna())
    if rest.notna().any():
        mixed = pd.to_datetime(rest, format="mixed", dayfirst=form == "day_first", errors="coerce", utc=True)
        plain = plain.fillna(mixed)
    return _in_range(plain.dt.tz_localize(None))


def _in_range(moments: pd.Series) -> pd.Series:
    exact = moments.astype("datetime64[us]")
    return exact.where((exact > EARLIEST) & (exact < LATEST))


_UNITS = {"seconds": (1, 0), "milliseconds": (0.001, 0), "excel": (DAY, -25_569 * DAY)}


def _extract(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    name, what = params["column"], params.get("what") or "year"
    if name not in table.columns:
        return table
    values: Any = table[name]
    mark = str(params.get("mark") or "@")
    dated = storage_of(values) == "datetime"
    made = _of_date(values, what) if dated else _of_text(values.astype("str"), what, mark)
    return _with(table, {params.get("name") or f"{name}_{what}": made})


def _of_date(values: pd.Series, what: str) -> pd.Series:
    when: Any = values.dt
    if what == "date":
        days: pd.Series = when.normalize().astype("datetime64[us]")
        return days
    found = when.day_of_week + 1 if what == "weekday" else getattr(when, what)
    return _whole(pd.Series(found, index=values.index))


def _whole(values: Any) -> pd.Series:
    numbers: pd.Series = values.astype("float64").astype("Int64")
    return numbers


def _of_text(values: pd.Series, what: str, mark: str) -> pd.Series:
    if what == "length":
        return _whole(values.str.len())
    if what == "number":
        return pd.to_numeric(values.str.extract(r"([-+]?\d+(?:\.\d+)?)")[0], errors="coerce").astype("float64")
    take: Mapping[str, Callable[[str], str | None]] = {
        "first_word": lambda text: next(iter(text.split()), None),
        "last_word": lambda text: next(iter(reversed(text.split())), None),
        "before": lambda text: text.partition(mark)[0] if mark in text else None,
        "after": lambda text: text.partition(mark)[2] if mark in text else None,
    }
    parts = [None if text is None else take[what](text) for text in formula.texts_of(values)]
    return pd.Series(parts, index=values.index, dtype="str")


def _derive(table: pd.DataFrame, params: Params) -> pd.DataFrame:
    return _with(table, {params["name"]: formula.computed(formula.parsed(params["expression"]), table)})


def _join(table: pd.DataFrame, step: Step, lookups: Mapping[str, Lookup]) -> pd.DataFrame:
    params = step["params"]
    lookup = lookups[step["id"]]
    places = lookup.places([table[key] for key, _ in params["keys"]])
    made = {}
    for name in lookup.taken.columns:
        found = lookup.taken[name].take(np.where(places < 0, 0, places)) if len(lookup.taken) else lookup.taken[name]
        values = (
            found.reset_index(drop=True) if len(lookup.taken) else pd.Series([None] * len(table), dtype=found.dtype)
        )
        values.index = table.index
        made[f"{params.get('prefix') or ''}{name}"] = values.where(pd.Series(places >= 0, index=table.index))
    return _with(table, made)


def _same(table: pd.DataFrame, _: Params) -> pd.DataFrame:
    return table


_WORK: Mapping[str, Callable[[pd.DataFrame, Params], pd.DataFrame]] = {
    "rename": _rename, "drop": _drop, "change_kind": _change_kind, "fill": _fill, "cap": _cap, "replace": _replace,
    "merge_rare": _merge_rare, "split": _split, "combine": _combine, "parse_date": _parse_date, "extract": _extract,
    "derive": _derive, "join": _same,
}  # fmt: skip
