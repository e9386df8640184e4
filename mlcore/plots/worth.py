"""Worth: what answers bring in money when the model says yes sooner or later."""

from __future__ import annotations

import numpy as np
import pandas as pd

from mlcore.data.amounts import percent
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.decide import Decision
from mlcore.evaluation.intervals import quantile_t
from mlcore.evaluation.money import money
from mlcore.evaluation.worth import Drawn, worth_at_cuts
from mlcore.plots.canvas import basis, blank, finished, note, room, rule
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Every point of the line is a threshold: further left more cases are called yes, further right fewer. The height "
    "is what 1,000 cases are worth by your amounts, the band its 95 % interval. Left is calling everybody, right "
    "nobody. A flat top means that the exact threshold matters little."
)


def draw(made: Drawn, decision: Decision, costs: Costs, currency: str = "") -> Panel:
    """What 1,000 cases are worth at every threshold, with the chosen one and the ends marked."""
    frame = table(made, costs)
    chosen = decision["model"].worth.times(1000)
    cut = min(decision.cut.threshold, 1.0)
    figure = blank(x="Threshold: probability from which it says yes", y=f"Worth of 1,000 cases{_in(currency)}")
    figure.update_layout(hovermode="x unified")
    figure.add_scatter(
        x=[*frame["threshold"], *frame["threshold"][::-1]], y=[*frame["from"], *frame["to"][::-1]], fill="toself",
        mode="lines", line={"width": 0, "color": LIGHT.soft}, fillcolor=LIGHT.soft, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=frame["threshold"], y=frame["worth of 1,000"], mode="lines", line={"color": LIGHT.accent, "width": 2},
        customdata=frame["called yes"],
        hovertemplate="%{y:,.0f} for 1,000 cases, %{customdata:.1%} called yes<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[cut], y=[chosen.value], mode="markers", hoverinfo="skip",
        error_y={"type": "data", "symmetric": False, "array": [chosen.high - chosen.value],
                 "arrayminus": [chosen.value - chosen.low], "color": LIGHT.text, "thickness": 1.5, "width": 5},
        marker={"size": 10, "color": LIGHT.accent, "line": {"color": LIGHT.surface, "width": 1.5}},
    )  # fmt: skip
    rule(figure, y=0.0)
    side = "left" if cut < 0.6 else "right"
    note(
        figure, cut, chosen.high, f"<b>{money(chosen.value, currency)}</b> at {percent(cut, 1)}", color=LIGHT.text,
        xanchor=side, xshift=8 if side == "left" else -8, yshift=10, bgcolor=LIGHT.surface,
    )  # fmt: skip
    low, high = float(frame["from"].min()), float(frame["to"].max())
    figure.update_xaxes(range=[-0.01, 1.01], nticks=6, tickformat=".0%")
    figure.update_yaxes(tickformat=",.0f" if high - low > 20 else ",.2f", nticks=6)
    figure.update_layout(margin_l=room([f"{low:,.0f}", f"{high:,.0f}"], 44))
    return Panel(
        key="worth", title="What another threshold would be worth", figure=finished(figure), frame=frame,
        reading=_reading(decision, frame, currency), basis=basis(decision.n, made.cases.predictions.measured),
        help=HELP, alt="Worth of 1,000 cases against the threshold, with a 95 % band and the chosen point.",
    )  # fmt: skip


def table(made: Drawn, costs: Costs) -> pd.DataFrame:
    """Every threshold with what 1,000 cases are worth, its 95 % interval, and the share called yes."""
    worth = 1000 * worth_at_cuts(made, costs)
    hits, false, _ = made.passed
    reach = quantile_t(made.cases.units.count - 1) * worth[1:].std(axis=0, ddof=1)
    return pd.DataFrame(
        {
            "threshold": np.minimum(made.cuts, 1.0),
            "worth of 1,000": worth[0],
            "from": worth[0] - reach,
            "to": worth[0] + reach,
            "called yes": (hits + false)[0],
        }
    )


def _in(currency: str) -> str:
    return f" in {currency}" if currency else ""


def _reading(decision: Decision, frame: pd.DataFrame, currency: str) -> str:
    mine = decision["model"].worth.times(1000)
    top = frame["worth of 1,000"].max()
    near = frame[frame["worth of 1,000"] >= top - 0.05 * max(abs(top), 1e-12)]["threshold"]
    flat = near.max() - near.min() > 0.15 and near.min() <= decision.cut.threshold <= near.max()
    said = (
        f"From {percent(decision.cut.threshold, 1)} on, 1,000 cases are worth {money(mine.value, currency)} "
        f"({money(mine.low, currency)} to {money(mine.high, currency)})"
    )
    if flat:
        return f"{said}; between {percent(near.min())} and {percent(near.max())} it hardly matters."
    return f"{said}."


CHART = Chart(
    key="worth", title="What another threshold would be worth", of="decision", help=HELP, draw=draw, tasks=("binary",)
)
