"""Precision against recall of several models in one chart."""

from __future__ import annotations

import numpy as np

from mlcore.data.amounts import percent
from mlcore.evaluation.evaluation import Curve
from mlcore.plots.canvas import basis, blank, finished, note, plain, quoted, rule
from mlcore.plots.overlay import Named, against_rest, overlaid, ranked
from mlcore.plots.panel import Chart, Panel

HELP = (
    "Each curve is a model; each point of it a threshold. Right: more of the positives are found (recall). Up: more of "
    "those called positive truly are (precision). The dotted line is what picking at random gives."
)
WORDS = ("right %{y:.0%} of the time, finds %{x:.0%}", "positives found", "right when it says so")


def draw(named: Named, label: str | None = None) -> Panel:
    """The precision–recall curves of these models of one task; of several labels for one against the rest."""
    told = against_rest(named, label)
    share = told[0].share
    figure = blank(x=f"Share of {quoted(plain(told[0].yes))} found (recall)", y="How often a yes is right (precision)")
    frame = overlaid(figure, named, [one.pr for one in told], WORDS, shape="hv")
    rule(figure, y=share)
    note(figure, 0.01, share, f"at random {percent(share)}", yshift=9)
    if named[0][1].binary:
        said = ", ".join(f"{quoted(title)} {area:.3f}" for title, area in ranked(named, "average_precision"))
        reading = f"Mean precision over all shares found (average precision, {percent(share)} at random): {said}."
    else:
        halves = sorted(((_half(one.pr), title) for one, (title, _) in zip(told, named, strict=True)), reverse=True)
        said = ", ".join(f"{quoted(title)} {percent(value)}" for value, title in halves)
        reading = (
            f"When half of the {quoted(told[0].yes)} rows are found, so many called so are right ({percent(share)} at "
            f"random): {said}."
        )
    return Panel(
        key="precision_recall_beside", title="How often their yes is right", figure=finished(figure), frame=frame,
        reading=reading, basis=basis(named[0][1].n, named[0][1].measured), help=HELP,
        alt=f"Precision against recall of {len(named)} models.",
    )  # fmt: skip


def _half(curve: Curve) -> float:
    """The precision where half of the positives are found."""
    found = np.array(curve.x)
    return float(curve.y[int(np.searchsorted(found, 0.5).clip(0, len(found) - 1))])


CHART = Chart(
    key="precision_recall_beside", title="How often their yes is right", of="evaluations", help=HELP, draw=draw,
    tasks=("binary", "multiclass"),
)  # fmt: skip
