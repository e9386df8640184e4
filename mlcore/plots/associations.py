"""Associations: which columns go with each other, as a matrix of shades."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from mlcore.data.associations import Associations
from mlcore.data.dictionary import titles
from mlcore.data.profile import Profile
from mlcore.data.schema import Schema
from mlcore.evaluation.predictions import Floats
from mlcore.plots.canvas import blank, distinct, finished, needs, quoted, room
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT, SMALL

PAIRS = 200
WRITTEN = 9
HELP = (
    "The darker, the more two columns go together: 0 is not at all, 1 is that one tells the other. Two columns of "
    "numbers: Spearman's rank correlation, negative when one falls as the other rises. Two of categories: Cramér's V, "
    "corrected for bias. One of each: the correlation ratio. Columns that go together stand side by side."
)


def draw(profile: Profile, schema: Schema | None = None) -> Panel:
    """The matrix of associations. `schema` gives the columns their titles."""
    found = profile.associations
    needs(found, "There are not two columns that could be compared")
    assert found is not None
    values = np.array([[np.nan if v is None else v for v in line] for line in found.values], dtype=np.float64)
    shown = titles(schema, found.names)
    pairs = _pairs(found, values)
    chosen = (
        f"; the {len(found.names)} columns with the strongest of {found.of:,}" if found.of > len(found.names) else ""
    )
    sample = f", a random sample of {profile.rows:,}" if found.rows < profile.rows else ""
    return Panel(
        key="associations", title="Which columns go together", figure=_figure(found, values, shown),
        reading=_reading(pairs, shown),
        frame=pd.DataFrame([{"column": shown[one], "with": shown[other], "measure": how, "value": value}
                            for one, other, how, value in pairs[:PAIRS]],
                           columns=["column", "with", "measure", "value"]),
        basis=f"{found.rows:,} rows{sample}, each pair on those in which both have a value{chosen}", help=HELP,
        alt=f"Shaded matrix of {len(found.names)} columns.",
    )  # fmt: skip


def _figure(found: Associations, values: Floats, shown: dict[str, str]) -> go.Figure:
    few = len(found.names) <= WRITTEN
    names = distinct([shown[name] for name in found.names], 22)
    side = max(260, 90 + (34 if few else 17) * len(names))
    figure = blank(grid="", height=min(side, 800), left=room(names))
    strength = np.abs(values)
    heat = [[None if np.isnan(v) else float(v) for v in line] for line in strength]
    figure.add_heatmap(
        x=names, y=names, z=heat, zmin=0, zmax=1, xgap=1, ygap=1, showscale=False, hoverongaps=False,
        colorscale=[[place / 9, color] for place, color in enumerate(LIGHT.sequence)],
        customdata=np.nan_to_num(values), hovertemplate="%{y} and %{x}: %{customdata:.2f}<extra></extra>",
    )  # fmt: skip
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            if few and i != j and not np.isnan(values[i, j]):
                color = LIGHT.surface if strength[i, j] > 0.72 else LIGHT.text
                figure.add_annotation(
                    x=other, y=one, text=f"{values[i, j]:.2f}".replace("-", "−"), showarrow=False,
                    font={"size": SMALL, "color": color},
                )  # fmt: skip
    figure.update_xaxes(type="category", showticklabels=False)
    figure.update_yaxes(type="category", autorange="reversed", dtick=1)
    return finished(figure)


def _pairs(found: Associations, values: Floats) -> list[tuple[str, str, str, float]]:
    """The pairs, the strongest first, each with what it was measured by."""
    listed = []
    for i, one in enumerate(found.names):
        for j in range(i):
            if not np.isnan(values[i, j]):
                kinds = found.words[i] + found.words[j]
                how = ("Spearman's ρ", "correlation ratio", "Cramér's V")[kinds]
                listed.append((one, found.names[j], how, float(values[i, j])))
    return sorted(listed, key=lambda pair: -abs(pair[3]))


def _reading(pairs: list[tuple[str, str, str, float]], shown: dict[str, str]) -> str:
    if not pairs or abs(pairs[0][3]) < 0.1:
        return "No two columns go together to speak of."
    one, other, how, value = pairs[0]
    against = ": one falls as the other rises" if value < 0 else ""
    strong = sum(abs(pair[3]) >= 0.8 for pair in pairs)
    more = f" {strong} pairs are at 0.8 or more." if strong > 1 else ""
    both = f"{quoted(shown[one])} and {quoted(shown[other])}"
    return f"{both} go together most ({how} {value:.2f}{against}).{more}"


CHART = Chart(key="associations", title="Which columns go together", of="profile", help=HELP, draw=draw)
