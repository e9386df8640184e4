"""A fitted model as everything above this room sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import records
from mlcore.data.schema import Schema
from mlcore.errors import BundleError, RowError
from mlcore.evaluation.policy import Policy
from mlcore.evaluation.predictions import Floats, Predictions, Task
from mlcore.learning.goal import Goal
from mlcore.learning.obeying import reach
from mlcore.learning.ruling import told
from mlcore.learning.scoring import Scorer, ScoringError, labels_of, numbers, policy_of, spelled
from mlcore.learning.store import Member


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A stored model with the goal it was made for and the schema of the table it was made from.

    `inputs` is the schema of the table before its recipe: rows to score come like that. None: there was no recipe.
    `members` names its pipelines in the order of `scorer.members`.
    """

    folder: Path
    title: str
    goal: Goal
    schema: Schema
    scorer: Scorer
    members: tuple[Member, ...]
    inputs: Schema | None = None

    @classmethod
    def load(cls, folder: Path) -> Model:
        """Read a model folder as `fit` and `blend` write them; `BundleError` when it cannot be read here."""
        try:
            scorer = Scorer.load(folder)
        except ScoringError as error:
            what = str(error)
            raise BundleError(what[:1].upper() + what[1:]) from None
        card = scorer.spec["card"]
        members = tuple(records.from_json(Member, member) for member in scorer.spec["members"])
        return cls(
            folder=folder,
            title=card["title"],
            goal=records.from_json(Goal, card["goal"]),
            schema=records.from_json(Schema, card["schema"]),
            scorer=scorer,
            members=members,
            inputs=records.from_json(Schema, card["inputs"]) if "inputs" in card else None,
        )

    @property
    def task(self) -> Task:
        """Binary, multiclass or regression."""
        return self.goal.task

    @property
    def policy(self) -> Policy:
        """What is done with what it says; at first its threshold alone."""
        return told(self.scorer.spec, self.scorer.policy)

    def obey(self) -> None:
        """Read the policy of its folder again."""
        self.scorer.obey(policy_of(self.folder))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order of the probabilities; empty for regression."""
        return tuple(self.scorer.labels)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the model sees, in the order of `scorer.fields`: those of the prepared table."""
        return tuple(field["name"] for field in self.scorer.fields)

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that rows to score must have: those of the raw table."""
        return tuple(field["name"] for field in self.scorer.wanted)

    @property
    def raw(self) -> Schema:
        """The schema that rows to score are read by."""
        return self.schema if self.inputs is None else self.inputs

    @property
    def truth(self) -> tuple[str, ...]:
        """The columns that the target of raw rows is read or made from."""
        if self.scorer.recipe is None:
            return (self.goal.target,)
        return tuple(column["name"] for column in self.scorer.recipe["truth"] if column["name"] not in self.needed)

    def prepared(self, table: pd.DataFrame, *, truth: bool = False) -> pd.DataFrame:
        """Raw rows as the recipe makes them, each in its place; with `truth` also their target."""
        try:
            return self.scorer.prepared(table, truth=truth)
        except ScoringError as error:
            raise self._refused(error) from None

    @property
    def background(self) -> pd.DataFrame:
        """At most 200 training rows of the prepared table, to compare with."""
        return pd.read_parquet(self.folder / "background.parquet")

    def predict(self, table: pd.DataFrame) -> Predictions:
        """Predictions for raw rows, without truth; `RowError` when a column is missing.

        Cells that cannot be read count as missing; `scoring.problems` lists them.
        """
        return self._predicted(self.prepared(table))

    def _predicted(self, table: pd.DataFrame) -> Predictions:
        values = self._values(table)
        predictions = Predictions(
            task=self.task,
            values=values,
            rows=np.arange(len(table), dtype=np.int64),
            labels=self.labels,
            positive=self.goal.positive,
            costs=self.goal.costs,
        )
        interval = self.scorer.spec.get("interval")
        if interval is None:
            return predictions
        low, high = reach(self.scorer.policy, values, interval)
        return replace(predictions, low=low, high=high)

    def judge(self, table: pd.DataFrame) -> Predictions:
        """Predictions beside the truth, for the raw rows whose target is known and readable.

        `RowError` when there is none, or when it holds labels that the model never saw.
        """
        table = self.prepared(table, truth=True)
        if self.goal.target not in table.columns:
            raise RowError(f"There is no target column {self.goal.target!r}", remedy="Bring a table that has it.")
        truth, known = self._truth(table[self.goal.target])
        if len(known) == 0:
            raise RowError("No row has a known target", where=f"column {self.goal.target!r}", remedy="Bring some.")
        said = self._predicted(table.iloc[known])
        return replace(said, rows=known, truth=truth)

    def _values(self, table: pd.DataFrame) -> Floats:
        try:
            return self.scorer.values(table)
        except ScoringError as error:
            raise self._refused(error) from None

    def _refused(self, error: ScoringError) -> RowError:
        needed = ", ".join(repr(name) for name in self.needed[:10])
        return RowError(str(error), remedy=f"The model needs: {needed}{' …' if len(self.needed) > 10 else ''}")

    def _truth(self, values: pd.Series) -> tuple[Any, Any]:
        if not self.labels:
            truth, _ = numbers(values)
            known = np.flatnonzero(~np.isnan(truth))
            return truth[known], known
        words = spelled(labels_of(values).reset_index(drop=True), self.labels)
        codes = pd.Index(self.labels, dtype="str").get_indexer(pd.Index(words))
        strange = words[(codes < 0) & words.notna().to_numpy()]
        if len(strange):
            raise RowError(
                f"The target holds the label {strange.iloc[0]!r}, which the model never saw",
                where=f"row {strange.index[0] + 1}",
                remedy=f"The labels are: {', '.join(repr(label) for label in self.labels[:10])}.",
            )
        known = np.flatnonzero(codes >= 0)
        return codes[known].astype(np.int64), known
