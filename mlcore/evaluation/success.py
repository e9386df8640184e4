"""Whether the success that was agreed at the start is reached: yes, no, or more rows are needed to tell."""

from __future__ import annotations

from typing import Literal

from mlcore.evaluation.metrics.metric import Metric

Verdict = Literal["reached", "missed", "open"]


def verdict(low: float | None, high: float | None, success: float, metric: Metric) -> Verdict:
    """`reached` when the whole 95 % interval is on the good side, `missed` when all of it is on the other, else `open`.

    A bound that is not known (None) reaches as far as can be.
    """
    worse, better = (low, high) if metric.higher_is_better else (high, low)
    if worse is not None and metric.gain(worse, success) >= 0:
        return "reached"
    if better is not None and metric.gain(better, success) < 0:
        return "missed"
    return "open"


def sentence(found: Verdict, success: float, metric: Metric, *, known: bool = True) -> str:
    """The verdict in words; not `known`: there is no interval that it could rest on."""
    agreed = f"The agreed {metric.term} of {metric.shown(success)}"
    if found == "reached":
        return f"{agreed} is reached: the whole 95 % interval is on its good side."
    if found == "missed":
        return f"{agreed} is not reached: the whole 95 % interval falls short of it."
    if not known:
        return f"{agreed} may be reached or not: these rows are too few for an interval, and cannot tell."
    return f"{agreed} lies inside the 95 % interval: it may be reached, and these rows cannot tell."
