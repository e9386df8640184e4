"""Several models scored on the same draws of the same units, so that differences between two of them are paired."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from mlcore.evaluation.draws import Sample, Units, joined, smallest, unit_counts, units_of
from mlcore.evaluation.intervals import Interval, around
from mlcore.evaluation.metrics.metric import Metric, Weighted
from mlcore.evaluation.predictions import Floats

MOST_UNITS = 5_000
CELLS_IN_ALL = 40_000_000
LEAST_DRAWS, MOST_DRAWS = 100, 500

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Paired:
    """Models by key: their scores with intervals, and their scores over `draws` draws that all share."""

    metric: Metric
    seed: int
    draws: int
    resting_on: int
    units: Units
    scores: Mapping[str, Interval]
    drawn: Mapping[str, Floats]
    measures: Mapping[str, tuple[Weighted, Units, float]]

    def left_out(self, wanted: Mapping[str, Mask]) -> dict[str, Floats]:
        """Scores on what draws left out: for each key those of its wanted draws, (draws,), nan for the others."""
        found = {key: np.full(self.draws, np.nan) for key in wanted}
        start = 0
        for counts in _counts(self.units, self.metric, self.seed, self.draws):
            weights = self.units.left_out(counts)
            for key, mask in wanted.items():
                here = np.flatnonzero(mask[start : start + len(counts)])
                if len(here):
                    measure, units, shift = self.measures[key]
                    found[key][start + here] = measure(weights[here][:, units.of_row]) + shift
            start += len(counts)
        return found


def paired(
    samples: Mapping[str, Sample],
    values: Mapping[str, float | None],
    metric: Metric,
    *,
    seed: int,
    draws: int | None,
    threshold: float | None = None,
) -> Paired:
    """The models compared; `values` are scores over all that the samples stand for, None where not known."""
    known = np.unique(np.concatenate([sample.ids for sample in samples.values()]))
    units = {key: units_of(sample.predictions, known) for key, sample in samples.items()}
    shared = joined(list(units.values()), list(samples.values()), known)
    widest = max(len(sample.predictions) for sample in samples.values())
    amount = draws or max(LEAST_DRAWS, min(MOST_DRAWS, CELLS_IN_ALL // (len(samples) * widest)))
    weighted = {key: metric.weighted(sample.predictions, threshold) for key, sample in samples.items()}
    parts: dict[str, list[Floats]] = {key: [] for key in samples}
    for counts in _counts(shared, metric, seed, amount):
        weights = shared.drawn(counts)
        for key, part in parts.items():
            part.append(weighted[key](weights[:, units[key].of_row]))
    resting_on = smallest(shared, not metric.over_rows)
    scores, drawn, measures = {}, {}, {}
    for key, part in parts.items():
        near = float(weighted[key](shared.once[:, units[key].of_row])[0])
        known_value = values[key] if shared.stands_for is not None else None
        value = near if known_value is None else known_value
        drawn[key] = np.concatenate(part) + (value - near)
        measures[key] = weighted[key], units[key], value - near
        scores[key] = around(value, drawn[key], metric, resting_on)
    return Paired(
        metric=metric,
        seed=seed,
        draws=amount,
        resting_on=resting_on,
        units=shared,
        scores=scores,
        drawn=drawn,
        measures=measures,
    )


def _counts(units: Units, metric: Metric, seed: int, draws: int) -> Iterator[Floats]:
    return unit_counts(units, within_labels=metric.within_labels, seed=seed, draws=draws)
