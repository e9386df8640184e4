"""Patterns: groups of rows that get their predictions for the same reasons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.patterns import Patterns
from mlcore.explanation.patterns import patterns as grouped
from mlcore.plots.canvas import blank, distinct, finished, needs, plain, quoted, room
from mlcore.plots.contributions import HELP as CAUSES
from mlcore.plots.contributions import Contributions, basis, contributions, target_words
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT, SMALL

MOST = 8
HELP = (
    "Rows are put together when the same columns move them the same way (k-means on their contributions). Each line "
    "is a group, its colours the mean contribution of each column: orange raises, blue lowers. " + CAUSES
)


def draw(explanation: Explanation, *, output: str | None = None, most: int = MOST) -> Panel:
    """The groups that form themselves, the largest first."""
    made = contributions(explanation, output)
    found = grouped(explanation, explanation.outputs.index(made.name))
    needs(found is not None, "The rows do not fall into groups: their reasons change little by little")
    assert found is not None
    centres = found.centres * (1.0 if explanation.task == "regression" else 100.0)
    sizes = np.bincount(found.group, minlength=len(centres))
    means = np.array([made.output[found.group == one].mean() for one in range(len(centres))])
    top = [int(place) for place in np.argsort(-np.abs(centres).max(axis=0), kind="stable")[:most]]
    columns = distinct([made.columns[place] for place in top], 22)
    groups = [f"Group {one + 1}" for one in range(len(centres))]
    figure = blank(grid="", height=max(260, 90 + 34 * len(top)), left=room(columns))
    high = max(float(np.abs(centres[:, top]).max()), 1e-12)
    figure.add_heatmap(
        x=groups, y=columns, z=centres[:, top].T, zmin=-high, zmax=high, xgap=1, ygap=1, showscale=False,
        colorscale=[[0.0, LIGHT.lowers], [0.5, LIGHT.surface], [1.0, LIGHT.raises]],
        hovertemplate="%{x}, %{y}: %{z:+,.3~g}" + made.unit + "<extra></extra>",
    )  # fmt: skip
    for one, group in enumerate(groups):
        for place, column in zip(top, columns, strict=True):
            color = LIGHT.surface if abs(centres[one, place]) > 0.6 * high else LIGHT.text
            figure.add_annotation(
                x=group, y=column, text=made.shown(float(centres[one, place])).removesuffix(made.unit),
                showarrow=False, font={"size": SMALL, "color": color},
            )  # fmt: skip
    figure.update_xaxes(type="category", side="bottom")
    figure.update_yaxes(type="category", autorange="reversed", dtick=1)
    frame = pd.DataFrame(centres, columns=list(made.columns))
    frame.insert(0, "group", groups)
    frame.insert(1, "rows", sizes)
    frame.insert(2, "mean output", means)
    return Panel(
        key="patterns", title="Rows that get their predictions for the same reasons", figure=finished(figure),
        frame=frame, reading=_reading(explanation, made, found, centres, sizes, means),
        basis=f"{basis(explanation)}; how far the groups are apart (silhouette): {found.apart:.2f} of 1", help=HELP,
        alt=f"Shaded matrix of {len(groups)} groups and {len(top)} columns, led by {plain(made.columns[top[0]])}.",
    )  # fmt: skip


def _reading(
    explanation: Explanation, made: Contributions, found: Patterns, centres: np.ndarray, sizes: np.ndarray,
    means: np.ndarray,
) -> str:  # fmt: skip
    one = int(means.argmax())
    column = int(np.abs(centres[one]).argmax())
    verb = "raises" if centres[one, column] > 0 else "lowers"
    return (
        f"The rows fall into {len(centres)} groups. In group {one + 1} ({percent(sizes[one] / len(found.group))} of "
        f"the rows) {target_words(explanation, made)} is highest, {made.total(float(means[one]))} on average; there "
        f"{quoted(made.columns[column])} {verb} it most."
    )


CHART = Chart(
    key="patterns", title="Rows that get their predictions for the same reasons", of="explanation", help=HELP, draw=draw
)
