"""A closer look at one model of a run: by segment, by group of people, under stress.

What was found lies as JSON in `closer/<model>` of the run's folder.

The verbs are what the children of the engine do; the readers are what pages show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlcore import records
from mlcore.errors import UserError
from mlcore.evaluation.evening import Alike, Evened
from mlcore.evaluation.fairness import Fairness
from mlcore.evaluation.metrics import METRICS, Metric, metrics_for
from mlcore.evaluation.predictions import Predictions
from mlcore.evaluation.slices import Slices
from mlcore.evaluation.worst import Worst
from mlcore.learning.stress import Stress
from mlcore.records import added
from mlcore.workspace import looks, places
from mlcore.workspace.store import Store

PAIRED_PARTS = 4
STRESS = "stress.json"


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Where a model is worst, and the columns by which it can be looked at; `measurable` are keys of metrics.

    The search looked at `searched` columns (0: all of them); by what matters to the model where it was `explained`,
    else in the order of the table.
    """

    worst: Worst
    columns: tuple[str, ...]
    measurable: tuple[str, ...]
    searched: int = added(0)
    explained: bool = added(False)


def segments(folder: str, key: str) -> int:
    """Search for the worst segments; writes `segments.json`, gives how many are confirmed."""
    from mlcore.evaluation.worst import worst_segments
    from mlcore.learning.folder import RunFolder
    from mlcore.learning.parts import MOST_COLUMNS, cuts_of, sliceable
    from mlcore.learning.train import out_of_fold

    run = RunFolder(Path(folder))
    predictions = out_of_fold(run.path, key)
    names = [column.name for column in sliceable(run)]
    weight = _importance(run.path, key) if len(names) > MOST_COLUMNS else {}
    chosen = sorted(names, key=lambda name: -weight.get(name, 0.0))[:MOST_COLUMNS]
    found = worst_segments(predictions, cuts_of(run, predictions, chosen), seed=run.plan.seed)
    able = [metric.key for metric in metrics_for(predictions.task) if _able(metric, predictions)]
    fewer = len(chosen) if len(chosen) < len(names) else 0
    made = Segments(worst=found, columns=tuple(names), measurable=tuple(able), searched=fewer, explained=bool(weight))
    records.write(looks.place(run.path, key) / "segments.json", made)
    return len(found.confirmed)


def slices(folder: str, key: str, columns: Sequence[str], metric: str) -> int:
    """One or two columns as slices; writes what `read_slices` reads, gives their number."""
    from mlcore.evaluation.slices import slices as sliced
    from mlcore.learning.folder import RunFolder
    from mlcore.learning.parts import cuts_of
    from mlcore.learning.train import out_of_fold

    run = RunFolder(Path(folder))
    predictions = out_of_fold(run.path, key)
    cuts = cuts_of(run, predictions, columns, most=8 if len(columns) == 1 else PAIRED_PARTS)
    made = sliced(predictions, cuts, METRICS[metric], threshold=run.plan.goal.threshold, seed=run.plan.seed)
    records.write(_slices_path(run.path, key, columns, metric), made)
    return len(made.slices)


def fairness(folder: str, key: str, columns: Sequence[str], threshold: float | None) -> int:
    """The groups of one or two columns; writes what `read_fairness` reads, gives their number."""
    from mlcore.evaluation.fairness import fairness as compared
    from mlcore.learning.folder import RunFolder
    from mlcore.learning.parts import cuts_of
    from mlcore.learning.train import out_of_fold

    run = RunFolder(Path(folder))
    predictions = out_of_fold(run.path, key)
    cuts = cuts_of(run, predictions, columns, most=8 if len(columns) == 1 else PAIRED_PARTS)
    made = compared(predictions, cuts, threshold=threshold, seed=run.plan.seed)
    records.write(looks.named(run.path, key, "fairness", [threshold, *columns]), made)
    return len(made.groups)


def evened(folder: str, key: str, column: str, alike: Alike, threshold: float | None) -> int:
    """A threshold for each group, and its price; writes what `read_evened` reads, gives the number of thresholds."""
    from mlcore.evaluation.evening import evened as even
    from mlcore.learning.folder import RunFolder
    from mlcore.learning.parts import cuts_of
    from mlcore.learning.train import out_of_fold

    run = RunFolder(Path(folder))
    predictions = out_of_fold(run.path, key)
    cut = cuts_of(run, predictions, [column])[0]
    made = even(predictions, cut, alike, threshold=threshold, seed=run.plan.seed)
    records.write(looks.named(run.path, key, "evened", [threshold, alike, column]), made)
    return len(made.thresholds)


def stress(folder: str, key: str, opened: bool, seconds: float) -> float:
    """Put the model under stress for about `seconds`; `stress.json` grows meanwhile. Gives how far it came, 0 to 1.

    The locked rows are used where they were `opened` for this model, and never otherwise.
    """
    from mlcore.learning.folder import RunFolder
    from mlcore.learning.stress import stress as put
    from mlcore.learning.subject import on_opened_rows, on_rows_kept_apart

    run = RunFolder(Path(folder))
    path = looks.place(run.path, key) / STRESS
    path.unlink(missing_ok=True)
    subject = (on_opened_rows if opened else on_rows_kept_apart)(run, key)
    goal, progress = run.plan.goal, 0.0
    steps = put(subject, METRICS[goal.metric], seconds=seconds, threshold=goal.threshold, seed=run.plan.seed)
    for made in steps:
        records.write(path, made)
        progress = made.progress
    return progress


def read_stress(store: Store, run: str, key: str) -> Stress | None:
    """How the model takes worse input, as far as that was tried; None until something is there."""
    return looks.read(Stress, looks.place(places.run_folder(store.home, run), key) / STRESS)


def read_fairness(store: Store, run: str, key: str, columns: Sequence[str], threshold: float | None) -> Fairness | None:
    """How the groups of one or two columns are treated; None until that was computed."""
    return looks.read(Fairness, looks.named(places.run_folder(store.home, run), key, "fairness", [threshold, *columns]))


def read_evened(store: Store, run: str, key: str, column: str, alike: Alike, threshold: float | None) -> Evened | None:
    """A threshold for each group; None until that was computed."""
    return looks.read(
        Evened, looks.named(places.run_folder(store.home, run), key, "evened", [threshold, alike, column])
    )


def read_segments(store: Store, run: str, key: str) -> Segments | None:
    """The worst segments; None until they were looked for."""
    return looks.read(Segments, looks.place(places.run_folder(store.home, run), key) / "segments.json")


def read_slices(store: Store, run: str, key: str, columns: Sequence[str], metric: str) -> Slices | None:
    """One or two columns as slices by a metric; None until that was computed."""
    return looks.read(Slices, _slices_path(places.run_folder(store.home, run), key, columns, metric))


def _importance(folder: Path, key: str) -> dict[str, float]:
    """How much each column matters to the model; empty where it was not explained."""
    from mlcore.explanation import importance, read

    place = folder / "explanations" / places.checked_key(key)
    if not place.is_dir():
        return {}
    told = importance(read(place))
    return dict(zip(told["column"], told["mean_abs"], strict=True))


def _able(metric: Metric, predictions: Predictions) -> bool:
    try:
        metric.weighted(predictions)
    except UserError:
        return False
    return True


def _slices_path(folder: Path, key: str, columns: Sequence[str], metric: str) -> Path:
    return looks.named(folder, key, "slices", [metric, *columns])
