"""Score distribution: how far apart the two labels' scores lie."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Evaluation
from mlcore.plots.canvas import basis, blank, finished, needs, note, plain, quoted
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "How the probabilities given to rows of each label are spread, each label drawn as a share of its own rows. "
    "The less the two overlap, the better the model tells them apart."
)


def draw(evaluation: Evaluation, threshold: float | None = None) -> Panel:
    """The scores of rows with the positive label upwards, of those without downwards."""
    detail = evaluation.binary
    needs(detail, "Score distributions need a yes-or-no task")
    assert detail is not None
    cut = (evaluation.threshold or 0.5) if threshold is None else threshold
    edges = np.array(detail.scores.edges)
    middle, width = (edges[:-1] + edges[1:]) / 2, np.diff(edges) * 0.92
    shares = [np.array(counts) / max(sum(counts), 1) for counts in detail.scores.counts]
    figure = blank(x=f"Probability given to {quoted(plain(detail.positive))}", y="Share of the label's rows")
    colors = (LIGHT.categories[7], LIGHT.accent)
    for sign, share, counts, label, color in zip((-1, 1), shares, detail.scores.counts, detail.scores.labels, colors,
                                                 strict=True):  # fmt: skip
        figure.add_bar(
            x=middle, y=sign * share, width=width, marker={"color": color, "line": {"width": 0}},
            customdata=np.column_stack([edges[:-1], edges[1:], counts]),
            hovertemplate=f"{plain(label)}: %{{customdata[2]:,.0f}} rows<br>%{{customdata[0]:.2f}} to "
            "%{customdata[1]:.2f}<extra></extra>",
        )  # fmt: skip
    top = max(0.01, *(float(share.max()) for share in shares))
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(tickformat=".2f", nticks=7)
    figure.update_yaxes(range=[-1.15 * top, 1.15 * top], **_ticks(top))
    figure.add_hline(y=0, line={"color": LIGHT.border, "width": 1})
    if edges[0] <= cut <= edges[-1]:
        figure.add_vline(x=cut, line={"color": LIGHT.text, "width": 1, "dash": "dot"})
        note(figure, cut, -1.12 * top, f"threshold {cut:.2f}", xshift=5, yanchor="bottom")
    for sign, label, color in zip((-1, 1), detail.scores.labels, (LIGHT.muted, LIGHT.accent), strict=True):
        note(figure, 1, sign * 1.05 * top, f"<b>{plain(label)}</b>", color=color, xref="paper", xanchor="right")
    at = detail.at(cut)
    return Panel(
        key="score_distribution", title="How far apart the scores lie", figure=finished(figure),
        reading=f"{percent(at.recall)} of the {quoted(detail.positive)} rows and {percent(1 - at.specificity)} of the "
        f"{quoted(detail.negative)} rows score {at.threshold:.2f} or more.",
        frame=pd.DataFrame({"from": edges[:-1], "to": edges[1:],
                            **{f"rows {label}": np.round(counts).astype(int) for label, counts
                               in zip(detail.scores.labels, detail.scores.counts, strict=True)}}),
        basis=basis(evaluation.n, evaluation.measured), help=HELP,
        alt="Two histograms of the score, one for each label, back to back.",
    )  # fmt: skip


def _ticks(top: float) -> dict[str, list[object]]:
    """Tick marks whose words have no sign: downwards is a direction here, not a negative share."""
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if top / step <= 2.5), 0.5)
    values = [round(place * step, 4) for place in range(-3, 4) if abs(place * step) <= top * 1.1]
    return {"tickvals": list(values), "ticktext": [percent(abs(value)) for value in values]}


CHART = Chart(
    key="score_distribution",
    title="How far apart the scores lie",
    of="evaluation",
    help=HELP,
    draw=draw,
    tasks=("binary",),
)
