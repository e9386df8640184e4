"""Target relation: what the target is like at different values of one column."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import compact, percent
from mlcore.data.dictionary import titles
from mlcore.data.profile import ColumnProfile
from mlcore.data.relations import TargetRelation
from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.evaluation.binning import wilson
from mlcore.plots.canvas import (
    blank,
    distinct,
    finished,
    needs,
    note,
    plain,
    quoted,
    room,
    rule,
    share_ticks,
)
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "Rows are put together by the value of the column; the height is what the target is like among them. A column that "
    "alone tells almost everything deserves a second look: its value may not be known at the time of the prediction."
)


def draw(column: ColumnProfile, target: str, schema: Schema | None = None) -> Panel:
    """The target along the values of a column. `target` is its name; `schema` gives both their titles."""
    relation = column.relation
    if relation is None or not relation.bins:
        raise UserError(
            f"How {column.name!r} goes with {target!r} is not known", remedy="Choose a target, then profile."
        )
    numeric = relation.measure == "R²"
    called = titles(schema, [column.name, target], unit=True)
    name, target = called[column.name], called[target]
    what = f"Mean of {plain(target)}" if numeric else f"Share of {quoted(plain(event(relation)))}"
    names = distinct([part.label for part in relation.bins], 24)
    values = [part.value for part in relation.bins]
    figure = blank(x=what, y=plain(name, 60), grid="x", height=max(220, 84 + 24 * len(names)), left=room(names))
    _dots(figure, relation, names, numeric=numeric)
    total = sum(part.n for part in relation.bins)
    everywhere = sum(part.n * part.value for part in relation.bins) / total
    rule(figure, x=everywhere)
    words = compact(everywhere) if numeric else percent(everywhere)
    note(figure, everywhere, 1, f"all rows {words}", yref="paper", yanchor="bottom", xanchor="center")
    figure.update_yaxes(type="category", autorange="reversed")
    if not numeric:
        top = min(1.0, 1.1 * max(wilson(part.value, part.n)[1] for part in relation.bins))
        figure.update_xaxes(range=[-0.02 * top, top], **share_ticks(top))
    return Panel(
        key="relation", title=f"{name} and {target}", figure=finished(figure),
        reading=_reading(name, relation, target),
        frame=pd.DataFrame({name: [part.label for part in relation.bins],
                            "rows": [part.n for part in relation.bins], what: values}),
        basis=f"{total:,} rows", help=HELP, alt=f"{what} along the values of {plain(name)}.",
    )  # fmt: skip


def event(relation: TargetRelation) -> str:
    """The label whose share the bins hold."""
    needs(relation.labels, "The relation has no labels")
    return relation.positive or relation.labels[0]


def _dots(figure: go.Figure, relation: TargetRelation, names: list[str], *, numeric: bool) -> None:
    """A dot a bin, larger for more rows, with its 95 % interval when it is a share."""
    most = max(part.n for part in relation.bins)
    bounds = [(part.value, part.value) if numeric else wilson(part.value, part.n) for part in relation.bins]
    figure.add_scatter(
        y=names, x=[part.value for part in relation.bins], mode="markers",
        customdata=[part.n for part in relation.bins],
        marker={"size": [6 + 10 * (part.n / most) ** 0.5 for part in relation.bins], "sizemin": 5,
                "color": LIGHT.accent, "line": {"width": 0}, "opacity": 1},
        error_x={"type": "data", "symmetric": False, "color": LIGHT.accent, "thickness": 1.2, "width": 0,
                 "visible": not numeric,
                 "array": [high - part.value for part, (_, high) in zip(relation.bins, bounds, strict=True)],
                 "arrayminus": [part.value - low for part, (low, _) in zip(relation.bins, bounds, strict=True)]},
        hovertemplate="%{y}<br>" + ("%{x:,.4~g}" if numeric else "%{x:.1%}") + ", %{customdata:,} rows<extra></extra>",
    )  # fmt: skip


def _reading(name: str, relation: TargetRelation, target: str) -> str:
    high = max(relation.bins, key=lambda part: part.value)
    low = min(relation.bins, key=lambda part: part.value)

    def words(value: float) -> str:
        return compact(value) if relation.measure == "R²" else percent(value)

    what = f"the mean of {quoted(target)}" if relation.measure == "R²" else f"the share of {quoted(event(relation))}"
    if high is low:
        return f"All rows have the same value of {quoted(name)}."
    return (
        f"Where {quoted(name)} is {high.label}, {what} is {words(high.value)}; where it is {low.label}, "
        f"{words(low.value)}. Alone it predicts the target with {relation.measure} {relation.value:.2f}"
        f"{_sure(relation)} ({'0 is nothing' if relation.measure == 'R²' else '0.50 is chance'}, 1 is all)."
    )


def _sure(relation: TargetRelation) -> str:
    if relation.low is None or relation.high is None:
        return ""
    return f", 95 % interval {relation.low:.2f} to {relation.high:.2f}"


CHART = Chart(key="relation", title="With the target", of="column", help=HELP, draw=draw)
