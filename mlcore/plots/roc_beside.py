"""ROC curves of several models in one chart."""

from __future__ import annotations

import pandas as pd

from mlcore.plots.canvas import basis, blank, finished, needs, plain, quoted, share_ticks
from mlcore.plots.overlay import Named, key, line, looks, ranked
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Each curve is a model; each point of it a threshold. Up: more of the positives are found. Right: more of the "
    "negatives are called positive by mistake. The higher curve is better there; where curves cross, it depends on how "
    "many you want to find. The dotted diagonal is chance."
)


def draw(named: Named) -> Panel:
    """The ROC curves of these models of one binary task."""
    models = looks([title for title, _ in named])
    curves = [made.binary.roc if made.binary else None for _, made in named]
    needs(all(curves), "ROC curves need rows of both labels")
    detail = named[0][1].binary
    assert detail is not None
    yes = quoted(plain(detail.positive))
    figure = blank(x=f"Share of {quoted(plain(detail.negative))} called {yes} by mistake", y=f"Share of {yes} found")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    frames = []
    for model, curve, (title, _) in zip(models, curves, named, strict=True):
        assert curve is not None
        line(figure, model, curve.x, curve.y, "finds %{y:.0%}, mistaken %{x:.0%}", shape="linear")
        frames.append(pd.DataFrame({"model": title, "called positive by mistake": curve.x, "positives found": curve.y}))
    figure.update_xaxes(range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(range=[-0.01, 1.03], **share_ticks(most=5))
    key(figure, models)
    areas = ranked(named, "roc_auc")
    told = ", ".join(f"{quoted(title)} {area:.3f}" for title, area in areas)
    return Panel(
        key="roc_beside", title="How well they sort", figure=finished(figure), frame=pd.concat(frames),
        reading=f"Area under the curve (ROC AUC, 1 is perfect, 0.5 is chance): {told}.",
        basis=basis(named[0][1].n, named[0][1].measured), help=HELP,
        alt=f"ROC curves of {len(named)} models above the diagonal of chance.",
    )  # fmt: skip


CHART = Chart(key="roc_beside", title="How well they sort", of="evaluations", help=HELP, draw=draw, tasks=("binary",))
