"""Score raw rows with a stored model: the one path that screen, file, service and bundle share.

Self-contained on purpose (numpy, pandas, scikit-learn, skops): this file travels in every bundle as it is.
A model folder holds `scoring.json` (fields, labels, interval; of each member its weight, and `after`, what is done to
its output; `stack`, when its members are not averaged but put together by `combined`; `calibration`, what `calibrated`
does to the whole model's probabilities) and `model.skops` (a list with one fitted pipeline a member). A *field* is a
column of the user's table; the model sees it under safe internal names:

    number     c0, and c0_missing when it was ever missing in training
    category   c1, text, with MISSING for an empty cell
    time       c2_days, c2_year, c2_month, c2_day, c2_weekday, c2_yearday, c2_hour; c2_missing;
               c2_sincec1, the days between two times, belongs to the column further right
    text       c3, in lower case

Numbers are rounded to float32 at fit and at score time, so that every exported form of the model splits alike.

A model made with a recipe has `recipe.json` too, and what its joins look up as `lookups/*.parquet`: rows to score come
as the raw table was, and replay.py makes of them what the model learned from. What the recipe's steps learned (a median
to fill with) stands in `scoring.json`, in the `lessons` of a field.

What is done with what the model says is its `policy.json`, which obeying.py obeys: a threshold, rules, cases for a
person. Without one the threshold of `scoring.json` counts, or 0.5.

A model of somebody's own (a plug-in) names in `trusted` the types it is made of, and the package or the file that
defines them. At home they are built only where that plug-in is allowed; a bundle has the file in `plugins/`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import operator
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FORMAT = 1
MISSING = "␀"  # stands for an empty cell of a category; the Unicode picture of NUL, so hardly a value of anyone's
EMPTY = ("", "na", "n/a", "nan", "null", "none", "nat", "-", "?")
LARGEST = float(np.finfo(np.float32).max)
MANY = 200  # so many columns of numbers are taken up together
CELLS_AT_ONCE = 250_000  # of them, as many as stay near the processor
CHUNK, CHUNK_CELLS = 50_000, 50_000_000  # rows that are scored at once, and cells
TEXT_CELLS = 2_000_000  # cells of text that are read as numbers at once
LEAST = 1e-9  # below this a probability counts as this before it is raised to a power
TIME_PARTS = ("days", "year", "month", "day", "weekday", "yearday", "hour")
TRUSTED = (
    "numpy.dtype",
    "numpy.clip",
    "collections.OrderedDict",
    "sklearn.tree._tree.Tree",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.utils._bunch.Bunch",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.preprocessing._label.LabelBinarizer",
    "sklearn.neighbors._kd_tree.KDTree",
    "lightgbm.basic.Booster",
    "lightgbm.sklearn.LGBMClassifier",
    "lightgbm.sklearn.LGBMRegressor",
    "xgboost.core.Booster",
    "xgboost.sklearn.XGBClassifier",
    "xgboost.sklearn.XGBRegressor",
    "catboost.core.CatBoostClassifier",
    "catboost.core.CatBoostRegressor",
)

Field = Mapping[str, Any]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Noticed = tuple[str, str, Mask]
"""A code of `flags`, the column, and the rows."""


class ScoringError(ValueError):
    """The rows do not have what the model needs, or the model folder is not one of ours."""


class Scorer:
    """A stored model: `spec` is its scoring.json, `members` its (weight, fitted pipeline) pairs.

    `recipe` is its recipe.json (None: rows to score come as the model learned them), `lookups` what joins look up,
    `policy` its policy.json (None: it has none).
    """

    def __init__(
        self,
        spec: dict[str, Any],
        pipelines: Sequence[Any],
        recipe: dict[str, Any] | None = None,
        lookups: Mapping[str, Any] | None = None,
        policy: Mapping[str, Any] | None = None,
    ) -> None:
        self.spec = spec
        self.obey(policy)
        self.recipe = recipe
        self.lookups = dict(lookups or {})
        self.fields: list[dict[str, Any]] = spec["fields"]
        self.labels: list[str] = spec["labels"]
        self.members = [
            (float(member["weight"]), pipe) for member, pipe in zip(spec["members"], pipelines, strict=True)
        ]

    @classmethod
    def load(cls, folder: Path | str) -> Scorer:
        """Read a model folder; only types of TRUSTED and of plug-ins that are allowed here are ever built."""
        from sklearn.exceptions import InconsistentVersionWarning
        from skops import io

        spec = json.loads((Path(folder) / "scoring.json").read_text(encoding="utf-8"))
        if spec.get("format") != FORMAT:
            raise ScoringError(f"this model has format {spec.get('format')}; only format {FORMAT} can be read here")
        trusted = [*TRUSTED, *_of_plugins(spec.get("trusted", []))]
        with warnings.catch_warnings():  # the golden rows say whether another version matters
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            pipelines = io.load(Path(folder) / "model.skops", trusted=trusted)
        return cls(spec, pipelines, *_recipe(Path(folder)), policy_of(folder))

    def obey(self, policy: Mapping[str, Any] | None) -> None:
        """From here on do with the model's answers what this policy says; None: what the model was made with."""
        self.policy = dict(policy or {"threshold": self.spec.get("threshold", 0.5)})

    @property
    def inputs(self) -> list[dict[str, Any]]:
        """The columns that a row to score must have: name, kind (as of a field), and how they were read."""
        return self.fields if self.recipe is None else list(self.recipe["inputs"])

    @property
    def wanted(self) -> list[dict[str, Any]]:
        """The same, and the columns that only the policy looks at."""
        known = {field["name"] for field in self.inputs}
        return [*self.inputs, *(field for field in self.policy.get("wanted") or () if field["name"] not in known)]

    @property
    def threshold(self) -> float:
        """The probability from which the answer is yes."""
        found = self.policy.get("threshold")
        return 0.5 if found is None else float(found)

    def prepared(self, table: pd.DataFrame, *, truth: bool = False) -> pd.DataFrame:
        """Raw rows as the recipe makes them, each in its place; the table itself when there is no recipe.

        With `truth` the target is made, too, which needs the raw columns it is made from.
        """
        if self.recipe is None:
            return table
        asked = self.recipe["truth" if truth else "inputs"]
        made: pd.DataFrame = self._replayed(_stored(table, asked), "replay", "truth_steps" if truth else "steps")
        return made

    def _replayed(self, stored: pd.DataFrame, verb: str, steps: str) -> Any:
        replay = _executor()
        chosen = [step for step in (self.recipe or {})["steps"] if step["id"] in (self.recipe or {})["needed"][steps]]
        try:
            more = {"scoring": True} if verb == "replay" else {}
            return getattr(replay, verb)(stored, chosen, self.lookups, **more)
        except replay.ReplayError as error:
            raise ScoringError(f"The recipe cannot be done to these rows: {error}") from error

    def values(self, table: pd.DataFrame) -> Floats:
        """Probabilities (n, k) in the order of `labels`, or predictions (n,) in the target's unit.

        The rows are as the model learned them: `prepared` makes them so.
        """
        step = max(1, min(CHUNK, CHUNK_CELLS // max(1, len(self.fields))))
        pieces = [
            self.values_of(conform(table.iloc[start : start + step], self.fields))
            for start in range(0, max(len(table), 1), step)
        ]
        return np.concatenate(pieces)

    def values_of(self, frame: pd.DataFrame) -> Floats:
        """The same from rows that `conform` made."""
        said, calibration = self._together(frame), self.spec.get("calibration")
        return said if calibration is None else calibrated(said, calibration)

    def _together(self, frame: pd.DataFrame) -> Floats:
        stack = self.spec.get("stack")
        if stack is not None and len(frame):
            said = [
                said_by(entry, pipeline, frame, len(self.labels))
                for entry, (_, pipeline) in zip(self.spec["members"], self.members, strict=True)
            ]
            return combined(said, [weight for weight, _ in self.members], stack)
        width = (len(self.labels),) if self.labels else ()
        total = np.zeros((len(frame), *width))
        for entry, (weight, pipeline) in zip(self.spec["members"], self.members, strict=True) if len(frame) else ():
            total += weight * said_by(entry, pipeline, frame, len(self.labels))
        return total / total.sum(axis=1, keepdims=True) if self.labels and len(frame) else total

    def frame(self, table: pd.DataFrame) -> pd.DataFrame:
        """The output columns of the contract for raw rows, in their order, as the policy has it.

        Classification: `prediction`, `probability_<label>`, and `prediction_set` where the policy asks for it.
        Regression: `prediction`, `low`, `high`, and `decision`, the number to act on, where the policy says which.
        Both: `flags`.
        """
        given = self.prepared(table)
        ready = typed(given, self.fields)
        return self.answers(self.values(ready), table, self.noticed(ready, table))

    def noticed(self, ready: pd.DataFrame, table: pd.DataFrame) -> list[Noticed]:
        """What is odd about raw rows and what the recipe made of them: (code, column, where), in the order of flags.

        What `flags` tells of the columns that the model sees; with a recipe what only the raw row shows comes last:
        `unreadable:<raw column>`, and `filtered:<columns>` where a filter of the recipe (or a join without a match)
        would have left the row out.
        """
        found = list(odd(ready, self.fields))
        return found if self.recipe is None else [*found, *self._raw_noticed(table)]

    def answers(self, values: Floats, table: pd.DataFrame, noticed: Sequence[Noticed]) -> pd.DataFrame:
        """The output columns from what the model says about raw rows; what was noticed of these becomes their flags."""
        columns = self.decided(values, table)
        codes: list[list[str]] = [[] for _ in range(len(table))]
        for code, name, mask in noticed:
            _note(codes, code, name, mask)
        columns["flags"] = [";".join(both) for both in map(operator.add, codes, columns["flags"])]
        return pd.DataFrame(columns)

    def decided(self, values: Floats, table: pd.DataFrame) -> dict[str, Any]:
        """What the policy makes of what the model says about raw rows: the columns, and `flags` as lists of codes."""
        if not self.labels:
            return dict(_obeying().bounded(self.policy, values, self.spec["interval"], self._cells(table)))
        yes = self.labels.index(self.spec["positive"]) if self.spec["task"] == "binary" else None
        return dict(_obeying().answered(self.policy, values, self.labels, yes, self._cells(table)))

    def _cells(self, table: pd.DataFrame) -> Any:
        """From a column that the policy looks at to its kind and cells, as obeying.py takes them."""
        fields = {str(field["name"]): field for field in self.wanted}

        def of(name: str) -> tuple[str, Any]:
            field = fields.get(name, {"name": name, "kind": "category"})
            return str(field["kind"]), cells_of(_columns(table, [field])[0], field)

        return of

    def _raw_noticed(self, table: pd.DataFrame) -> Iterator[Noticed]:
        for field, values in zip(self.inputs, _columns(table, self.inputs), strict=True):
            yield "unreadable", str(field["name"]), _unreadable(values, field)
        left_out = self._replayed(_stored(table, self.inputs), "outside", "steps")
        for step, mask in left_out.items():
            yield "filtered", str((self.recipe or {})["looks_at"].get(step, "")), np.asarray(mask, dtype=bool)


def member_values(pipeline: Any, frame: pd.DataFrame, k: int) -> Floats:
    """What one fitted pipeline says: (n, k) probabilities by label code, or (n,) when k is 0."""
    if not k:
        said = np.asarray(pipeline.predict(frame), dtype=np.float64)
        _insist(said, said.size == len(frame), f"{len(frame)} numbers")
        return said.reshape(len(frame))
    codes = np.asarray(pipeline.classes_, dtype=np.int64)
    said = np.asarray(pipeline.predict_proba(frame), dtype=np.float64)
    _insist(said, said.shape == (len(frame), len(codes)), f"{len(frame)} x {len(codes)} probabilities")
    values = np.zeros((len(frame), k))
    values[:, codes] = said
    return values


def _insist(said: Floats, fits: bool, wanted: str) -> None:
    if not fits:
        raise ScoringError(f"the model gave an array of shape {said.shape} where {wanted} were due")


def said_by(entry: Mapping[str, Any], pipeline: Any, frame: pd.DataFrame, k: int) -> Floats:
    """What a member says, after what its entry in scoring.json does to it: `after`, with the `power` of `raised`."""
    said = member_values(pipeline, frame, k)
    after = entry.get("after")
    return said if after is None else raised(said, float(after["power"]))


def raised(values: Floats, power: float, bias: Sequence[float] = (0.0,)) -> Floats:
    """Probabilities (n, k) to a power, shared out again: above 1 surer, below 1 less sure.

    `bias` is added to their logarithms, one or one a label: above 0 that label becomes likelier.
    """
    logs = power * np.log(np.clip(values, LEAST, None)) + np.asarray(bias, dtype=np.float64)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def calibrated(values: Floats, calibration: Mapping[str, Any]) -> Floats:
    """Probabilities (n, k) as rows that the model did not see show they should be.

    `calibration` has the `power` and `bias` of `raised`; or, for two labels, what was `said` of the second, rising, and
    what was `meant` by it, with straight lines between.
    """
    if "power" in calibration:
        return raised(values, float(calibration["power"]), calibration["bias"])
    second = np.interp(values[:, 1], calibration["said"], calibration["meant"])
    return np.column_stack([1.0 - second, second])


def combined(said: Sequence[Floats], weights: Sequence[float] | Floats, stack: Mapping[str, Any]) -> Floats:
    """What a stack makes of what its members say: a weighted sum and a constant; of probabilities, of their logarithms.

    `stack` has the constants, one or one a label, as `bias`, and `floor`, below which a probability counts as this.
    """
    bias = np.asarray(stack["bias"], dtype=np.float64)
    if said[0].ndim == 1:
        return np.asarray(sum(weight * part for weight, part in zip(weights, said, strict=True)) + bias[0])
    floor = float(stack["floor"])
    logs = sum(weight * np.log(np.clip(part, floor, None)) for weight, part in zip(weights, said, strict=True)) + bias
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True), dtype=np.float64)


