"""ROC curves of several models in one chart."""

from __future__ import annotations

from mlcore.plots.canvas import basis, blank, finished, plain, quoted
from mlcore.plots.overlay import Named, against_rest, overlaid
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Each curve is a model; each point of it a threshold. Up: more of the positives are found. Right: more of the "
    "negatives are called positive by mistake. The higher curve is better there; where curves cross, it depends on how "
    "many you want to find. The dotted diagonal is chance."
)
WORDS = ("finds %{y:.0%}, mistaken %{x:.0%}", "called positive by mistake", "positives found")


def draw(named: Named, label: str | None = None) -> Panel:
    """The ROC curves of these models of one task; of several labels for one against the rest."""
    told = against_rest(named, label)
    yes, no = quoted(plain(told[0].yes)), told[0].no
    no = quoted(plain(no)) if named[0][1].binary else no
    figure = blank(x=f"Share of {no} called {yes} by mistake", y=f"Share of {yes} found")
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"color": LIGHT.quiet, "width": 1, "dash": "dot"}, hoverinfo="skip"
    )
    frame = overlaid(figure, named, [one.roc for one in told], WORDS, shape="linear")
    areas = sorted(((one.roc_auc, title) for one, (title, _) in zip(told, named, strict=True)), reverse=True)
    said = ", ".join(f"{quoted(title)} {area:.3f}" for area, title in areas)
    of = "" if named[0][1].binary else f" of {quoted(told[0].yes)} against the rest"
    return Panel(
        key="roc_beside", title="How well they sort", figure=finished(figure), frame=frame,
        reading=f"Area under the curve{of} (ROC AUC, 1 is perfect, 0.5 is chance): {said}.",
        basis=basis(named[0][1].n, named[0][1].measured), help=HELP,
        alt=f"ROC curves of {len(named)} models above the diagonal of chance.",
    )  # fmt: skip


CHART = Chart(
    key="roc_beside", title="How well they sort", of="evaluations", help=HELP, draw=draw,
    tasks=("binary", "multiclass"),
)  # fmt: skip
