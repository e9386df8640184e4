"""What a chart is before it is drawn: its data, its figure and the one sentence that reads it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """A chart with the table behind it.

    `frame` holds the numbers drawn, with columns a person can read. `reading` is one sentence that says what the
    chart shows. `basis` says what it was measured on, with n, and whether it is a sample.
    """

    key: str
    title: str
    frame: pd.DataFrame
    figure: go.Figure
    reading: str
    basis: str
    help: str = ""
