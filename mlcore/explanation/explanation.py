"""Why a model said what it said: one number for each of the user's columns, row by row, adding up to the output."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from mlcore.evaluation.predictions import Floats, Integers, Task


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Contributions of the user's own columns for n rows, d columns and k outputs.

    `outputs` names the k outputs. Binary: the probability of the positive label (k = 1). Multiclass: the probability of
    each label. Regression: the prediction in the target's unit (k = 1).
    For every row and output: base + sum(contributions) = output.

    `base` is (k,), `values` is (n, d, k), `output` is (n, k). `table` holds the raw values of the n rows in the d
    columns. `rows` is (n,), the position of each row in the table of `population` rows it was sampled from.
    `additivity_error` is the largest |base + sum - output|; `sampling_error` the estimated standard error of one
    contribution when the method samples (0 when it is exact). `methods` says how, in words, one per member.
    """

    task: Task
    outputs: tuple[str, ...]
    columns: tuple[str, ...]
    base: Floats
    values: Floats
    output: Floats
    table: pd.DataFrame
    rows: Integers
    population: int
    methods: tuple[str, ...]
    seconds: float
    additivity_error: float
    sampling_error: float = 0.0
