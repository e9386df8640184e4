"""What an entry of the task catalogue is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from mlcore.data.schema import Column
from mlcore.evaluation.predictions import Task


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """One kind of question.

    `recognise` says why a target is of this kind, or None when it is not. `metrics` are the keys shown first.
    """

    key: Task
    title: str
    about: str
    metrics: tuple[str, ...]
    recognise: Callable[[pd.Series, Column], str | None]
