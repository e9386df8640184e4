"""Obey a policy: from what a model says about rows to what is done with them. Travels in bundles, beside scoring.py.

A policy is a plain dictionary, the content of `policy.json`. What is absent or null in it is not asked for, so that the
first format (labels and threshold) is read as it is. Codes that rows are flagged with:

    rule:<n>   rule n of the policy gave the answer
    refer      a person decides: the probability is in the band, or a rule says so
    abstain    a person decides: too many labels cannot be ruled out, or none is likely enough

A row that is flagged `refer` or `abstain` has the model's answer all the same, as advice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 2

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]
Codes = list[list[str]]
Cells = Callable[[str], tuple[str, NDArray[Any]]]
"""From a column to its kind and the cells of all rows: floats of a `number` (nan: empty), seconds since 1970 of a
`time` (nan: empty), words of anything else (None: empty)."""

Policy = Mapping[str, Any]


def answered(policy: Policy, values: Floats, labels: Sequence[str], yes: int | None, cells: Cells) -> dict[str, Any]:
    """`prediction`, `probability_<label>`, `prediction_set` where it is asked for, and `flags` (a list of codes a row).

    `values` is (n, k); `yes` is the label that counts as yes, None where there are several.
    """
    codes: Codes = [[] for _ in range(len(values))]
    chosen = _several(policy, values) if yes is None else _yes_or_no(policy, values[:, yes], yes, cells)
    sets = _sets(policy, values) if yes is None else None
    chosen = _ruled(policy, chosen, lambda then: list(labels).index(str(then)), cells, codes)
    if yes is not None and policy.get("refer"):
        _mark(codes, "refer", _free(codes) & _in_band(policy["refer"], values[:, yes]))
    if yes is None and policy.get("abstain"):
        _mark(codes, "abstain", _free(codes) & _unsure(policy["abstain"], values, sets))
    columns: dict[str, Any] = {"prediction": np.asarray(labels, dtype=object)[chosen]}
    columns |= {f"probability_{label}": values[:, index] for index, label in enumerate(labels)}
    if sets is not None:
        columns["prediction_set"] = _words(values, sets, labels)
    return columns | {"flags": codes}


def bounded(policy: Policy, values: Floats, interval: Mapping[str, float], cells: Cells) -> dict[str, Any]:
    """`prediction`, `low`, `high`, `decision` where the policy leans or has rules, and `flags` (a list of codes a row).

    `interval` is that of the model, for a policy that has none of its own.
    """
    codes: Codes = [[] for _ in range(len(values))]
    low, high = reach(policy, values, interval)
    columns: dict[str, Any] = {"prediction": values, "low": low, "high": high}
    lean = policy.get("lean")
    if lean or policy.get("rules"):
        decision = values + lean["shift"] * spread(lean, values) if lean else values.copy()
        columns["decision"] = _ruled(policy, decision, float, cells, codes)
    return columns | {"flags": codes}


def reach(policy: Policy, values: Floats, interval: Mapping[str, float]) -> tuple[Floats, Floats]:
    """The ends of the intervals around predicted numbers."""
    asked = policy.get("interval") or interval
    width = spread(asked, values)
    return values + asked["low"] * width, values + asked["high"] * width


def spread(asked: Mapping[str, Any], values: Floats) -> Floats:
    """The unit in which an interval or a lean counts, at each predicted number."""
    if not asked.get("knots"):
        return np.ones(len(values))
    return np.asarray(np.interp(values, asked["knots"], asked["spread"]), dtype=np.float64)


def holds(rule: Mapping[str, Any], kind: str, cells: NDArray[Any]) -> Mask:
    """Where the cells of the rule's column are as it says; an empty cell fulfils only "is empty"."""
    empty = (
        np.array([cell is None for cell in cells], dtype=bool) if kind not in ("number", "time") else np.isnan(cells)
    )
    if rule["op"] == "is empty":
        return empty
    if kind in ("number", "time"):
        return np.asarray(_COMPARED[rule["op"]](cells, number_of(rule["value"], kind)) & ~empty)
    value, words = str(rule["value"]), np.where(empty, "", cells).astype(object)
    return np.asarray(np.asarray(_COMPARED[rule["op"]](words, value), dtype=bool) & ~empty)


