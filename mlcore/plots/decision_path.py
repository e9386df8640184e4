"""Decision path: how the outputs of several rows come about, column after column, on the same way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore.errors import UserError
from mlcore.explanation.explanation import Explanation
from mlcore.plots.canvas import blank, distinct, finished, plain, quoted, room
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import basis, contributions, row_numbers, target_words
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 12
LINES = 40
HELP = (
    "Every line is one row. All start below at the average output; going up, the columns add their contributions one "
    "after the other, the most important last, and at the top each line has reached what the model says. Lines that "
    "bend at the same column are decided by it. " + CAUSES
)


def draw(
    explanation: Explanation, rows: Sequence[int] | None = None, *, output: str | None = None, most: int = MOST
) -> Panel:
    """The cumulative sums of the explained rows at these positions; by default of rows spread over all outputs."""
    made = contributions(explanation, output)
    chosen = _spread(made.output) if rows is None else list(rows)
    if not chosen or not all(0 <= row < len(made.values) for row in chosen):
        raise UserError("There is no such explained row", remedy=f"Choose 0 to {len(made.values) - 1}.")
    top = list(made.order[:most])
    rest = list(made.order[most:])
    steps = made.values[chosen][:, top[::-1]]
    names = [made.columns[place] for place in top[::-1]]
    if rest:
        steps = np.column_stack((made.values[chosen][:, rest].sum(axis=1), steps))
        names.insert(0, f"{len(rest)} other columns")
    path = made.base + np.column_stack((np.zeros(len(chosen)), np.cumsum(steps, axis=1)))
    labels = ["start: average", *distinct(names, 22)]
    unit = ", %" if made.unit else ""
    figure = blank(x=f"{plain(target_words(explanation, made), 40)}{unit}", grid="x",
                   height=max(320, 84 + 30 * len(labels)), left=room(labels))  # fmt: skip
    figure.add_vline(x=made.base, line={"color": LIGHT.quiet, "width": 1, "dash": "dot"})
    single, numbers = len(chosen) == 1, row_numbers(explanation)
    for line, row in zip(path, chosen, strict=True):
        up = line[-1] >= made.base
        figure.add_scatter(
            x=line, y=labels, mode="lines+markers" if single else "lines",
            line={"color": LIGHT.raises if up else LIGHT.lowers, "width": 2 if single else 1.2},
            marker={"size": 5}, opacity=1.0 if single else 0.6,
            hovertemplate=f"{_named(numbers[row])}<br>after %{{y}}: %{{x:,.4~g}}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(type="category", categoryorder="array", categoryarray=labels)
    figure.update_xaxes(nticks=5)
    frame = pd.DataFrame(path, columns=labels)
    frame.insert(0, "row", numbers[chosen])
    spread = np.abs(steps).mean(axis=0)
    most_of_all = names[int(np.argmax(spread))]
    of = "its" if single else "the"
    return Panel(
        key="decision_path", title="How outputs come about, step by step", figure=finished(figure), frame=frame,
        reading=f"From the average of {made.total(made.base)}, {quoted(most_of_all)} bends {of} "
        f"{'line' if single else 'lines'} most, by {made.shown(float(spread.max()), signed=False)}"
        f"{'' if single else ' on average'}.",
        basis=basis(explanation) + ("" if len(chosen) == len(made.values) else f"; {len(chosen):,} drawn"), help=HELP,
        alt=f"Lines of {len(chosen)} rows from the average to their outputs.",
    )  # fmt: skip


def _named(number: Any) -> str:
    return "an appended row" if number is pd.NA else f"row {int(number):,}"


def _spread(output: np.ndarray) -> list[int]:
    """Rows evenly spaced in the order of their outputs."""
    order = np.argsort(output, kind="stable")
    count = min(LINES, len(order))
    return [int(row) for row in order[((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)]]


CHART = Chart(key="decision_path", title="How outputs come about, step by step", of="explanation", help=HELP, draw=draw)
