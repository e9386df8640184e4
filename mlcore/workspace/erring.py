"""Where one model of a run errs: row by row, along a column, over time, and whether its probabilities could be better.

What was found lies in `closer/<model>` of the run's folder, beside what `closer.py` finds. The verbs are what the
children of the engine do; the readers are what pages show.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore import files, records
from mlcore.evaluation.predictions import Task
from mlcore.workspace import looks, places
from mlcore.workspace.store import Store

if TYPE_CHECKING:
    from mlcore.evaluation.along import Along
    from mlcore.learning.calibrators import Calibrators
    from mlcore.learning.erring import InTime

_ROWS = "rows.parquet"


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows that were predicted out of fold. `table` is the Parquet file they stand in, `features` its columns.

    `beside` is a Parquet file with a line a row: `row` (position in the table), `truth`, `said`, `error`, and more
    (see `mlcore.learning.erring.rows_of`).
    """

    task: Task
    n: int
    table: str
    target: str
    columns: tuple[str, ...]
    residual_columns: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    positive: str | None = None
    beside: str = ""


def rows(folder: str, key: str) -> int:
    """Lay every row beside what was said about it; writes what `read_rows` reads, gives their number."""
    from mlcore.learning import erring
    from mlcore.learning.folder import RunFolder

    run = RunFolder(Path(folder))
    made, goal = erring.rows_of(run, key), run.plan.goal
    place = looks.place(run.path, key)
    place.mkdir(parents=True, exist_ok=True)
    with files.whole(place / _ROWS) as temporary:
        made.to_parquet(temporary, index=False)
    told = Rows(
        task=goal.task,
        n=len(made),
        table=str(run.table_path),
        target=goal.target,
        columns=tuple(run.plan.schema.names),
        residual_columns=erring.columns_of(run),
        labels=run.labels,
        positive=goal.positive,
    )
    records.write(place / "rows.json", told)
    return len(made)


def against(folder: str, key: str, column: str) -> int:
    """Residuals along a column; writes what `read_against` reads, gives the number of spans."""
    from mlcore.learning import erring
    from mlcore.learning.folder import RunFolder

    run = RunFolder(Path(folder))
    made = erring.against(run, key, column)
    records.write(_against_path(run.path, key, column), made)
    return len(made.spans)


def in_time(folder: str, key: str, column: str | None = None) -> int:
    """The error over time, and by horizon; writes what `read_in_time` reads, gives the number of periods."""
    from mlcore.learning import erring
    from mlcore.learning.folder import RunFolder

    run = RunFolder(Path(folder))
    made = erring.in_time(run, key, column)
    records.write(_in_time_path(run.path, key, column), made)
    return 0 if made.over is None else len(made.over.spans)


def calibrators(folder: str, key: str) -> str | None:
    """Try calibrators on out-of-fold predictions; writes what `read_calibrators` reads, gives the one that helps."""
    from mlcore.learning.calibrators import tried
    from mlcore.learning.folder import RunFolder

    run = RunFolder(Path(folder))
    made = tried(run, key)
    records.write(looks.place(run.path, key) / "calibrators.json", made)
    return made.helpful


def read_rows(store: Store, run: str, key: str) -> Rows | None:
    """The rows beside what was said; None until they were laid out."""
    from dataclasses import replace

    place = looks.place(places.run_folder(store.home, run), key)
    found = looks.read(Rows, place / "rows.json")
    return None if found is None else replace(found, beside=str(place / _ROWS))


def read_against(store: Store, run: str, key: str, column: str) -> Along | None:
    """Residuals along a column; None until that was computed."""
    from mlcore.evaluation.along import Along

    return looks.read(Along, _against_path(places.run_folder(store.home, run), key, column))


def read_in_time(store: Store, run: str, key: str, column: str | None = None) -> InTime | None:
    """The error over time; None until that was computed."""
    from mlcore.learning.erring import InTime

    return looks.read(InTime, _in_time_path(places.run_folder(store.home, run), key, column))


def read_calibrators(store: Store, run: str, key: str) -> Calibrators | None:
    """What calibrators would bring; None until they were tried."""
    from mlcore.learning.calibrators import Calibrators

    return looks.read(Calibrators, looks.place(places.run_folder(store.home, run), key) / "calibrators.json")


def _against_path(folder: Path, key: str, column: str) -> Path:
    return looks.named(folder, key, "against", [column])


def _in_time_path(folder: Path, key: str, column: str | None) -> Path:
    return looks.named(folder, key, "in_time", [column])
