"""Stress in words: how fast the score goes down, and which column is the weakest point."""

from __future__ import annotations

from collections.abc import Mapping

from mlcore.data.amounts import amount
from mlcore.evaluation.metrics import METRICS
from mlcore.learning.stress import Curve, Kind, Stress

NAMES: Mapping[Kind, str] = {
    "noise": "noise on numbers",
    "missing": "missing values",
    "shifted": "shifted values",
    "unseen": "categories never seen",
}
SHORT: Mapping[Kind, str] = {"noise": "noise", "missing": "missing", "shifted": "shifted", "unseen": "never seen"}
"""Beside a line of a chart, where little room is."""

_AT: Mapping[Kind, str] = {
    "noise": "with noise of {share} of each number's spread",
    "missing": "with {share} of the cells empty",
    "shifted": "with all numbers and dates shifted by {share} of their spread",
    "unseen": "with {share} of the categories replaced by one never seen",
}


def sentences(made: Stress, titles: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The kind of trouble that costs most, the weakest column, and what it was measured on."""
    return tuple(one for one in (curves_said(made), columns_said(made, titles), basis_said(made)) if one)


def curves_said(made: Stress) -> str:
    """What costs most at its greatest strength."""
    worst = max(made.curves, key=lambda one: one.points[-1].lost, default=None)
    if worst is None:
        return "No column of this model can have any of the troubles that are tried."
    metric, last = METRICS[made.metric], worst.points[-1]
    where = _AT[worst.kind].format(share=f"{100 * last.strength:.0f} %")
    if last.low <= 0:
        return (
            f"Nothing tried is shown to make it worse: {metric.term} {metric.shown(made.score)} on untouched rows, "
            f"{metric.shown(last.score)} {where}."
        )
    return (
        f"It suffers most from {NAMES[worst.kind]}: {metric.term} goes from {metric.shown(made.score)} to "
        f"{metric.shown(last.score)} {where}.{_first(made, worst)}"
    )


def columns_said(made: Stress, titles: Mapping[str, str] | None = None) -> str:
    """The weakest point among the columns."""
    weakest = made.weakest
    if weakest is None:
        return ""
    metric, worst = METRICS[made.metric], weakest.worst
    name = (titles or {}).get(weakest.column, weakest.column)
    if worst.low <= 0:
        return "No single column alone is shown to make it worse when it fails."
    how = "missing everywhere" if worst is weakest.missing else "wrong everywhere"
    return (
        f"The weakest point is “{name}”: {how}, it takes {metric.term} from {metric.shown(made.score)} to "
        f"{metric.shown(worst.score)}."
    )


def basis_said(made: Stress) -> str:
    """On which rows, and with which model."""
    sample = f"{made.n:,} rows" if made.n == made.of else f"a random sample of {made.n:,} of {made.of:,} rows"
    which = (
        "of one fold, with the model fitted again without them" if made.refitted
        else "of the opened hold-out, with the final model"
    )  # fmt: skip
    short = "" if made.progress >= 1 else f" It was stopped after {100 * made.progress:.0f} % of what there is to try."
    left = f" There was no time for {amount(made.left_out, 'kind')} of trouble." if made.left_out else ""
    if made.skipped:
        left += f" {amount(made.skipped, 'other column')} changed less on the few rows that all were tried on."
    return f"Measured on {sample} {which}, in {made.seconds:.0f} s.{short}{left}"


def _first(made: Stress, curve: Curve) -> str:
    """From which strength on the loss is more than chance."""
    harmful = next((point for point in curve.points if point.low > 0), None)
    if harmful is None or harmful is curve.points[-1]:
        return ""
    metric = METRICS[made.metric]
    return f" Already at {100 * harmful.strength:.0f} % it is {metric.shown(harmful.score)}."
