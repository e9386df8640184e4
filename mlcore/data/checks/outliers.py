"""Values that cannot be, and values so far from all others that they may be slips of the pen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from mlcore.data.amounts import amount, compact
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.checks.disguised_missing import is_disguise
from mlcore.data.distributions import numbers_of
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

Floats = NDArray[np.float64]

_FEW = 0.05
"""The share of rows up to which impossible values are mistakes; more, and the column means something else."""

_SPLIT = re.compile(r"[^a-z]+|(?<=[a-z])(?=[A-Z])")
_NEVER_NEGATIVE = {
    "age", "weight", "height", "length", "width", "distance", "duration", "area", "population", "count", "mileage",
    "speed", "size", "salary", "wage", "alter", "gewicht", "bmi", "horsepower",
}  # fmt: skip
_CHANGES = {
    "change", "diff", "difference", "delta", "growth", "log", "ln", "z", "score", "scaled", "norm", "normalized",
    "standardized", "residual", "index", "net", "gain", "loss", "deviation", "error", "effect", "lag",
}  # fmt: skip
_SHARES = {"share", "proportion", "probability", "prob", "fraction", "anteil"}
_PERCENT = {"percent", "percentage", "pct", "prozent"}
_PLANNED = {
    "due", "end", "expiry", "expires", "expiration", "valid", "until", "planned", "plan", "scheduled", "schedule",
    "deadline", "maturity", "next", "renewal", "target", "forecast", "expected", "estimated", "future", "appointment",
    "checkin", "checkout", "arrival", "departure", "delivery", "booking",
}  # fmt: skip
_OLDEST = 125.0
_FAR = 12.0
"""How many times the way from the middle to the outer hundredth a value must be away."""

_FAR_IN_LOGS = 2.5
_HEAVY = 2.6
"""How much further the outer hundredth is than the outer tenth, from which a tail is heavier than exponential (2.4)."""

_BEYOND = 6.0
"""How many times the largest value that such a tail is expected to have a value must be away."""

_ODD = 0.002


def _impossible(look: Look) -> tuple[Finding, ...]:
    return tuple(found for column in look.features for found in _out_of_range(look, column))


def _out_of_range(look: Look, column: Column) -> Iterator[Finding]:
    low, high, why, mistakes_only = _bounds(look, column)
    below = low is not None and column.low is not None and column.low < low
    above = high is not None and column.high is not None and column.high > high
    if not below and not above:
        return
    values = numbers_of(look.whole(column.name).drop_nulls())
    outside = (values < (-np.inf if low is None else low)) | (values > (np.inf if high is None else high))
    rows = int(np.sum(outside))
    if mistakes_only and is_disguise(values[outside]):
        return
    if rows and not (mistakes_only and rows > _FEW * len(values)):
        yield _cannot_be(look, column, rows, (low if below else None, high if above else None), why)


def _bounds(look: Look, column: Column) -> tuple[float | None, float | None, str, bool]:
    """Between which values the column makes sense, why, and whether many others would prove that it does not."""
    if column.expected_low is not None or column.expected_high is not None:
        return column.expected_low, column.expected_high, "outside of the range its description gives", False
    words = set(_SPLIT.split(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column.name).lower()))
    if column.storage == "datetime":
        if words & _PLANNED:
            return None, None, "", True
        return None, _end_of(look), "in the future", True
    if column.kind not in ("numeric", "integer") or words & _CHANGES:
        return None, None, "", True
    if words & _SHARES:
        return 0.0, 1.0, "not between 0 and 1", True
    if words & _PERCENT:
        return 0.0, None, "below 0 per cent", True
    if words & {"age", "alter"} and (column.high or 0) < 2000:
        return 0.0, _OLDEST, f"below 0 or above {_OLDEST:g} years", True
    return (0.0, None, "below 0", True) if words & _NEVER_NEGATIVE else (None, None, "", True)


def _end_of(look: Look) -> float:
    """The end of tomorrow, so that no time zone makes today the future."""
    return datetime.combine(look.today + timedelta(days=2), time(), UTC).timestamp()


def _cannot_be(look: Look, column: Column, rows: int, outside: tuple[float | None, float | None], why: str) -> Finding:
    low, high = outside
    fix = fixes.remove_after(column.name, _day(high)) if high is not None and column.storage == "datetime" else None
    return Finding(
        code="impossible",
        level="watch",
        title=f"'{column.name}' holds values that cannot be",
        what=f"{amount(rows, 'value')} of {look.rows:,} {'is' if rows == 1 else 'are'} {why}.",
        why="Slips and placeholders pull averages and models towards them.",
        remedy="Correct them at the source, or make them missing.",
        columns=(column.name,),
        fixes=(fix or fixes.cap(column.name, low, high, missing=True),),
    )


def _day(seconds: float) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%d")


def _outliers(look: Look) -> tuple[Finding, ...]:
    found = [(column, *far) for column in look.schema if (far := _far_away(look, column)) is not None]
    return tuple(_outlying(look, column, low, high, rows) for column, low, high, rows in found)


def _far_away(look: Look, column: Column) -> tuple[float | None, float | None, int] | None:
    """Between which values all rows but a few lie, and how many those are; None when no value is far away."""
    if column.kind not in ("numeric", "integer") or column.distinct < 20 or column.role == "excluded":
        return None
    sample = look.sample[column.name].drop_nulls()
    if len(sample) < 100 or column.low is None or column.high is None:
        return None
    quantiles = np.quantile(numbers_of(sample), (0.01, 0.5, 0.99))
    if not (_is_far(column.high, quantiles) or _is_far(column.low, -quantiles[::-1], mirrored=True)):
        return None
    values = numbers_of(look.whole(column.name).drop_nulls())
    up, down = _reach(values, quantiles)
    far = (values > up) | (values < down)
    rows = int(far.sum())
    if not 0 < rows <= max(1.0, _ODD * len(values)) or is_disguise(values[far]):
        return None
    inside = values[~far]
    return (
        float(inside.min()) if (values < down).any() else None,
        float(inside.max()) if (values > up).any() else None,
        rows,
    )


def _is_far(value: float, quantiles: Floats, mirrored: bool = False) -> bool:
    value = -value if mirrored else value
    way = float(quantiles[2] - quantiles[1])
    return way > 0 and value > quantiles[1] + _FAR * way


def _reach(values: Floats, quantiles: Floats) -> tuple[float, float]:
    """Above and below which values are far from all others, on a plain scale and, where all are positive, in orders
    of magnitude too: incomes and prices have long tails by nature."""
    first, middle, last = (float(value) for value in quantiles)
    up = middle + _ways(values, middle, last) * (last - middle) if last > middle else np.inf
    down = middle - _ways(-values, -middle, -first) * (middle - first) if first < middle else -np.inf
    if values.min() >= 0:
        lifted = np.log(np.maximum([first, middle, last], 1e-300) + max(middle, 1e-300) * 1e-3)
        up = max(up, float(np.exp(min(lifted[1] + _FAR_IN_LOGS * (lifted[2] - lifted[1]), 700.0))))
        down = -np.inf
    return up, down


def _ways(values: Floats, middle: float, last: float) -> float:
    """From how many times the way from the middle to the outer hundredth a value is far away.

    A heavy tail is followed outwards as a power law, by which its largest value grows with the number of rows.
    """
    tenth = float(np.quantile(values, 0.9)) - middle
    ratio = (last - middle) / tenth if tenth > 0 else 0.0
    if ratio < _HEAVY:
        return _FAR
    return max(_FAR, float(_BEYOND * (0.01 * len(values)) ** np.log10(ratio)))


def _outlying(look: Look, column: Column, low: float | None, high: float | None, rows: int) -> Finding:
    ends = " and ".join(
        said
        for said in (
            f"below {compact(low, 6)}" if low is not None else "",
            f"above {compact(high, 6)}" if high is not None else "",
        )
        if said
    )
    return Finding(
        code="outliers",
        level="watch",
        title=f"'{column.name}' has values far from all others",
        what=f"{amount(rows, 'value')} of {look.rows:,} {'lies' if rows == 1 else 'lie'} far {ends}, where all others "
        "end.",
        why="A misplaced decimal mark or a wrong unit looks like this, and a few such rows can bend a model.",
        remedy="Look at these rows. Correct them, limit them to the others' range, or keep them if they are real.",
        columns=(column.name,),
        fixes=(
            fixes.cap(column.name, low, high, missing=False),
            fixes.cap(column.name, low, high, missing=True),
        ),
    )


IMPOSSIBLE = Check(
    key="impossible",
    title="Impossible values",
    question="Does any column hold values that cannot be, such as a negative age or a day in the future?",
    area="plausible",
    findings=_impossible,
)

OUTLIERS = Check(
    key="outliers",
    title="Values far from all others",
    question="Are a few values so far away that they may be mistakes?",
    area="plausible",
    findings=_outliers,
)
