"""The folder of a run: plan, features, split and trials, as files that are whole or absent."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import files, records
from mlcore.evaluation.predictions import Floats, Integers, Measured, Predictions
from mlcore.findings import Finding
from mlcore.learning import laid
from mlcore.learning.monotone import signs_of
from mlcore.learning.plan import Candidate, Plan
from mlcore.learning.run import Trial
from mlcore.learning.scoring import settled
from mlcore.learning.split import Rows, Split
from mlcore.learning.weights import Weighing, class_weights

SPLIT = "split.parquet"
"""In a run's folder: the part that every row with a known answer has, by its place in the table."""

ENCODED = "encoded"
"""The folder in a run's in which candidates keep encoded rows for each other while the search goes on."""

LARGE = 300_000
KEPT_SHARE = 0.25
"""Of so many rows and more, up to this share is kept where it was read by one candidate and will be by others."""

ADDED = "~"
"""Stands in the keys of candidates that a search added, before their number."""


@dataclass(frozen=True)
class RunFolder:
    """Where a prepared run lives. `rows` of it are the n rows with a usable target, in the table's order."""

    path: Path

    @cached_property
    def plan(self) -> Plan:
        """The plan it carries out."""
        path = self.path / "plan.json"
        return _plan(path, path.stat().st_mtime_ns)

    @cached_property
    def table_path(self) -> Path:
        """The canonical Parquet file of the whole table."""
        return Path(json.loads((self.path / "table.json").read_text(encoding="utf-8"))["path"])

    @cached_property
    def raw_path(self) -> Path | None:
        """The table before its recipe; None when it has none."""
        raw = json.loads((self.path / "table.json").read_text(encoding="utf-8")).get("raw")
        return None if raw is None else Path(raw)

    @cached_property
    def spec(self) -> dict[str, Any]:
        """What every scoring.json of the run shares: format, task, target, labels, positive, fields."""
        spec: dict[str, Any] = json.loads((self.path / "spec.json").read_text(encoding="utf-8"))
        return spec

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was noticed while the run was prepared."""
        noticed = json.loads((self.path / "findings.json").read_text(encoding="utf-8"))
        return tuple(records.from_json(Finding, item) for item in noticed)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels by code; empty for regression."""
        return tuple(self.spec["labels"])

    def ready_of(self, chosen: Integers) -> pd.DataFrame:
        """Internal columns as the final models see them: after what the recipe's steps learned on all training rows."""
        return settled(wide(self.features_of(chosen)), self.spec["fields"])

    def features_of(self, chosen: Integers, *, most: int | None = None) -> pd.DataFrame:
        """The internal columns of some of the n rows, in ascending order, in as few bytes as they need: see `wide`.

        With `most` only so many of the columns, the first. While a search goes on, a small part of a large table is
        kept for those who ask for it again.
        """
        everything, place = self.path / "features.parquet", self.path / ENCODED
        if most is not None or len(self._split_table) < LARGE:
            return laid.read(everything, chosen, most=most)
        coded = [field["id"] for field in self.spec["fields"] if field.get("categories")]
        if len(chosen) > KEPT_SHARE * len(self._split_table) or not place.is_dir():
            return laid.read(everything, chosen, coded=coded)
        kept = place / f"rows-{hashlib.sha256(chosen.tobytes()).hexdigest()[:32]}.parquet"
        if kept.is_file():
            return pd.read_parquet(kept)
        found = laid.read(everything, chosen, coded=coded)
        with contextlib.suppress(OSError), files.whole(kept) as temporary:  # a full disk: then they are read again
            found.to_parquet(temporary, compression="lz4", write_statistics=False)
        return found

    @cached_property
    def _split_table(self) -> pd.DataFrame:
        return pd.read_parquet(self.path / SPLIT)

    @cached_property
    def truth(self) -> Floats | Integers:
        """Label codes or numbers of the n rows."""
        truth = self._split_table["truth"].to_numpy()
        return truth.astype(np.int64) if truth.dtype.kind in "iu" else truth

    @cached_property
    def positions(self) -> Integers:
        """Where each of the n rows is in the table."""
        return self._split_table["row"].to_numpy(dtype=np.int64)

    @cached_property
    def groups(self) -> Integers | None:
        """Equal for rows of one group; None without a group column."""
        table = self._split_table
        return table["group"].to_numpy(dtype=np.int64) if "group" in table else None

    @cached_property
    def rows(self) -> Rows:
        """What splits look at."""
        table = self._split_table
        moments = table["moment"].to_numpy(dtype=np.float64) if "moment" in table else None
        return Rows(
            strata=table["stratum"].to_numpy(dtype=np.int64),
            blocks=table["block"].to_numpy(dtype=np.int64),
            moments=moments,
            gap=self.plan.goal.gap,
        )

    @cached_property
    def weighing(self) -> Weighing:
        """How much each of the n rows counts while a model learns."""
        table, goal = self._split_table, self.plan.goal
        return Weighing(
            rows=table["weight"].to_numpy(dtype=np.float64) if "weight" in table else None,
            classes=None if goal.class_weight is None else class_weights(goal.class_weight, self.labels),
            half_life=goal.recent or None,
        )

    @property
    def signs(self) -> dict[str, int]:
        """The internal columns with which predictions must rise (1) or fall (-1)."""
        goal = self.plan.goal
        flipped = bool(self.labels) and goal.positive == self.labels[0]
        return signs_of(goal.monotone, self.spec["fields"], flipped=flipped)

    @cached_property
    def split(self) -> Split:
        """Hold-out and folds."""
        table = self._split_table
        names = [name for name in table.columns if name.startswith("fold_")]
        return Split(
            holdout=table["holdout"].to_numpy(dtype=bool),
            folds=table[names].to_numpy(dtype=np.int64).T,
            forward=self._forward,
            scored=table["scored"].to_numpy(dtype=bool),
            clock=self.rows.clock if self._forward else None,
            groups=self.rows.blocks if self._forward and self.plan.goal.group is not None else None,
        )

    @property
    def _forward(self) -> bool:
        return self.plan.validation.method == "forward in time"

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Those of the plan, then those that the search has added, in the order in which it did."""
        added = [records.read(Candidate, path) for path in self.path.glob("trials/*/candidate.json")]
        return (*self.plan.candidates, *sorted(added, key=lambda one: (_number(one.key), one.key)))

    def candidate(self, key: str) -> Candidate:
        """A candidate of the run; KeyError when it has none of this key."""
        for candidate in self.plan.candidates:
            if candidate.key == key:
                return candidate
        path = self._added(key)
        if not path.is_file():
            raise KeyError(key)
        return records.read(Candidate, path)

    def add(self, candidate: Candidate) -> None:
        """Note a candidate that is not in the plan."""
        records.write(self._added(candidate.key), candidate)

    def _added(self, key: str) -> Path:
        return self.trial_folder(key) / "candidate.json"

    def trial_folder(self, key: str) -> Path:
        """Where the trial's files are."""
        return self.path / "trials" / key

    def predictions(self, values: Floats, chosen: Integers, measured: Measured) -> Predictions:
        """Values for some of the n rows beside their truth."""
        goal = self.plan.goal
        return Predictions(
            task=goal.task,
            values=values,
            rows=self.positions[chosen],
            labels=self.labels,
            positive=goal.positive,
            truth=self.truth[chosen],
            groups=None if self.groups is None else self.groups[chosen],
            measured=measured,
            costs=goal.costs,
        )

    @property
    def measured(self) -> Measured:
        """What out-of-fold predictions of this run are called."""
        return "validation" if self.plan.validation.method in ("one split", "given split") else "cross-validation"

    def trials(self) -> tuple[Trial, ...]:
        """The trials that ended: the plan's in its order, those of the search, ensembles last."""
        found = {path.parent.name: path for path in self.path.glob("trials/*/trial.json")}
        order = [candidate.key for candidate in self.candidates]
        keys = [key for key in order if key in found] + sorted(found.keys() - set(order))
        return tuple(records.read(Trial, found[key]) for key in keys)

    def write_trial(self, trial: Trial) -> Trial:
        """Store how the trial ended; written last, so a trial is there exactly when all of it is."""
        records.write(self.trial_folder(trial.key) / "trial.json", trial)
        return trial


