"""What an explanation says, in sentences: the same words on screen, in the file and in the service.

Always of association, never of cause: a model shows what goes with what.
"""

from __future__ import annotations

from math import floor, log10
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact, percent
from mlcore.evaluation.predictions import Task
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.importance import importance
from mlcore.explanation.rules import Asked, Rule, Rules

CLEAR = 0.6  # rank correlation from which "higher goes with higher" is said
FEW = 0.05  # share of the rows below which a category is not spoken of
MOST = 0.6  # share of the rows that common categories must cover before the extremes among them are said
LONG = 60  # characters of a cell that are shown


def about_model(explanation: Explanation, *, top: int = 3, output: int | None = None) -> tuple[str, ...]:
    """The most important columns, how each goes with the output, and what it is based on.

    `output` is an index into `outputs`; None: the only one, or all labels together.
    """
    ranks = importance(explanation, output)
    moving = ranks[ranks["mean_abs"] > 0].head(top)
    if moving.empty:
        return ("No column moves what this model says: it says the same for every row.", _basis(explanation))
    one = 0 if output is None and len(explanation.outputs) == 1 else output
    said = []
    for place, line in enumerate(moving.to_dict("records")):
        rank = ("matters most", "comes next")[place] if place < 2 else "then follows"
        by = _distance(explanation, line["mean_abs"])
        what = _what(explanation, output)
        said.append(
            f"{line['column']} {rank}: it moves {what} by {by} on average, {percent(line['share'])} of all movement."
        )
        if one is not None:
            said.append(_pattern(explanation, line["column"], line["direction"], one))
    return (*(sentence for sentence in said if sentence), _basis(explanation))


def about_row(explanation: Explanation, row: int, *, top: int = 5, output: int | None = None) -> tuple[str, ...]:
    """What the model says about one explained row (its place in `rows`), and the columns that move it most.

    `output` None: the only one, or the most probable label.
    """
    one = _told(explanation, row) if output is None else output
    base, said = float(explanation.base[one]), float(explanation.output[row, one])
    what, level = _opening(_what(explanation, one)), _level(explanation, said)
    gap = said - base
    side = f"{_distance(explanation, abs(gap))} {'above' if gap > 0 else 'below'}"
    against = f"the average of {_level(explanation, base)} of the rows it is compared with"
    first = f"{what} is {level}, {side if _told_apart(explanation, gap) else 'about the same as'} {against}."
    order = _by_size(explanation, row, one)
    return (first, *_reasons(explanation, row, one, top), *_rest(explanation, row, one, order[top:]))


def reasons(explanation: Explanation, top: int) -> pd.DataFrame:
    """For every explained row its most moving columns in words: `reason_1` to `reason_<top>`, empty where none is left.

    Several labels: about the most probable one.
    """
    lines = [_reasons(explanation, row, _told(explanation, row), top) for row in range(len(explanation.rows))]
    return pd.DataFrame(
        {f"reason_{n + 1}": [line[n] if n < len(line) else "" for line in lines] for n in range(top)}, dtype="str"
    )


def of_rule(rule: Rule, task: Task) -> tuple[str, str, str]:
    """A rule that copies the model: its conditions, what the model says there on average, and for how many rows."""
    asked = " and ".join(_condition(one) for one in rule.asked) or "always"
    return asked, _amount(task, rule.output), percent(rule.share)


def of_fidelity(rules: Rules, task: Task) -> str:
    """How far the rules may be taken for the model."""
    if not rules.rules:
        return "The model cannot be copied by rules: there are too few rows, or it says the same for all."
    copied = max(0.0, rules.fidelity)
    kept = "They are a fair summary" if copied >= 0.8 else "They are a rough summary" if copied >= 0.5 else "Beware"
    more = "" if copied >= 0.5 else ": most of what the model says is not in them"
    what = "the probabilities" if task != "regression" else "the predictions"
    return (
        f"These {len(rules.rules)} rules copy {percent(copied)} of how {what} differ between rows, measured on rows "
        f"they were not made from. {kept}{more}."
    )


def _condition(one: Asked) -> str:
    if one.low is None and one.high is None:
        return f"{one.column} {'is' if one.yes else 'is not'} {f'“{one.word}”' if one.word else 'missing'}"
    low, high = _limit(one, one.low), _limit(one, one.high)
    if one.low is not None and one.high is not None:
        said = f"between {low} and {high}"
    elif one.high is not None:
        said = f"{'until' if one.dates else 'at most'} {high}"
    else:
        said = f"{'after' if one.dates else 'above'} {low}"
    return f"{one.column} {said}{' or missing' if one.missing else ''}"


def _limit(one: Asked, value: float | None) -> str:
    if value is None:
        return ""
    return f"{pd.Timestamp(value, unit='s'):%Y-%m-%d}" if one.dates else compact(value)


def _told(explanation: Explanation, row: int) -> int:
    return int(explanation.output[row].argmax())


def _by_size(explanation: Explanation, row: int, output: int) -> list[int]:
    order = np.argsort(-np.abs(explanation.values[row, :, output]), kind="stable")
    return [int(column) for column in order]


