"""Precision against recall of several models in one chart."""

from __future__ import annotations

import pandas as pd

from mlcore.plots.canvas import basis, blank, finished, needs, note, percent, plain, quoted, rule, share_ticks
from mlcore.plots.overlay import Named, key, line, looks, ranked
from mlcore.plots.panel import Chart, Panel

HELP = (
    "Each curve is a model; each point of it a threshold. Right: more of the positives are found (recall). Up: more of "
    "those called positive truly are (precision). The dotted line is what picking at random gives."
)


def draw(named: Named) -> Panel:
    """The precision–recall curves of these models of one binary task."""
    models = looks([title for title, _ in named])
    curves = [made.binary.pr if made.binary else None for _, made in named]
    needs(all(curves), "Precision–recall curves need rows of both labels")
    detail = named[0][1].binary
    assert detail is not None
    figure = blank(
        x=f"Share of {quoted(plain(detail.positive))} found (recall)", y="How often a yes is right (precision)"
    )
    frames = []
    for model, curve, (title, _) in zip(models, curves, named, strict=True):
        assert curve is not None
        line(figure, model, curve.x, curve.y, "right %{y:.0%} of the time, finds %{x:.0%}", shape="hv")
        frames.append(pd.DataFrame({"model": title, "positives found": curve.x, "right when it says so": curve.y}))
    rule(figure, y=detail.prevalence)
    note(figure, 0.01, detail.prevalence, f"at random {percent(detail.prevalence)}", yshift=9)
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.06], **share_ticks(most=5))
    key(figure, models)
    areas = ranked(named, "average_precision")
    told = ", ".join(f"{quoted(title)} {area:.3f}" for title, area in areas)
    return Panel(
        key="precision_recall_beside", title="How often their yes is right", figure=finished(figure),
        frame=pd.concat(frames),
        reading=f"Mean precision over all shares found (average precision, {percent(detail.prevalence)} at random): "
        f"{told}.",
        basis=basis(named[0][1].n, named[0][1].measured), help=HELP,
        alt=f"Precision against recall of {len(named)} models.",
    )  # fmt: skip


CHART = Chart(
    key="precision_recall_beside", title="How often their yes is right", of="evaluations", help=HELP, draw=draw,
    tasks=("binary",),
)  # fmt: skip
