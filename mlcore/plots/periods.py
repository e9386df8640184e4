"""Over time: rows per period, or the mean or share of one column in each."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from mlcore.data.amounts import compact, percent
from mlcore.data.described import ColumnProfile
from mlcore.data.dictionary import titles
from mlcore.data.over_time import Periods
from mlcore.data.profile import Profile
from mlcore.data.schema import Schema
from mlcore.plots.canvas import blank, finished, needs, plain, quoted, share_ticks
from mlcore.plots.panel import Chart, Panel
from mlcore.plots.tokens import LIGHT

HELP = (
    "The table in the order of its column of time. A step, a gap or a slope means that the rows of one period are "
    "unlike those of another: a model made on the old ones may not fit the new ones."
)


def draw(profile: Profile, column: str | None = None, schema: Schema | None = None) -> Panel:
    """Rows per period; with a `column`, its mean or the share of its value. `schema` gives titles."""
    needs(profile.periods, "The table has no column of time")
    assert profile.periods is not None
    if column is None:
        return _rows(profile.periods, titles(schema, [profile.periods.column])[profile.periods.column])
    return _line(profile[column], profile.periods, titles(schema, [column], unit=True)[column])


def _rows(periods: Periods, time: str) -> Panel:
    figure = blank(y="Rows", left=52)
    moments = _moments(periods)
    figure.add_bar(
        x=moments, y=list(periods.rows), marker={"color": LIGHT.accent, "line": {"width": 0}},
        hovertemplate="%{x}: %{y:,} rows<extra></extra>",
    )  # fmt: skip
    _axes(figure)
    most, least = max(periods.rows), min(periods.rows)
    empty = sum(rows == 0 for rows in periods.rows)
    none = f"; {empty:,} have none" if empty else ""
    return Panel(
        key="periods", title=f"Rows by {periods.unit}", figure=finished(figure),
        reading=f"A {periods.unit} has between {least:,} and {most:,} rows by {quoted(time)}{none}.",
        frame=pd.DataFrame({periods.unit: moments, "rows": periods.rows}), basis=_basis(periods), help=HELP,
        alt=f"Bars of rows by {periods.unit}.",
    )  # fmt: skip


def _line(column: ColumnProfile, periods: Periods, title: str) -> Panel:
    needs(column.over_time and any(v is not None for v in column.over_time.values), f"{column.name!r} has no course")
    assert column.over_time is not None
    of, values = column.over_time.of, column.over_time.values
    what = f"Share of {quoted(plain(of))}" if of else "Mean"
    figure = blank(y=what, left=56)
    moments = _moments(periods)
    figure.add_scatter(
        x=moments, y=list(values), mode="lines+markers" if len(values) <= 60 else "lines", connectgaps=False,
        line={"color": LIGHT.accent, "width": 2}, marker={"size": 5, "color": LIGHT.accent},
        customdata=list(periods.rows),
        hovertemplate="%{x}: " + ("%{y:.1%}" if of else "%{y:,.4~g}") + "<br>%{customdata:,} rows<extra></extra>",
    )  # fmt: skip
    _axes(figure)
    if of:
        top = max((value for value in values if value is not None), default=0.0) or 1.0
        figure.update_yaxes(range=[0, 1.06 * top], **share_ticks(top))
    frame = pd.DataFrame({periods.unit: moments, plain(what): values, "rows": periods.rows})
    if column.over_time.missing:
        frame["missing"] = column.over_time.missing
    return Panel(
        key="periods", title=f"{title} by {periods.unit}", figure=finished(figure),
        reading=_reading(column, periods, title), frame=frame, basis=_basis(periods), help=HELP,
        alt=f"{plain(what)} of {plain(title)} by {periods.unit}.",
    )  # fmt: skip


def _reading(column: ColumnProfile, periods: Periods, title: str) -> str:
    """The two ends of the course, without periods of so few rows that they jump about."""
    assert column.over_time is not None
    enough = max(periods.rows) / 10
    course = list(zip(column.over_time.values, periods.starts, periods.rows, strict=True))
    known = [(value, start) for value, start, _ in course if value is not None]
    full = [(value, start) for value, start, rows in course if value is not None and rows >= enough] or known
    of = column.over_time.of
    what = f"The share of {quoted(of)} in {quoted(title)}" if of else f"The mean of {quoted(title)}"
    (high, late), (low, early) = max(full), min(full)

    def said(value: float) -> str:
        return percent(value, 1) if of else compact(value)

    if high == low:
        return f"{what} is {said(high)} throughout."
    return (
        f"{what} is highest in {_day(late, periods)} ({said(high)}) and lowest in {_day(early, periods)} ({said(low)})."
    )


def _day(start: float, periods: Periods) -> str:
    moment = pd.Timestamp(start, unit="s")
    forms = {"hour": "the hour of %Y-%m-%d %H:00", "week": "the week of %Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
    return moment.strftime(forms.get(periods.unit, "%Y-%m-%d"))


def _moments(periods: Periods) -> list[str]:
    forms = {"hour": "%Y-%m-%d %H:%M", "month": "%Y-%m", "year": "%Y"}
    return [pd.Timestamp(start, unit="s").strftime(forms.get(periods.unit, "%Y-%m-%d")) for start in periods.starts]


def _axes(figure: go.Figure) -> None:
    figure.update_xaxes(type="date", nticks=5)
    figure.update_yaxes(nticks=5)


def _basis(periods: Periods) -> str:
    undated = f", {periods.undated:,} without a date" if periods.undated else ""
    before = f", {periods.before:,} older ones not drawn" if periods.before else ""
    return f"All {sum(periods.rows) + periods.undated + periods.before:,} rows{undated}{before}"


CHART = Chart(key="periods", title="Over time", of="profile", help=HELP, draw=draw)
