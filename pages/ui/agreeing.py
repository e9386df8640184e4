"""The goal page's agreement: from which score on it is good enough, who asked, and what it is for."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.learning.goal import Goal
from pages.ui import cache, show


def agreement(table: cache.TableCard, made: Goal, stored: Goal | None) -> Goal:
    """The goal with what was agreed about it."""
    metric = METRICS[made.metric]
    with st.expander("Agreement"):
        left, right = st.columns(2)
        with left:
            success = _good_enough(metric, stored.success if stored else None, f"success_{table.id}_{made.metric}")
        owner = right.text_input("Asked for by", value=stored.owner if stored else "", key=f"owner_{table.id}")
        purpose = _use(
            "What the predictions are for", "intended", stored.purpose if stored else "", f"purpose_{table.id}"
        )
        not_for = _use(
            "What they must not be used for", "out-of-scope", stored.not_for if stored else "", f"not_for_{table.id}",
            "For example: to decide about a person without another look",
        )  # fmt: skip
    agreed = {"owner": owner.strip(), "purpose": purpose.strip(), "not_for": not_for.strip()}
    return replace(made, success=success, **agreed)


def _use(label: str, term: str, known: str, key: str, example: str | None = None) -> str:
    help = f"Stands in the model card — *{term} use*."
    return str(st.text_area(label, value=known, key=key, height=80, placeholder=example, help=help))


def _good_enough(metric: Metric, known: float | None, key: str) -> float | None:
    """The score that was agreed to be enough; None when none was, or when no score can be that."""
    unit = 100.0 if metric.unit == "share" else 1.0
    asked = st.number_input(
        f"Good enough from {metric.term} of{', in %' if unit > 1 else ''}",
        value=None if known is None else round(unit * known, 10),
        placeholder="Not agreed",
        key=key,
        format="%.6g",
        step=None,
        help=f"{metric.direction.capitalize()}. Compare says whether it is reached, is not, or cannot be told yet.",
    )
    if asked is None:
        return None
    success = asked / unit
    low, high = (-math.inf if metric.low is None else metric.low), (math.inf if metric.high is None else metric.high)
    if low <= success <= high:
        return success
    ends = [f"from {metric.shown(metric.low)}"] if metric.low is not None else []
    ends += [f"to {metric.shown(metric.high)}"] if metric.high is not None else []
    show.failure(f"{metric.term} goes {' '.join(ends)}: {metric.shown(success)} cannot be agreed.", "Put in another.")
    return None
