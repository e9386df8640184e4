"""What the explanation charts share: one output chosen, its contributions, and their unit in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from mlcore.data.amounts import compact
from mlcore.errors import ChoiceError, UserError
from mlcore.evaluation.predictions import Floats
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.values import as_numbers as as_numbers
from mlcore.plots.canvas import quoted

EXACT = 1e-9
HELP = "Contributions are associations the model uses, not causes."


@dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """One output of an explanation, scaled for people: probability points (0–100) or the target's unit.

    `values` is (n, d), `base` a number, `output` (n,). `unit` is written behind a value.
    """

    name: str
    unit: str
    columns: tuple[str, ...]
    values: Floats
    base: float
    output: Floats

    def shown(self, value: float, *, signed: bool = True) -> str:
        """A contribution as a person reads it, with its sign."""
        digits = f"{abs(value):.1f}" if self.unit else compact(abs(value))
        if digits == "0.0":
            return f"{digits}{self.unit}"
        sign = ("+" if value >= 0 else "−") if signed else ("−" if value < 0 else "")
        return f"{sign}{digits}{self.unit}"

    def total(self, value: float) -> str:
        """An output as a person reads it."""
        return f"{value:.1f}\u00a0%" if self.unit else compact(value)

    @property
    def order(self) -> tuple[int, ...]:
        """Positions of the columns, the largest mean contribution first."""
        return tuple(int(index) for index in np.argsort(-np.abs(self.values).mean(axis=0), kind="stable"))


def contributions(explanation: Explanation, output: str | None = None) -> Contributions:
    """The contributions to one output; by default the last one, which is the only one but for several labels."""
    if not len(explanation.rows) or not explanation.columns:
        raise UserError("There are no rows to explain", remedy="Explain at least one row.")
    name = explanation.outputs[-1] if output is None else output
    if name not in explanation.outputs:
        raise ChoiceError(name, explanation.outputs, of="output")
    place = explanation.outputs.index(name)
    scale = 1.0 if explanation.task == "regression" else 100.0
    return Contributions(
        name=name,
        unit="" if explanation.task == "regression" else " points",
        columns=explanation.columns,
        values=explanation.values[:, :, place] * scale,
        base=float(explanation.base[place]) * scale,
        output=explanation.output[:, place] * scale,
    )


def target_words(explanation: Explanation, made: Contributions) -> str:
    """What is contributed to: the prediction, or the probability of a label."""
    return "the prediction" if explanation.task == "regression" else f"the probability of {quoted(made.name)}"


def basis(explanation: Explanation) -> str:
    """How many rows were explained out of how many, and how exactly."""
    n, every = len(explanation.rows), explanation.population
    sample = f"{n:,} rows explained, a sample of {every:,}" if n < every else f"All {n:,} rows explained"
    if n == 1:
        sample = "One row explained"
    error = explanation.additivity_error
    adds = (
        "contributions add up to the output exactly"
        if error < EXACT
        else f"contributions add up to the output within {small(error)}"
    )
    noise = f"; estimated, standard error {small(explanation.sampling_error)}" if explanation.sampling_error else ""
    return f"{sample}; {adds}{noise}"


def small(value: float) -> str:
    """A small number to one digit, written out."""
    return format(Decimal(f"{value:.1g}"), "f")


def row_numbers(explanation: Explanation) -> Any:
    """The numbers of the explained rows, from 1; empty for one that has none (its place is below 0)."""
    return pd.Series(explanation.rows + 1, dtype="Int64").mask(explanation.rows < 0).array


def column_of(explanation: Explanation, name: str) -> pd.Series[Any]:
    """The raw values of a column as they are, by position (names of columns may be anything)."""
    return explanation.table.iloc[:, explanation.columns.index(name)]


def value_text(value: object) -> str:
    """A cell as a person reads it."""
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return "missing"
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d" if value == value.normalize() else "%Y-%m-%d %H:%M")
    if isinstance(value, (float, np.floating)):
        return compact(float(value))
    return str(value)
