"""Everything that is known about how good some predictions are: plain numbers, ready to store and to draw.

Counts are rows; when rows were predicted in several repeats, each prediction of a row counts in part, so that counts
add up to the number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.evaluation.metrics.metric import Unit
from mlcore.evaluation.predictions import Measured, Task


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A metric of the catalogue with its value and 95 % interval. A bound is None when nothing bounds it."""

    key: str
    title: str
    term: str
    value: float
    low: float | None
    high: float | None
    higher_is_better: bool
    unit: Unit = ""


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Points of a curve in order, with the threshold each belongs to (1.0 and above: nobody is called positive)."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    threshold: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Rows with similar predictions: `n` of them, what was predicted and what happened, with its 95 % interval."""

    n: float
    predicted: float
    observed: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What happens at a threshold: true and false yes, true and false no, in rows."""

    threshold: float
    tp: float
    fp: float
    tn: float
    fn: float

    @property
    def precision(self) -> float:
        """The share of rows called positive that are; 0 when none is called positive."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """The share of positive rows called positive; 0 when there are none."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def specificity(self) -> float:
        """The share of negative rows called negative; 0 when there are none."""
        return self.tn / (self.tn + self.fp) if self.tn + self.fp else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 0 when nothing is found."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp else 0.0

    @property
    def balanced_accuracy(self) -> float:
        """The mean of recall and specificity."""
        return (self.recall + self.specificity) / 2

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return (self.tp + self.tn) / (self.tp + self.fp + self.tn + self.fn)

    @property
    def flagged(self) -> float:
        """The share of rows called positive."""
        return (self.tp + self.fp) / (self.tp + self.fp + self.tn + self.fn)


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Counts between edges, one series a label; `edges` has one more element than each series."""

    edges: tuple[float, ...]
    labels: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class LabelScore:
    """How well one label of several is told from the others. `n` rows have it; `roc_auc` None when undefined.

    `roc` and `pr` are those of the label against all others, as in `BinaryDetail`; of many labels only the most
    frequent have them.
    """

    label: str
    n: float
    precision: float
    recall: float
    f1: float
    roc_auc: float | None
    roc: Curve | None = None
    pr: Curve | None = None


@dataclass(frozen=True, kw_only=True)
class Miss:
    """One of the worst rows: the truth, what was said, and the error.

    Classification: the error is the probability that was not given to the true label. Regression: |truth - prediction|.
    """

    row: int
    truth: str
    said: str
    error: float


@dataclass(frozen=True, kw_only=True)
class BinaryDetail:
    """How a yes-or-no model does. Curves are None when all rows have the same label.

    `roc`: share of negatives called positive (x), of positives called positive (y). `pr`: recall (x), precision (y).
    `gain`: share of rows taken from the top (x), share of positives found (y). `prevalence`: share of positives.
    """

    positive: str
    negative: str
    prevalence: float
    roc: Curve | None
    pr: Curve | None
    gain: Curve | None
    calibration: tuple[Bin, ...]
    thresholds: tuple[Counts, ...]
    scores: Histogram

    def at(self, threshold: float) -> Counts:
        """The counts at the stored threshold nearest to this one."""
        return min(self.thresholds, key=lambda counts: abs(counts.threshold - threshold))


@dataclass(frozen=True, kw_only=True)
class MulticlassDetail:
    """How a model with several labels does. `confusion[i][j]`: rows of label i that were called label j.

    `calibration` compares the probability of the answer with how often it is right. `top[k]` is the share of rows whose
    label is among the k + 1 most probable; equal probabilities count in the order of the labels.
    """

    confusion: tuple[tuple[float, ...], ...]
    by_label: tuple[LabelScore, ...]
    calibration: tuple[Bin, ...]
    top: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Points:
    """A sample of predicted rows: position in the table, truth, prediction, and its interval when there is one."""

    rows: tuple[int, ...]
    truth: tuple[float, ...]
    predicted: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Band:
    """A tenth of the rows by predicted value: means of prediction and truth, error, and coverage of the intervals."""

    n: float
    predicted: float
    truth: float
    mean_error: float
    coverage: float | None


@dataclass(frozen=True, kw_only=True)
class RegressionDetail:
    """How a model of a number does. Residuals are truth - prediction: above 0 the model said too little.

    `error_quantiles` are pairs (share of rows, |error| they do not exceed). `bias` is the mean residual with its 95 %
    interval.
    """

    points: Points
    residuals: Histogram
    error_quantiles: tuple[tuple[float, float], ...]
    bands: tuple[Band, ...]
    bias: tuple[float, float, float]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Predictions measured against the truth on `n` rows; the detail is that of the task.

    `repeats` is how often each row was predicted. `notes` say in sentences what could not be measured and why.
    """

    task: Task
    n: int
    measured: Measured
    measures: tuple[Measure, ...]
    repeats: float = 1.0
    labels: tuple[str, ...] = ()
    threshold: float | None = None
    binary: BinaryDetail | None = None
    multiclass: MulticlassDetail | None = None
    regression: RegressionDetail | None = None
    worst: tuple[Miss, ...] = ()
    notes: tuple[str, ...] = ()

    def __getitem__(self, key: str) -> Measure:
        for measure in self.measures:
            if measure.key == key:
                return measure
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return any(measure.key == key for measure in self.measures)