def conform(table: pd.DataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    """Raw rows under the user's column names to the model's internal columns; a cell that cannot be read is missing."""
    if _are_plain(table, fields):
        return settled(_at_once(fields, _plain_cells(table, fields)), fields)
    given = list(zip(fields, _columns(table, fields), strict=True))
    plain = [(field, values) for field, values in given if _is_plain(values, field)]
    if len(plain) > MANY:
        others = [field for field, values in given if not _is_plain(values, field)]
        cells = np.empty((len(plain), len(table)))
        for place, (_, values) in enumerate(plain):
            cells[place] = _floats(values)
        frame = pd.concat([_at_once([field for field, _ in plain], cells), conform(table, others)], axis=1)
        return settled(frame, [field for field, _ in plain])
    parts: dict[str, Any] = {}
    for field, values in given:
        parts |= _PARTS[field["kind"]](values, field)
    for field in fields:
        name = field["id"]
        parts |= {f"{name}_since{earlier}": _days_since(parts, name, earlier) for earlier in field.get("since", ())}
    for name in between(fields):
        del parts[name]
    return settled(pd.DataFrame(parts, index=pd.RangeIndex(len(table)), copy=False), fields)


def between(fields: Sequence[Field]) -> list[str]:
    """Internal columns that only the days between two times are counted from; the model does not see them."""
    return [f"{field['id']}_{part}" for field in fields for part in field.get("between", ())]


def settled(frame: pd.DataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    """Internal columns after what the recipe's steps learned was applied to them; the same frame when nothing was."""
    made: dict[str, Any] = {}
    for field in fields:
        for lesson in field.get("lessons", ()):
            if lesson.get("found") is not None:
                column = field["id"]
                made[column] = taught(made.get(column, frame[column]), lesson)
        if field["id"] in made and field["kind"] == "number":
            made |= _indicator(made[field["id"]].isna().to_numpy(), field)
    return frame.assign(**made) if made else frame


def taught(values: pd.Series, lesson: Mapping[str, Any]) -> pd.Series:
    """An internal column after one lesson: filled, capped, or with its rare levels merged."""
    found, empty = lesson["found"], (MISSING, "")
    if lesson["do"] == "fill":
        words = not pd.api.types.is_numeric_dtype(values.dtype)  # text from a file is no object column
        return values.mask(values.isin(empty), found["value"]) if words else values.fillna(found["value"])
    if lesson["do"] == "merge":
        return values.where(values.isin(found["kept"]) | values.isin(empty), lesson["other"])
    if lesson["missing"]:
        return values.where(~((values < found["low"]) | (values > found["high"])))
    return values.clip(found["low"], found["high"])


def labels_of(values: pd.Series) -> pd.Series:
    """Every value as text: whole numbers without ".0", missing stays missing. The only maker of class labels."""
    codes, words = _worded(values)
    return pd.Series(words[codes], index=values.index, name=values.name, dtype="str")


def _worded(values: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """The codes of the cells, and the text that each stands for; of the last, which is also -1, None."""
    plain = values.map(_plain) if values.dtype == object else values
    codes, distinct = pd.factorize(plain)
    return codes, np.array([*(_word(value) for value in distinct), None], dtype=object)


def problems(table: pd.DataFrame, fields: Sequence[Field]) -> list[dict[str, Any]]:
    """Cells that cannot be read as what their column holds: row (position), column, value, expected."""
    found = []
    for field, values in zip(fields, _columns(table, fields), strict=True):
        for row in np.flatnonzero(_unreadable(values, field)):
            cell = {"row": int(row), "column": field["name"], "value": str(values.iloc[row])[:100]}
            found.append({**cell, "expected": _EXPECTED[field["kind"]]})
    return found


def flags(table: pd.DataFrame, fields: Sequence[Field]) -> list[str]:
    """For each row what the model never saw, as codes joined by ';'.

    `unseen:<column>` a category that training did not have. `range:<column>` outside the training range (a time:
    earlier than the first, or later than the last by more than the span of all). `missing:<column>` empty although
    training had no empty cell. `unreadable:<column>` taken as missing, as it could not be read. ';' in a name is ','.
    """
    codes: list[list[str]] = [[] for _ in range(len(table))]
    for code, name, mask in odd(table, fields):
        _note(codes, code, name, mask)
    return [";".join(row) for row in codes]


def odd(table: pd.DataFrame, fields: Sequence[Field]) -> Iterator[Noticed]:
    """The same as (code, column, where), column by column."""
    if _are_plain(table, fields):
        step = max(1, CHUNK_CELLS // max(1, len(table)))
        for start in range(0, len(fields), step):
            yield from _odd_at_once(_plain_cells(table, fields[start : start + step]), fields[start : start + step])
        return
    for field, values in zip(fields, _columns(table, fields), strict=True):
        for code, mask in _masks(values, field).items():
            yield code, str(field["name"]), mask


def _note(codes: list[list[str]], code: str, name: str, mask: Any) -> None:
    for row in np.flatnonzero(mask):
        codes[row].append(f"{code}:{name.replace(';', ',')}")


def _odd_at_once(cells: Floats, fields: Sequence[Field]) -> Iterator[Noticed]:
    """The same of very many numbers stored as such, (columns, rows): in one piece, which is far quicker."""
    ends = np.array([[field["low"], field["high"]] for field in fields], dtype=np.float64)  # None becomes nan
    unreadable, gone = np.isinf(cells), np.isnan(cells)
    outside = ((cells < ends[:, :1]) | (cells > ends[:, 1:])) & ~unreadable
    missing = gone & np.array([not (field["missing"] or field.get("filled")) for field in fields])[:, None]
    masks = np.stack([unreadable, outside, missing], axis=1)
    for place, code in np.argwhere(masks.any(axis=2)):
        yield ("unreadable", "range", "missing")[code], str(fields[place]["name"]), masks[place, code]


def cells_of(values: pd.Series, field: Field) -> Any:
    """Cells of a raw column as obeying.py takes them: floats, seconds since 1970, or words with None for empty."""
    if field["kind"] == "number":
        return numbers(values)[0]
    if field["kind"] == "time":
        return seconds_of(times(values, day_first=field.get("day_first", False))[0])
    words = spelled(labels_of(values).reset_index(drop=True), field.get("categories"))
    return words.astype(object).where(words.notna() & (words != ""), None).to_numpy()


def numbers(values: pd.Series) -> tuple[Floats, Mask]:
    """As float64 with nan for missing, and where a cell holds something that is not a finite number."""
    if pd.api.types.is_numeric_dtype(values.dtype):
        array = _floats(values)
        unreadable = np.isinf(array)
    elif pd.api.types.is_datetime64_any_dtype(values.dtype):
        return np.full(len(values), np.nan), values.notna().to_numpy()
    else:
        codes, distinct = pd.factorize(_texts(values))
        array, unreadable = _read(pd.Series(distinct, dtype="str"))
        array, unreadable = np.append(array, np.nan)[codes], np.append(unreadable, False)[codes]
    return np.where(unreadable, np.nan, array), unreadable


def _texts(values: pd.Series) -> pd.Series:
    return (values.map(_plain) if values.dtype == object else values).astype("str")


def _read(words: pd.Series) -> tuple[Floats, Mask]:
    """The number that each word stands for, and which of them are neither a number nor empty."""
    words = words.str.strip().str.lower()
    empty = (words.isna() | words.isin(EMPTY)).to_numpy()
    words = words.replace({"true": "1", "false": "0"})
    array = np.array(pd.to_numeric(words.where(~empty), errors="coerce"), dtype=np.float64)
    return array, ~np.isfinite(array) & ~empty


def typed(table: pd.DataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    """The same rows with numbers that are written as text read, many columns at once, which is far quicker than one by
    one; a cell that cannot be read becomes infinite, which counts as unreadable too."""
    if _are_plain(table, fields):
        return table
    given = zip(fields, _columns(table, fields), strict=True)
    written = [
        (str(field["name"]), values) for field, values in given if field["kind"] == "number" and _written(values)
    ]
    step, made = max(1, TEXT_CELLS // max(1, len(table))), []
    for start in range(0, len(written), step):
        part = written[start : start + step]
        array, unreadable = numbers(pd.concat([_texts(values) for _, values in part], ignore_index=True))
        cells = np.where(unreadable, np.inf, array).reshape(len(part), len(table))
        made.append(pd.DataFrame(cells.T, index=table.index, columns=[name for name, _ in part], copy=False))
    if not made:
        return table
    read = {name for name, _ in written}
    return pd.concat([table.loc[:, [str(name) not in read for name in table.columns]], *made], axis=1)


def _written(values: pd.Series) -> bool:
    return not (pd.api.types.is_numeric_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype))


def _floats(values: pd.Series) -> Floats:
    if isinstance(values.dtype, np.dtype):  # which is quick, as it need not look for gaps
        return np.asarray(values.to_numpy(), dtype=np.float64)
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def times(values: pd.Series, *, day_first: bool = False) -> tuple[pd.Series, Mask]:
    """As naive UTC timestamps with NaT for missing, and where a cell holds something that is not a time.

    `day_first`: 01/02/2025 is the first of February.
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        naive = values.dt.tz_convert("UTC").dt.tz_localize(None) if getattr(values.dt, "tz", None) else values
        return naive.astype("datetime64[us]").reset_index(drop=True), np.zeros(len(values), dtype=bool)
    words = values.reset_index(drop=True).map(_plain).astype("str").str.strip()
    empty = (words.isna() | words.str.lower().isin(EMPTY)).to_numpy()
    if pd.api.types.is_numeric_dtype(values.dtype):  # a bare number has no unit: seconds, days or a year
        return pd.Series(pd.NaT, index=words.index, dtype="datetime64[us]"), ~empty
    words = words.where(~empty)
    parsed = pd.to_datetime(words, errors="coerce", utc=True, format="ISO8601")
    if (parsed.isna() & ~empty).any():
        rest = words.where(parsed.isna())
        parsed = parsed.fillna(pd.to_datetime(rest, errors="coerce", utc=True, format="mixed", dayfirst=day_first))
    naive = parsed.dt.tz_localize(None).astype("datetime64[us]")
    return naive, naive.isna().to_numpy() & ~empty


def seconds_of(moments: pd.Series) -> Floats:
    """Seconds since 1970, nan for NaT."""
    seconds = (moments - pd.Timestamp("1970-01-01")) / pd.Timedelta(seconds=1)
    return np.asarray(seconds, dtype=np.float64)


def categories(values: pd.Series) -> pd.Series:
    """As text with MISSING for an empty cell."""
    codes, words = _worded(values)  # each word is looked at once
    words[[not word for word in words]] = MISSING
    return pd.Series(words[codes], name=values.name, dtype=object)


def spelled(words: pd.Series, known: Sequence[str] | None) -> pd.Series:
    """True and false as training spelled them: one file says TRUE or true, JSON and Parquet have booleans."""
    spellings = {word.lower(): word for word in known or ()}
    if not spellings or not spellings.keys() <= {"true", "false"}:
        return words
    return words.mask(~words.isin(spellings.values()), words.str.lower().map(spellings).fillna(words))


def policy_of(folder: Path | str) -> dict[str, Any] | None:
    """The policy that lies in a model folder; None when there is none."""
    path = Path(folder) / "policy.json"
    if not path.is_file():
        return None
    policy: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    newest = _obeying().FORMAT
    if policy.get("format", 1) > newest:
        raise ScoringError(f"this policy has format {policy['format']}; only formats up to {newest} can be read here")
    return policy


def _recipe(folder: Path) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    path = folder / "recipe.json"
    if not path.is_file():
        return None, {}
    recipe = json.loads(path.read_text(encoding="utf-8"))
    if recipe.get("format") != FORMAT:
        raise ScoringError(f"this recipe has format {recipe.get('format')}; only format {FORMAT} can be read here")
    if absent := {"steps", "needed", "inputs", "truth", "looks_at"} - set(recipe):
        raise ScoringError(f"recipe.json is not whole: it lacks {', '.join(sorted(absent))}")
    found = {file.stem: pd.read_parquet(file) for file in sorted((folder / "lookups").glob("*.parquet"))}
    return recipe, {step: _executor().Lookup(frame) for step, frame in found.items()}


def _of_plugins(needed: Sequence[Mapping[str, Any]]) -> list[str]:
    """The types of plug-ins that may be built: at home those that are vouched for, in a bundle those it came with."""
    if not needed:
        return []
    beside = Path(__file__).with_name("plugins")
    if (beside / "__init__.py").is_file():
        vouched: list[str] = importlib.import_module(f"{__package__}.plugins.trust").vouched(needed)
        return vouched
    for need in needed:
        if need.get("file"):
            _import_file(beside / Path(need["file"]).name)
    return [name for need in needed for name in need["types"]]


def _import_file(path: Path) -> None:
    name = f"tablesmith_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _obeying() -> Any:
    """obeying.py, which lies beside this file."""
    package = __package__ or ""
    return importlib.import_module(f"{package}.obeying" if package else "obeying")


def _executor() -> Any:
    """replay.py: beside this file in a bundle, in the room of data at home."""
    package = __package__ or ""
    if Path(__file__).with_name("replay.py").is_file():
        return importlib.import_module(f"{package}.replay" if package else "replay")
    return importlib.import_module(f"{package.partition('.')[0]}.data.replay")


def _stored(table: pd.DataFrame, inputs: Sequence[Field]) -> pd.DataFrame:
    """Raw rows in the four storages that the steps of a recipe expect; a cell that cannot be read is missing."""
    columns: dict[str, Any] = {}
    for field, values in zip(inputs, _columns(table, inputs), strict=True):
        if field["kind"] == "number":
            columns[field["name"]] = numbers(values)[0]
        elif field["kind"] == "time":
            columns[field["name"]] = times(values, day_first=field.get("day_first", False))[0].to_numpy()
        else:
            words = spelled(labels_of(values).reset_index(drop=True), field.get("categories"))
            columns[field["name"]] = words.where(words.str.strip() != "").to_numpy(dtype=object)
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(table)))
    counts = [
        field["name"] for field in inputs if field.get("storage") == "integer" and _is_whole(frame[field["name"]])
    ]
    texts = [field["name"] for field in inputs if field["kind"] == "category"]
    return frame.astype(dict.fromkeys(counts, "Int64") | dict.fromkeys(texts, "str"))


def _is_whole(values: Any) -> bool:
    known = values.dropna()
    return bool((known == known.round()).all()) and bool((known.abs() < 2.0**62).all())


def _columns(table: pd.DataFrame, fields: Sequence[Field]) -> list[pd.Series]:
    places: dict[str, int] = {}
    twice = set()
    for place, name in enumerate(map(str, table.columns)):
        twice |= {name} & places.keys()
        places.setdefault(name, place)
    wanted = [str(field["name"]) for field in fields]
    absent = [name for name in wanted if name not in places]
    if absent:
        raise ScoringError(f"The table lacks the column{'s'[: len(absent) > 1]} {', '.join(map(repr, absent[:10]))}")
    if clash := [name for name in wanted if name in twice]:
        raise ScoringError(f"The table has more than one column {clash[0]!r}")
    if len(wanted) > MANY:  # one by one by their places takes several times as long
        found = dict(zip(map(str, table.columns), (values for _, values in table.items()), strict=True))
        return [found[name] for name in wanted]
    return [table.iloc[:, places[name]] for name in wanted]


def _number_parts(values: pd.Series, field: Field) -> dict[str, Any]:
    array, _ = numbers(values)
    near = np.clip(array - field.get("offset", 0.0), -LARGEST, LARGEST)
    return {field["id"]: near.astype(np.float32).astype(np.float64)} | _indicator(np.isnan(array), field)


def _is_plain(values: pd.Series, field: Field) -> bool:
    return field["kind"] == "number" and pd.api.types.is_numeric_dtype(values.dtype)


def _are_plain(table: pd.DataFrame, fields: Sequence[Field]) -> bool:
    """Whether these are very many fields, and all of them numbers stored as such."""
    if len(fields) <= MANY or any(field["kind"] != "number" for field in fields) or not table.columns.is_unique:
        return False
    places = table.columns.get_indexer(pd.Index([field["name"] for field in fields]))
    return bool((places >= 0).all()) and all(
        isinstance(kind, np.dtype) and kind.kind in "iufb" for kind in table.dtypes.iloc[places]
    )


def _plain_cells(table: pd.DataFrame, fields: Sequence[Field]) -> Floats:
    """The cells of such fields, (columns, rows)."""
    places = table.columns.get_indexer(pd.Index([field["name"] for field in fields]))
    cells = np.ascontiguousarray(table.iloc[:, places].to_numpy(dtype=np.float64).T)
    return cells if cells.flags.writeable else cells.copy()


def _at_once(plain: Sequence[Field], cells: Floats) -> pd.DataFrame:
    """What `_number_parts` makes, of numbers stored as such, in one piece: for thousands of columns far quicker."""
    offsets = np.array([field.get("offset", 0.0) for field in plain])
    step = max(1, CELLS_AT_ONCE // max(1, cells.shape[1]))
    for start in range(0, len(cells), step):
        some = cells[start : start + step]
        some[np.isinf(some)] = np.nan
        some -= offsets[start : start + step, None]
        some[:] = np.clip(some, -LARGEST, LARGEST).astype(np.float32)
    frame = pd.DataFrame(cells.T, columns=[field["id"] for field in plain], copy=False)
    gaps = [place for place, field in enumerate(plain) if field["missing"]]
    names = [f"{plain[place]['id']}_missing" for place in gaps]
    missing = pd.DataFrame(np.isnan(cells[gaps]).astype(np.float64).T, columns=names, copy=False)
    return pd.concat([frame, missing], axis=1) if gaps else frame


def _category_parts(values: pd.Series, field: Field) -> dict[str, Any]:
    return {field["id"]: spelled(categories(values), field.get("categories"))}


def _time_parts(values: pd.Series, field: Field) -> dict[str, Any]:
    moments, _ = times(values, day_first=field.get("day_first", False))
    when = moments.dt
    day = (when.normalize() - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    parts = {
        "days": day, "year": when.year, "month": when.month, "day": when.day, "weekday": when.day_of_week,
        "yearday": when.day_of_year, "hour": when.hour + when.minute / 60,
    }  # fmt: skip
    wanted = (*field["parts"], *field.get("between", ()))
    arrays = {f"{field['id']}_{part}": _rounded(parts[part]) for part in wanted}
    return arrays | _indicator(moments.isna().to_numpy(), field)


def _days_since(parts: Mapping[str, Any], later: str, earlier: str) -> Floats:
    """Days from one time to another, with their fraction where the hours are known."""
    ends = [parts[f"{name}_days"] + parts.get(f"{name}_hour", 0.0) / 24 for name in (earlier, later)]
    return np.asarray((ends[1] - ends[0]).astype(np.float32), dtype=np.float64)


def _text_parts(values: pd.Series, field: Field) -> dict[str, Any]:
    return {field["id"]: labels_of(values).reset_index(drop=True).fillna("").str.lower().astype(object)}


_PARTS = {"number": _number_parts, "category": _category_parts, "time": _time_parts, "text": _text_parts}
_EXPECTED = {"number": "a number", "category": "text", "time": "a date or time", "text": "text"}


def _indicator(missing: Mask, field: Field) -> dict[str, Any]:
    return {f"{field['id']}_missing": missing.astype(np.float64)} if field["missing"] else {}


def _rounded(values: pd.Series) -> Floats:
    return values.to_numpy(dtype=np.float32, na_value=np.nan).astype(np.float64)


def _unreadable(values: pd.Series, field: Field) -> Mask:
    if field["kind"] == "number":
        return numbers(values)[1]
    if field["kind"] == "time":
        return times(values, day_first=field.get("day_first", False))[1]
    return np.zeros(len(values), dtype=bool)


def _masks(values: pd.Series, field: Field) -> dict[str, Mask]:
    if field["kind"] == "number":
        array, unreadable = numbers(values)
        missing, outside = np.isnan(array) & ~unreadable, _outside(array, field["low"], field["high"])
        masks = {"unreadable": unreadable, "range": outside}
    elif field["kind"] == "time":
        moments, unreadable = times(values, day_first=field.get("day_first", False))
        missing = moments.isna().to_numpy() & ~unreadable
        seconds = seconds_of(moments)
        low, high = field["low"], field["high"]
        later = None if low is None or high is None else high + (high - low)
        masks = {"unreadable": unreadable, "range": _outside(seconds, low, later)}
    else:
        words = spelled(categories(values), field.get("categories"))
        missing = (words == MISSING).to_numpy()
        known = field.get("categories")
        unseen = np.zeros(len(words), dtype=bool) if known is None else ~words.isin(known).to_numpy() & ~missing
        masks = {"unseen": unseen}
    return masks | ({} if field["missing"] or field.get("filled") else {"missing": missing})


def _outside(array: Floats, low: float | None, high: float | None) -> Mask:
    below = array < (-math.inf if low is None else low)
    return below | (array > (math.inf if high is None else high))


def _plain(value: Any) -> Any:
    """A cell that can be hashed, and that no other is equal to: lists and dicts (from JSON) become their text, and so
    does true, which Python takes for 1."""
    return str(value) if isinstance(value, (bool, np.bool_, list, dict, set, np.ndarray)) else value


def _word(value: Any) -> str:
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
    return str(value)