def _reasons(explanation: Explanation, row: int, output: int, top: int) -> tuple[str, ...]:
    what, found = _what(explanation, output), []
    for column in _by_size(explanation, row, output)[:top]:
        value = float(explanation.values[row, column, output])
        if _told_apart(explanation, value):
            verb = "Raises" if value > 0 else "Lowers"
            cell = _cell(explanation.table.iloc[row, column])
            reason = f"{verb} {what} by {_distance(explanation, abs(value))}: {explanation.columns[column]} {cell}"
            found.append(" ".join(reason.split()))  # a label or a cell may hold line breaks
    return tuple(found)


def _rest(explanation: Explanation, row: int, output: int, rest: list[int]) -> tuple[str, ...]:
    if not rest:
        return ()
    total = float(explanation.values[row, rest, output].sum())
    name, ending = (f"The other {len(rest)} columns together", "") if len(rest) > 1 else ("The other column", "s")
    if not _told_apart(explanation, total):
        return (f"{name} change{ending} it hardly at all.",)
    return (f"{name} {'raise' if total > 0 else 'lower'}{ending} it by {_distance(explanation, abs(total))}.",)


def _pattern(explanation: Explanation, column: str, direction: float, output: int) -> str:
    what = _what(explanation, output)
    if abs(direction) >= CLEAR:
        cells = explanation.table.iloc[:, explanation.columns.index(column)]
        more = "Later" if pd.api.types.is_datetime64_any_dtype(cells.dtype) else "Higher"
        side = "higher" if direction > 0 else "lower"
        return f"{more} {column} goes with a {side} {what.removeprefix('the ')}."
    if np.isnan(direction):
        return _extremes(explanation, column, output)
    return f"{column} does not go one way with {what}: it depends on the range and on the other columns."


def _extremes(explanation: Explanation, column: str, output: int) -> str:
    """The common categories that go with the highest and the lowest output; empty when most rows have rare ones."""
    place = explanation.columns.index(column)
    words = explanation.table.iloc[:, place].map(_cell)
    by = pd.Series(explanation.values[:, place, output]).groupby(words.to_numpy()).agg(["mean", "size"])
    common = by[by["size"] >= max(2, FEW * len(words))].sort_values("mean", kind="stable")
    if len(common) < 2 or common["size"].sum() < MOST * len(words):
        return ""
    low, high = common.iloc[0], common.iloc[-1]
    return (
        f"{_opening(_what(explanation, output))} is highest where {column} {common.index[-1]} "
        f"({_signed(explanation, float(high['mean']))} on average) and lowest where it {common.index[0]} "
        f"({_signed(explanation, float(low['mean']))})."
    )


def _basis(explanation: Explanation) -> str:
    n, population = len(explanation.rows), explanation.population
    rows = f"all {n:,} rows" if n == population else f"{n:,} of {population:,} rows, drawn at random"
    error = f" Contributions add up to within {explanation.additivity_error:.0e}."
    if explanation.sampling_error > 0:
        error += f" One contribution is typically off by {_distance(explanation, explanation.sampling_error)}."
    return f"Based on {rows}." + error


def _what(explanation: Explanation, output: int | None) -> str:
    if explanation.task == "regression":
        return f"the predicted {explanation.outputs[0]}"
    return "the probabilities" if output is None and len(explanation.outputs) > 1 else _label(explanation, output or 0)


def _opening(words: str) -> str:
    """At the start of a sentence; names in it stay as their owner writes them."""
    return words[:1].upper() + words[1:]


def _label(explanation: Explanation, output: int) -> str:
    return f"the probability of {explanation.outputs[output]}"


def _distance(explanation: Explanation, value: float) -> str:
    """Probabilities in points; numbers to three digits."""
    if explanation.task == "regression":
        return _number(value)
    points = value * 100
    if points < 0.05:
        return "less than 0.1 points"
    shown = f"{points:.0f}" if points >= 9.95 else f"{points:.1f}"
    return f"{shown} points"


def _signed(explanation: Explanation, value: float) -> str:
    return f"{'+' if value >= 0 else '-'}{_distance(explanation, abs(value))}"


def _level(explanation: Explanation, value: float) -> str:
    return _amount(explanation.task, value)


def _amount(task: Task, value: float) -> str:
    if task == "regression":
        return _number(value)
    return f"{value * 100:.0f} %" if 0.0995 <= value <= 0.9005 else f"{value * 100:.1f} %"


def _told_apart(explanation: Explanation, value: float) -> bool:
    """Whether the number would be shown as more than nothing."""
    if explanation.task == "regression":
        return abs(value) > 1e-9 * max(1.0, float(np.abs(explanation.output).max(initial=0.0)))
    return abs(value) >= 0.0005


def _number(value: float) -> str:
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    digits = 2 - floor(log10(abs(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def _cell(value: Any) -> str:
    """ "= 310", or "is missing"."""
    if value is None or pd.isna(value):
        return "is missing"
    if isinstance(value, pd.Timestamp):
        return f"= {value:%Y-%m-%d}" if value == value.normalize() else f"= {value:%Y-%m-%d %H:%M}"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return f"= {int(number)}" if number.is_integer() and abs(number) < 1e15 else f"= {compact(number, 6)}"
    text = str(value)
    return f"= {text if len(text) <= LONG else text[:LONG] + '…'}"
