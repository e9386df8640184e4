"""Keep an explanation as a folder, and read it again: JSON for what is said once, Parquet for what is said of rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.evaluation.predictions import Task
from mlcore.explanation.explanation import Explanation

CARD, ROWS = "explanation.json", "explanation.parquet"


@dataclass(frozen=True, kw_only=True)
class Card:
    """All of an explanation that is not one line a row; fields as in `Explanation`."""

    task: Task
    outputs: tuple[str, ...]
    columns: tuple[str, ...]
    base: tuple[float, ...]
    population: int
    methods: tuple[str, ...]
    seconds: float
    additivity_error: float
    sampling_error: float


def store(explanation: Explanation, folder: Path) -> None:
    """Write the explanation to the folder; the card comes last, so that what has a card is whole."""
    card = Card(
        task=explanation.task,
        outputs=explanation.outputs,
        columns=explanation.columns,
        base=tuple(float(value) for value in explanation.base),
        population=explanation.population,
        methods=explanation.methods,
        seconds=explanation.seconds,
        additivity_error=explanation.additivity_error,
        sampling_error=explanation.sampling_error,
    )
    (folder / CARD).unlink(missing_ok=True)
    with files.whole(folder / ROWS) as temporary:
        _lines(explanation).to_parquet(temporary, index=False)
    records.write(folder / CARD, card)


def read(folder: Path) -> Explanation:
    """The explanation that `store` wrote; FileNotFoundError when there is none."""
    card = records.read(Card, folder / CARD)
    lines = pd.read_parquet(folder / ROWS)
    columns, outputs = range(len(card.columns)), range(len(card.outputs))
    table = pd.concat([lines[f"cell {c}"].rename(name) for c, name in enumerate(card.columns)], axis=1)
    values = lines[[f"value {c} {o}" for c in columns for o in outputs]].to_numpy(dtype=np.float64)
    return Explanation(
        task=card.task,
        outputs=card.outputs,
        columns=card.columns,
        base=np.array(card.base),
        values=values.reshape(len(lines), len(card.columns), len(card.outputs)),
        output=lines[[f"output {o}" for o in outputs]].to_numpy(dtype=np.float64),
        table=table,
        rows=lines["row"].to_numpy(dtype=np.int64),
        population=card.population,
        methods=card.methods,
        seconds=card.seconds,
        additivity_error=card.additivity_error,
        sampling_error=card.sampling_error,
    )


def _lines(explanation: Explanation) -> pd.DataFrame:
    """Columns are numbered, since the user's names may be anything."""
    cells = {f"cell {c}": _storable(explanation.table.iloc[:, c]) for c in range(len(explanation.columns))}
    values = {
        f"value {c} {o}": explanation.values[:, c, o]
        for c in range(len(explanation.columns))
        for o in range(len(explanation.outputs))
    }
    outputs = {f"output {o}": explanation.output[:, o] for o in range(len(explanation.outputs))}
    return pd.DataFrame({"row": explanation.rows, **cells, **values, **outputs})


def _storable(cells: pd.Series) -> pd.Series:
    """Cells of mixed types, which Parquet cannot hold, as text."""
    mixed = cells.dtype == object and pd.api.types.infer_dtype(cells, skipna=True) != "string"
    return cells.map(str, na_action="ignore").astype("str") if mixed else cells
