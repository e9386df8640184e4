"""Interplay: which columns work together, so that the contribution of one depends on the value of the other."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.explanation.explanation import Explanation
from mlcore.explanation.interplay import FEWEST
from mlcore.explanation.interplay import interplay as together
from mlcore.plots.canvas import blank, distinct, finished, needs, plain, quoted, room
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import basis, contributions
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT, SMALL

MOST = 6  # as many as a phone has room for
HELP = (
    "The darker, the more the contribution of one column depends on the value of the other: the spread of "
    "contributions among rows with about the same value that goes with the other column, in both directions together, "
    "corrected for chance (interaction). " + CAUSES
)


def draw(explanation: Explanation, *, output: str | None = None, most: int = MOST) -> Panel:
    """The leading columns with each other."""
    made = contributions(explanation, output)
    needs(len(made.columns) > 1, "There is only one column")
    needs(len(explanation.rows) >= FEWEST, f"Fewer than {FEWEST} rows were explained: too few to tell")
    top = made.order[:most]
    scale = 1.0 if explanation.task == "regression" else 100.0
    one_way = together(explanation, explanation.outputs.index(made.name), tuple(top)) * scale
    both = np.sqrt((one_way**2 + one_way.T**2) / 2)
    names = distinct([made.columns[place] for place in top], 18)
    figure = blank(grid="", height=max(260, 120 + 34 * len(names)), left=room(names))
    high = max(float(both.max()), 1e-12)
    heat = [[float(both[i, j]) if j < i else None for j in range(len(top) - 1)] for i in range(1, len(top))]
    figure.add_heatmap(
        x=names[:-1], y=names[1:], z=heat, zmin=0, zmax=high, xgap=1, ygap=1, showscale=False, hoverongaps=False,
        colorscale=[[place / 9, color] for place, color in enumerate(LIGHT.sequence)],
        hovertemplate="%{y} and %{x}: %{z:,.3~g}" + made.unit + "<extra></extra>",
    )  # fmt: skip
    for i, name in enumerate(names):
        for j in range(i):
            color = LIGHT.surface if both[i, j] > 0.72 * high else LIGHT.text
            figure.add_annotation(
                x=names[j], y=name, text=made.shown(float(both[i, j]), signed=False).removesuffix(made.unit),
                showarrow=False, font={"size": SMALL, "color": color},
            )  # fmt: skip
    figure.update_xaxes(type="category", tickangle=-35, dtick=1, showline=False)
    figure.update_layout(margin_b=30 + round(4.2 * max(map(len, names))))
    figure.update_yaxes(type="category", autorange="reversed", dtick=1)
    pairs = sorted(
        ((made.columns[top[i]], made.columns[top[j]], float(both[i, j])) for i in range(len(top)) for j in range(i)),
        key=lambda pair: -pair[2],
    )
    unit = "points" if made.unit else "strength"
    return Panel(
        key="interplay", title="Which columns work together", figure=finished(figure),
        reading=_reading(pairs, made.shown(pairs[0][2], signed=False), explanation),
        frame=pd.DataFrame(pairs, columns=["column", "with", unit]), basis=basis(explanation), help=HELP,
        alt=f"Shaded matrix of {len(names)} columns; strongest: {plain(pairs[0][0])} with {plain(pairs[0][1])}.",
    )  # fmt: skip


def _reading(pairs: list[tuple[str, str, float]], strength: str, explanation: Explanation) -> str:
    one, other, value = pairs[0]
    typical = float(np.abs(explanation.values).mean(axis=(0, 2)).max())
    scale = 1.0 if explanation.task == "regression" else 100.0
    if value <= 0.02 * typical * scale:
        return "No two of these columns work together to speak of: each adds its own share."
    return (
        f"{quoted(one)} and {quoted(other)} work together most: at the same value of one, its contribution differs by "
        f"about {strength} with the other."
    )


CHART = Chart(key="interplay", title="Which columns work together", of="explanation", help=HELP, draw=draw)