def number_of(value: Any, kind: str) -> float:
    """What a rule compares with, as the cells are: a number, or a time in seconds since 1970."""
    if kind == "time" and isinstance(value, str):
        moment = np.datetime64(value.strip().replace(" ", "T"), "us")
        return float((moment - np.datetime64(0, "us")) / np.timedelta64(1, "s"))
    return float(value)


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "is": lambda cells, value: cells == value,
    "is not": lambda cells, value: cells != value,
    "<": lambda cells, value: cells < value,
    "<=": lambda cells, value: cells <= value,
    ">": lambda cells, value: cells > value,
    ">=": lambda cells, value: cells >= value,
}


def _yes_or_no(policy: Policy, score: Floats, yes: int, cells: Cells) -> Integers:
    cut: Any = policy.get("threshold")
    cut = 0.5 if cut is None else cut
    groups = policy.get("group_thresholds")
    if groups:
        _, found = cells(groups["column"])
        own = groups["thresholds"]
        cut = np.array([own.get(_word(cell), cut) for cell in found], dtype=np.float64)
    return np.where(score >= cut, yes, 1 - yes)


def _several(policy: Policy, values: Floats) -> Integers:
    """The label that gains most on average, or the likeliest where nothing is said about gains."""
    matrix = policy.get("matrix")
    worth = values @ np.asarray(matrix, dtype=np.float64) if matrix else values
    return np.asarray(worth.argmax(axis=1), dtype=np.int64)


def _ruled(policy: Policy, chosen: Any, answer: Callable[[Any], Any], cells: Cells, codes: Codes) -> Any:
    """The answers after the rules of the policy: of those that hold for a row the first."""
    rules = policy.get("rules")
    if not rules:
        return chosen
    free = np.ones(len(chosen), dtype=bool)
    for number, rule in enumerate(rules, start=1):
        here = free & holds(rule, *cells(rule["column"]))
        free &= ~here
        _mark(codes, f"rule:{number}", here)
        if rule.get("then") is None:
            _mark(codes, "refer", here)
        else:
            chosen = np.where(here, answer(rule["then"]), chosen)
    return chosen


def _free(codes: Codes) -> Mask:
    """The rows that no rule has answered."""
    return np.array([not row for row in codes], dtype=bool)


def _in_band(band: Mapping[str, float], score: Floats) -> Mask:
    return np.asarray((score >= band["low"]) & (score < band["high"]))


def _sets(policy: Policy, values: Floats) -> Mask | None:
    """Which labels cannot be ruled out, (n, k); None when nobody asks."""
    asked = policy.get("sets")
    return members(values, asked["method"], asked["cut"]) if asked else None


def members(values: Floats, method: str, cut: float) -> Mask:
    """The labels in the prediction sets, (n, k); the likeliest always is.

    `lac`: Sadinle, Lei and Wasserman 2019; `aps`, without its randomisation: Romano, Sesia and Candès 2020.
    """
    inside = values >= cut if method == "lac" else mass(values) <= cut
    inside[np.arange(len(values)), values.argmax(axis=1)] = True
    return np.asarray(inside)


def mass(values: Floats) -> Floats:
    """For each label the probability of it and all that are likelier, (n, k)."""
    order = np.argsort(-values, axis=1, kind="stable")
    sums = np.take_along_axis(values, order, axis=1).cumsum(axis=1)
    found = np.empty_like(sums)
    np.put_along_axis(found, order, sums, axis=1)
    return found


def _unsure(asked: Mapping[str, Any], values: Floats, sets: Mask | None) -> Mask:
    unsure = np.zeros(len(values), dtype=bool)
    if asked.get("largest") is not None and sets is not None:
        unsure |= sets.sum(axis=1) > asked["largest"]
    if asked.get("least") is not None:
        unsure |= values.max(axis=1) < asked["least"]
    return unsure


def _words(values: Floats, sets: Mask, labels: Sequence[str]) -> list[str]:
    """The labels of each set, the likeliest first, joined by ';' (in a label it is ',')."""
    names = [str(label).replace(";", ",") for label in labels]
    order = np.argsort(-values, axis=1, kind="stable")
    return [";".join(names[at] for at in row if inside[at]) for row, inside in zip(order, sets, strict=True)]


def _mark(codes: Codes, code: str, mask: Mask) -> None:
    for row in mask.nonzero()[0]:
        codes[row].append(code)


def _word(cell: Any) -> str | None:
    """A cell as groups are named: whole numbers without a point."""
    if cell is None or cell != cell:
        return None
    if isinstance(cell, (float, np.floating)):
        return str(int(cell)) if float(cell).is_integer() else repr(float(cell))
    return str(cell)
