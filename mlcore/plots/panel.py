"""What a chart is before it is drawn: its data, its figure and the one sentence that reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import plotly.graph_objects as go

from mlcore.evaluation.predictions import Task


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """A chart with the table behind it.

    `frame` holds the numbers drawn, with columns a person can read. `reading` is one sentence that says what the
    chart shows. `basis` says what it was measured on, with n, and whether it is a sample. `alt` describes the picture
    to who cannot see it.
    """

    key: str
    title: str
    frame: pd.DataFrame
    figure: go.Figure
    reading: str
    basis: str
    help: str = ""
    alt: str = ""


Subject = Literal[
    "profile", "column", "leaderboard", "run", "evaluation", "evaluations", "folds", "growth", "explanation",
    "decision", "coverage", "slices", "worst", "fairness", "stress", "along", "probe",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Chart:
    """An entry of the catalogue: what it draws, for which tasks, and how.

    `of` is the kind of record that `draw` takes first. `draw` raises `UserError` when there is nothing to show.
    """

    key: str
    title: str
    of: Subject
    help: str
    draw: Callable[..., Panel]
    tasks: tuple[Task, ...] = ("binary", "multiclass", "regression")