def _number(key: str) -> int:
    """The number of a variation, also where it learns from more rows; 0 for what varies none."""
    return int(key.partition(ADDED)[2].partition("-")[0] or 0)


@lru_cache(maxsize=4)
def _plan(path: Path, changed: int) -> Plan:
    """Read once for all who look at the same folder: that of a table of 10,000 columns takes a second."""
    del changed
    return records.read(Plan, path)


def wide(stored: pd.DataFrame) -> pd.DataFrame:
    """The same rows as a model is given them: numbers as float64, words as such."""
    stored = spelled(stored)
    narrow = (stored.dtypes == np.float32).to_numpy()
    if narrow.all() or not narrow.any():
        return stored.astype(np.float64) if narrow.any() else stored
    numbers = stored.loc[:, narrow].astype(np.float64)
    return pd.concat([numbers, stored.loc[:, ~narrow]], axis=1)[list(stored.columns)]


def spelled(stored: pd.DataFrame) -> pd.DataFrame:
    """The same rows with words instead of categories."""
    coded = [name for name, kind in stored.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]
    return stored.astype(dict.fromkeys(coded, object)) if coded else stored


@contextmanager
def whole_npz(path: Path) -> Iterator[dict[str, Any]]:
    """Arrays put into the dictionary are in the file once the block has ended well.

    Whole numbers get as few bytes as they need; compressing would save little more, and every look at a run reads them.
    """
    arrays: dict[str, Any] = {}
    yield arrays
    with files.whole(path) as temporary, temporary.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **{name: small(array) for name, array in arrays.items()})


def small(array: Any) -> Any:
    """Whole numbers in as few bytes as they need; other arrays as they are."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    ends = (np.min_scalar_type(int(end)) for end in (array.min(), array.max()))
    return array.astype(np.result_type(*ends))
