"""Gaps: the columns with missing values, and which of them are missing in the same rows."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import percent
from mlcore.data.dictionary import titles
from mlcore.data.missingness import Missingness
from mlcore.data.profile import Profile
from mlcore.data.schema import Schema
from mlcore.plots.canvas import blank, distinct, finished, needs, note, plain, quoted, room, some
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

MOST = 20
HELP = (
    "Each line of dots is one way in which rows have gaps: a filled dot is a column that is missing there, and the "
    "figure on the right says in how many rows. Columns that are always missing together often come from one source. "
    "The per cent beside a column is its share of missing values."
)


def draw(profile: Profile, schema: Schema | None = None) -> Panel:
    """The most frequent patterns of gaps. `schema` gives the columns their titles."""
    found = profile.missingness
    needs(found and found.gaps, "No cell of the table is missing")
    assert found is not None
    shown = titles(schema, [gap.name for gap in found.gaps])
    figure = _figure(found, shown)
    listed = f"; the {MOST} columns with most gaps of {len(found.gaps):,}" if len(found.gaps) > MOST else ""
    kinds = f"; the {len(found.patterns)} most frequent of {found.different:,} patterns"
    return Panel(
        key="gaps", title="What is missing together", figure=figure, reading=_reading(found, shown),
        frame=pd.DataFrame([{"missing": ", ".join(shown[name] for name in one.columns) or "nothing",
                             "columns": len(one.columns), "rows": one.rows, "share": one.rows / found.rows}
                            for one in found.patterns]),
        basis=f"All {found.rows:,} rows{kinds if found.different > len(found.patterns) else ''}{listed}", help=HELP,
        alt=f"Dots of {len(found.patterns)} patterns of gaps in {min(MOST, len(found.gaps))} columns.",
    )  # fmt: skip


def _figure(found: Missingness, shown: dict[str, str]) -> go.Figure:
    gaps = found.gaps[:MOST]
    words = [f"{plain(shown[gap.name], 17)} · {some(gap.rows / found.rows)}" for gap in gaps]
    names = distinct(words, 40)
    place = {gap.name: name for gap, name in zip(gaps, names, strict=True)}
    figure = blank(x="Rows with each pattern", grid="", left=room(names),
                   height=max(190, 124 + 24 * len(names)))  # fmt: skip
    columns = range(len(found.patterns))
    off = [(at, name) for at in columns for name in names]
    on = [(at, place[name]) for at, one in enumerate(found.patterns) for name in one.columns if name in place]
    for dots, color in ((off, LIGHT.quiet_soft), (on, LIGHT.accent)):
        figure.add_scatter(
            x=[at for at, _ in dots], y=[name for _, name in dots], mode="markers",
            marker={"size": 11, "color": color}, customdata=[found.patterns[at].rows for at, _ in dots],
            hovertemplate="%{customdata:,} rows<extra></extra>" if color == LIGHT.accent else None,
            hoverinfo=None if color == LIGHT.accent else "skip",
        )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(columns), ticktext=[_short(one.rows) for one in found.patterns],
        range=[-0.6, max(3, len(found.patterns)) - 0.4],
    )  # fmt: skip
    figure.update_xaxes(tickangle=-90)
    figure.update_layout(margin={"b": 70})
    for one in figure.layout.annotations:
        one.yshift = -46
    figure.update_yaxes(type="category", autorange="reversed", dtick=1, categoryorder="array", categoryarray=names)
    if found.patterns and not found.patterns[0].columns:
        note(figure, 0, 1, "complete", yref="paper", yanchor="bottom", xanchor="center")
        figure.update_layout(margin={"t": 26})
    return finished(figure)


def _short(rows: int) -> str:
    if rows < 10_000:
        return f"{rows:,}"
    return f"{rows / 1e3:.0f}k" if rows < 1_000_000 else f"{rows / 1e6:.1f}M"


def _reading(found: Missingness, shown: dict[str, str]) -> str:
    first = found.gaps[0]
    most = f"{quoted(shown[first.name])} has most gaps: {percent(first.rows / found.rows, 1)} of rows."
    together = next((one for one in found.patterns if len(one.columns) > 1), None)
    whole = f"{percent(found.complete / found.rows)} of rows are complete. "
    if together is None:
        return f"{whole}{most}"
    names = [quoted(shown[name]) for name in together.columns[:3]]
    more = f" and {len(together.columns) - 3} more" if len(together.columns) > 3 else ""
    joined = ", ".join(names) if more else " and ".join([", ".join(names[:-1]), names[-1]])
    return f"{whole}{most} {joined}{more} are missing together in {together.rows:,} rows."


CHART = Chart(key="gaps", title="What is missing together", of="profile", help=HELP, draw=draw)
