"""The weakest columns: what each one alone can cost when it is missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from mlcore.evaluation.metrics import METRICS, Metric
from mlcore.learning.stress import Stress, Weakness
from mlcore.learning.stress_told import columns_said
from mlcore.plots.canvas import basis, finished, needs
from mlcore.plots.forest import Mark, forest
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 12
HELP = (
    "One column at a time fails in every row: it is missing, or it is wrong (noise as large as its own spread, or a "
    "category never seen). A dot is the score lost by the worse of the two, the line its 95 % interval, on the same "
    "rows as the untouched input: right of 0 is worse."
)


def draw(stress: Stress, titles: Mapping[str, str] | None = None) -> Panel:
    """The columns whose trouble costs most, the weakest on top."""
    needs(stress.columns, "No column was tried alone")
    metric = METRICS[stress.metric]
    ordered = sorted(stress.columns, key=lambda one: -one.worst.lost)
    cost = "lost" if metric.higher_is_better else "added"
    figure = forest(
        [_mark(one, metric, titles) for one in ordered[:MOST]], x=f"{metric.term[:1].upper()}{metric.term[1:]} {cost}",
        whole=0.0, whole_word="untouched",
    )  # fmt: skip
    more = f"; the weakest {MOST} of {len(ordered)} columns" if len(ordered) > MOST else ""
    return Panel(
        key="stress_columns", title="Which column is the weakest point", figure=finished(figure),
        reading=columns_said(stress, titles), frame=_frame(ordered, metric, titles),
        basis=f"{basis(stress.of, stress.measured, shown=stress.n)}; 95 % intervals{more}", help=HELP,
        alt=f"Dots with intervals for {len(ordered[:MOST])} columns.",
    )  # fmt: skip


def _mark(one: Weakness, metric: Metric, titles: Mapping[str, str] | None) -> Mark:
    worst = one.worst
    how = "missing" if worst is one.missing else "wrong"
    return Mark(
        name=(titles or {}).get(one.column, one.column), value=worst.lost, low=worst.low, high=worst.high,
        said=f"{metric.shown(worst.score)} when it is {how} everywhere", aside=how,
        color=LIGHT.act if worst.low > 0 else LIGHT.quiet,
    )  # fmt: skip


def _frame(ordered: list[Weakness], metric: Metric, titles: Mapping[str, str] | None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "column": (titles or {}).get(one.column, one.column), f"{metric.term} when missing": one.missing.score,
            "lost": one.missing.lost, "from": one.missing.low, "to": one.missing.high,
            f"{metric.term} when wrong": None if one.wrong is None else one.wrong.score,
            "lost when wrong": None if one.wrong is None else one.wrong.lost,
            "from (wrong)": None if one.wrong is None else one.wrong.low,
            "to (wrong)": None if one.wrong is None else one.wrong.high,
        }
        for one in ordered
    )  # fmt: skip


CHART = Chart(key="stress_columns", title="Which column is the weakest point", of="stress", help=HELP, draw=draw)
