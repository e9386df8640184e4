"""Break-even: for how many yes cases among all the decision pays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.decide import Decision, rates
from mlcore.evaluation.intervals import quantile_t
from mlcore.evaluation.money import money
from mlcore.evaluation.worth import Drawn
from mlcore.plots.canvas import basis, blank, finished, needs, note, room, rule, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Were yes cases rarer or commoner than in your table, the decision rule would be worth another amount. The line is "
    "what 1,000 cases bring beyond calling nobody, the dashed one the same for calling everybody. The rule pays "
    "between the two crossings. It is assumed that the model finds the same share of yes cases."
)
POINTS = 101


def draw(made: Drawn, decision: Decision, costs: Costs, currency: str = "") -> Panel:
    """What the decision brings beyond doing nothing, by the share of yes cases."""
    needs(decision.even.prevalence, "The rule calls nobody or everybody, so there is no break-even")
    frame = table(made, decision, costs)
    figure = blank(x="Share of yes cases among all", y=f"Gain of 1,000 cases over calling nobody{_in(currency)}")
    figure.update_layout(hovermode="x unified")
    share = frame["yes cases"]
    figure.add_scatter(
        x=[*share, *share[::-1]], y=[*frame["from"], *frame["to"][::-1]], fill="toself", mode="lines",
        line={"width": 0, "color": LIGHT.soft}, fillcolor=LIGHT.soft, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=share, y=frame["this rule"], mode="lines", name="this rule", line={"color": LIGHT.accent, "width": 2},
        hovertemplate="this rule %{y:,.0f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=share, y=frame["calling everybody"], mode="lines", name="calling everybody",
        line={"color": LIGHT.muted, "width": 1.5, "dash": "dash"},
        hovertemplate="calling everybody %{y:,.0f}<extra></extra>",
    )  # fmt: skip
    rule(figure, y=0.0)
    rule(figure, x=decision.prevalence, color=LIGHT.text)
    note(figure, decision.prevalence, 1, f"now {percent(decision.prevalence, 1)}", yref="paper", color=LIGHT.text,
         yanchor="top", xshift=6, bgcolor=LIGHT.surface)  # fmt: skip
    end = float(share.iloc[-1])
    for place, (name, color) in enumerate((("━ this rule", LIGHT.accent), ("╌ calling everybody", LIGHT.muted))):
        note(figure, 0, 1, name, color=color, xref="paper", yref="paper", yanchor="top", xshift=4, yshift=-16 * place,
             bgcolor=LIGHT.surface)  # fmt: skip
    figure.update_xaxes(range=[0, end], **share_ticks(end))
    figure.update_yaxes(tickformat=",.0f", nticks=6)
    ends = [f"{value:,.0f}" for value in (frame["calling everybody"].min(), frame["calling everybody"].max())]
    figure.update_layout(margin_l=room(ends))
    return Panel(
        key="break_even", title="From how many yes cases on it pays", figure=finished(figure), frame=frame,
        reading=_reading(decision, currency), basis=basis(decision.n, made.cases.predictions.measured), help=HELP,
        alt="Gain over calling nobody against the share of yes cases, for this rule and for calling everybody.",
    )  # fmt: skip


def table(made: Drawn, decision: Decision, costs: Costs) -> pd.DataFrame:
    """Shares of yes cases, with what 1,000 cases gain over calling nobody by this rule, and by calling everybody."""
    hits, false = rates(made, made.score >= decision.cut.threshold)
    bounds = [one.value for one in (decision.even.prevalence, decision.even.upper) if one is not None]
    share = np.linspace(0.0, min(1.0, max(2 * decision.prevalence, 1.3 * max(bounds))), POINTS)
    gain, loss = costs.tp - costs.fn, costs.tn - costs.fp
    worth = 1000 * (share * hits[:, None] * gain - (1 - share) * false[:, None] * loss)
    reach = quantile_t(made.cases.units.count - 1) * worth[1:].std(axis=0, ddof=1)
    return pd.DataFrame(
        {
            "yes cases": share,
            "this rule": worth[0],
            "from": worth[0] - reach,
            "to": worth[0] + reach,
            "calling everybody": 1000 * (share * gain - (1 - share) * loss),
        }
    )


def _in(currency: str) -> str:
    return f" in {currency}" if currency else ""


def _reading(decision: Decision, currency: str) -> str:
    even = decision.even
    assert even.prevalence is not None
    said = f"The rule pays as soon as {percent(even.prevalence.value, 1)} of cases are yes"
    if even.upper is not None and even.upper.value < 1.0:
        said += f", and beats calling everybody up to {percent(even.upper.value, 1)}"
    said += f" (now {percent(decision.prevalence, 1)})"
    if even.false_yes is not None and even.false_yes.value < 0:
        said += f"; with the share of today a false yes may cost up to {money(-even.false_yes.value, currency)}"
    return f"{said}."


CHART = Chart(
    key="break_even", title="From how many yes cases on it pays", of="decision", help=HELP, draw=draw, tasks=("binary",)
)
