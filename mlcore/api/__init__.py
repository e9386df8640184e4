"""The verbs of the command line as functions, each returning a record.

Tables are given as the path of a file, as a pandas frame, or as the card that `load` returns. Bundles
are given as the path of their folder or zip. Everything a user can cause raises a `UserError`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import numpy as np
import pandas as pd

from mlcore.api.asked import Options
from mlcore.api.tables import Table, rows_for, stored
from mlcore.api.training import Training, estimate, train
from mlcore.data.dataset import Dataset
from mlcore.data.load import read_table
from mlcore.errors import BundleError, TableError
from mlcore.evaluation.predictions import Predictions
from mlcore.handoff import archive, proof
from mlcore.handoff.bundle import Bundle, export
from mlcore.handoff.bundle import bundle as hand_over
from mlcore.handoff.exporting import Exported
from mlcore.handoff.exporting import export_as as written_as
from mlcore.handoff.manifest import Proof
from mlcore.handoff.pins import differences
from mlcore.workspace import places

if TYPE_CHECKING:
    from mlcore.api.batch import Batch
    from mlcore.data.profile import Profile
    from mlcore.evaluation.evaluation import Evaluation
    from mlcore.explanation.explanation import Explanation
    from mlcore.handoff.batch.scored import Scored
    from mlcore.learning.model import Model
    from mlcore.learning.run import Trial

__all__ = [
    "Options", "Table", "Training",
    "bundle", "compact", "estimate", "evaluate", "explain", "export", "export_as", "load", "predict", "profile",
    "score", "score_file", "train", "verify",
]  # fmt: skip


def load(table: Table, *, name: str = "") -> Dataset:
    """Read a table and say what its columns are; its stored form is gone when Python ends."""
    return stored(table, name=name)


def profile(table: Table, target: str | None = None) -> Profile:
    """Describe every column and say what to look at; with a target, also how each column goes with it."""
    from mlcore.data.profile import profile as describe

    dataset = stored(table)
    target = None if target is None else dataset.schema[dataset.schema.named(target)].name
    return describe(read_table(dataset), dataset.schema, target)


def predict(bundle: str | Path, table: Table) -> Predictions:
    """What the model of a bundle says about each row, as arrays; `score` gives the same as a table."""
    with _model(bundle) as model:
        return model.predict(rows_for(model, table))


def score(bundle: str | Path, table: Table, *, reasons: int = 0) -> pd.DataFrame:
    """One row of predictions for each row of the table, in its order, with the columns that files have.

    Classification: `prediction`, `probability_<label>`. Regression: `prediction`, `low`, `high`. Both: `flags`, and
    `reason_1` … `reason_N`, the strongest first, when `reasons` are asked for: the sentences that the screen shows,
    with the labels and units of the data dictionary. What a saved decision rule adds (`prediction_set`, `decision`,
    codes in `flags`) is told in docs/decide.md.
    """
    from mlcore.data.dictionary import titles
    from mlcore.explanation.batch import reasons_for

    with _model(bundle) as model:
        rows = rows_for(model, table)
        model.predict(rows.head(0))  # a missing column is said in our words
        frame = model.scorer.frame(rows)
        if not reasons or not len(rows):
            return frame
        names = titles(model.schema, model.schema.names, unit=True)
        return pd.concat([frame, reasons_for(model, model.prepared(rows), reasons, names)], axis=1)


def score_file(
    bundle: str | Path,
    file: str | Path,
    out: str | Path,
    *,
    errors: str | Path | None = None,
    tell: Callable[[float, str], None] = lambda _share, _message: None,
    **options: Unpack[Batch],
) -> Scored:
    """Score a file of any size and kind into `out` (.csv, .parquet or .xlsx), in bounded memory and the file's order.

    `errors` is where the list of cells goes that are not as the model expects them (.csv or .json). `tell` hears how
    far it has come. `RowError` when the file is refused because of such cells; then `out` is not written.
    """
    from mlcore.api import batch

    with _model(bundle) as model:
        return batch.scored(model, Path(file), Path(out), None if errors is None else Path(errors), tell, options)


def explain(bundle: str | Path, table: Table) -> Explanation:
    """What each column adds to the output of each row, compared with training rows; every row adds up."""
    return explained(bundle, table)[0]


def explained(bundle: str | Path, table: Table) -> tuple[Explanation, pd.DataFrame]:
    """The same, and as a table: `base`, one column for each column the model was offered, `output`."""
    from mlcore.explanation.explain import explain_rows

    with _model(bundle) as model:
        explanation = explain_rows(model, model.prepared(rows_for(model, table)))
        offered = tuple(name for name in model.schema.names if name != model.goal.target)
        return explanation, contributions(explanation, offered)


def contributions(explanation: Explanation, columns: tuple[str, ...] = ()) -> pd.DataFrame:
    """`base`, one column for each of `columns` (default: those of the explanation), `output`: each row adds up.

    A column that the model does not use adds 0. With more than two labels the row is about the probability of its most
    likely label. A user's column that is itself called `base` or `output` is written as `base (column)` and so on.
    """
    said, names = explanation.output.argmax(axis=1), columns or explanation.columns
    rows = range(len(said))
    values = dict(zip(explanation.columns, explanation.values[rows, :, said].T, strict=True))
    titles = {name: _told_from(name, names) if name in ("base", "output") else name for name in names}
    taken = {title: values.get(name, np.zeros(len(said))) for name, title in titles.items()}
    return pd.DataFrame({"base": explanation.base[said], **taken, "output": explanation.output[rows, said]})


def _told_from(name: str, names: tuple[str, ...]) -> str:
    title = f"{name} (column)"
    return _told_from(title, names) if title in names else title


def evaluate(bundle: str | Path, table: Table) -> Evaluation:
    """Compare what the model says with the truth, for the rows whose target is known."""
    from mlcore.evaluation.evaluate import evaluate as measure

    with _model(bundle) as model:
        rows = rows_for(model, table)
        absent = [name for name in model.truth if name not in rows.columns]
        if absent:
            raise TableError(
                f"There is no column {absent[0]!r}, in which the truth would stand",
                remedy="Bring rows whose target is known, with the target under that name.",
            )
        return measure(model.judge(rows), threshold=model.scorer.threshold)


def bundle(run: Training | str | Path, out: str | Path, *, key: str | None = None) -> Bundle:
    """Hand over a model of a run: the trial `key`, or the one that the training was about, or the recommended one.

    `run` is what `train` returned, the id of a run or its folder.
    """
    from mlcore import records
    from mlcore.learning.run import Run

    folder = _folder(run)
    chosen = run.best if isinstance(run, Training) else None
    best = key or chosen or records.read(Run, folder / "run.json").best
    if best is None:
        raise BundleError("The run has no recommended model", where=str(folder), remedy="Name one with `key`.")
    return hand_over(folder, best, Path(out))


def export_as(bundle: str | Path, format: str, out: str | Path) -> Exported:
    """Write a bundle in another form: `format` is a key of docs/export.md, such as "mlflow" or "script"."""
    return written_as(Path(bundle), format, Path(out))


def compact(run: Training | str | Path) -> Trial:
    """Make a fast version of a run's ensemble: a model of its own, key "compact", beside the others.

    Its note says what is given up for what. Where one member alone is as good, it is that member's trial. `UserError`
    when the run has no ensemble, every member is needed, or fewer would be neither quicker nor smaller.
    """
    from mlcore import records
    from mlcore.learning.run import Trial
    from mlcore.workspace import errands

    folder = _folder(run)
    key = errands.compact(str(folder))["key"]
    return records.read(Trial, folder / "trials" / key / "trial.json")


def _folder(run: Training | str | Path) -> Path:
    """The folder of what `train` returned, of a run's id, or the folder itself."""
    named = run.run.id if isinstance(run, Training) else run
    folder = Path(named) if Path(named).is_dir() else places.run_folder(places.home_folder(), str(named))
    if not (folder / "run.json").is_file():
        raise BundleError(f"There is no run {str(named)!r}", remedy="Give the id that training printed.")
    return folder


def verify(bundle: str | Path) -> Proof:
    """Check the files of a bundle and replay its golden rows in this environment."""
    return proof.verify(Path(bundle))


@contextmanager
def _model(path: str | Path) -> Iterator[Model]:
    """The model of a bundle whose files are all as they were exported."""
    with archive.opened(Path(path)) as folder:
        card = proof.checked(folder)
        try:
            from mlcore.learning.model import Model

            model = Model.load(folder)
        except BundleError:
            raise
        except Exception as error:
            other = differences(dict(card.versions))
            remedy = f"{other[0]}; install the versions in requirements.txt." if other else "Export the bundle again."
            raise BundleError(f"The model cannot be loaded ({type(error).__name__})", remedy=remedy) from error
        yield model
