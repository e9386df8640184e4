"""The best action for each of a list of rows: searched by a child of the engine, kept beside the model, read by pages.

What was found lies in `closer/<model>` of the run's folder and grows while the search goes on.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore import records
from mlcore.errors import TableError
from mlcore.explanation.actions import MOST_ROWS, Actions
from mlcore.explanation.answers import Wanted
from mlcore.explanation.moves import Limit
from mlcore.workspace import looks, places
from mlcore.workspace.looking import called, contents
from mlcore.workspace.store import Store

if TYPE_CHECKING:
    import pandas as pd

    from mlcore.learning.model import Model

SECONDS = 3.0
"""For each row."""

_WRITTEN = 1.0  # seconds between two looks at how far it has come


def actions(
    folder: str,
    key: str,
    question: str,
    wanted: Mapping[str, Any],
    limits: Sequence[Mapping[str, Any]],
    numbers: Sequence[int] = (),
    source: str = "",
    name: str = "",
    seconds: float = SECONDS,
) -> int:
    """Search for rows of the raw table by their numbers (1 is the first), or for those of the file at `source`.

    `seconds` are for each row. What `read_actions` reads under `question` grows meanwhile; gives for how many rows a
    way was found.
    """
    from dataclasses import replace

    from mlcore.explanation.actions import best_actions
    from mlcore.explanation.surroundings import seen_of
    from mlcore.learning.model import Model

    place = Path(folder)
    path = looks.named(place, key, "actions", [question])
    path.unlink(missing_ok=True)
    model = Model.load(place / "trials" / places.checked_key(key) / "model")
    rows, known, brought = _of_file(model, source, name) if source else _of_table(place, model, numbers)
    made, written = None, 0.0
    steps = best_actions(
        model,
        rows,
        records.from_json(Wanted, dict(wanted)),
        seen_of(model, place),
        limits=[records.from_json(Limit, dict(limit)) for limit in limits],
        seconds=seconds * len(rows),
        brought=brought,
    )
    for step in steps:
        made = replace(step, numbers=known)
        if made.progress == 1 or time.monotonic() - written > _WRITTEN:
            records.write(path, made)
            written = time.monotonic()
    return 0 if made is None else sum(one.state == "found" for one in made.actions)


def read_actions(store: Store, run: str, key: str, question: str) -> Actions | None:
    """What was found so far; None until something is there."""
    return looks.read(Actions, looks.named(places.run_folder(store.home, run), key, "actions", [question]))


def question_of(more: Mapping[str, Any]) -> str:
    """The name under which the answer to a question lies; `more` are the arguments of `actions` but for this one."""
    return records.identity([{name: value for name, value in more.items() if name != "question"}])


def _of_table(folder: Path, model: Model, numbers: Sequence[int]) -> tuple[pd.DataFrame, tuple[int, ...], int]:
    import numpy as np

    from mlcore.data.picked import picked
    from mlcore.learning.folder import RunFolder

    run = RunFolder(folder)
    path = run.raw_path or run.table_path
    if not path.is_file():
        raise TableError("The table of this run was removed", remedy="Import it again, or bring the rows as a file.")
    known = tuple(dict.fromkeys(int(number) for number in numbers))[:MOST_ROWS]
    if not known or min(known) < 1:
        raise TableError("No row was chosen", remedy="Choose at least one row of the table.")
    chosen = np.array(sorted(known), dtype=np.int64) - 1
    rows = picked(path, chosen, list(model.needed))
    if len(rows) < len(known):
        raise TableError("The table has fewer rows than were chosen", remedy="Choose other rows.")
    order = np.searchsorted(chosen, np.array(known) - 1)
    return rows.iloc[order].reset_index(drop=True), known, len(numbers)


def _of_file(model: Model, source: str, name: str) -> tuple[pd.DataFrame, tuple[int, ...], int]:
    from mlcore.data.choices import Choices
    from mlcore.data.load import load, read_table

    chosen = Choices.like(model.raw)
    with called(source, name), tempfile.TemporaryDirectory(prefix="tablesmith-rows-") as folder:
        with contents(source, chosen, Path(folder)):
            stored = load(source, out=Path(folder) / "rows.parquet", choices=chosen)
        rows = read_table(stored).head(MOST_ROWS)
    return rows, tuple(range(1, len(rows) + 1)), stored.rows
