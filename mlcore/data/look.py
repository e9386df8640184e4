"""A table being looked at: what several checks and the profile ask for is worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from mlcore.data import tables
from mlcore.data.relations import MOST_ROWS, TargetRelation, label_texts, relations
from mlcore.data.schema import Column, Schema, Task
from mlcore.data.tables import Source


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """A canonical table, its schema and, if one is chosen, the target with its task (None: found from the values)."""

    source: Source
    schema: Schema
    target: str | None = None
    task: Task | None = None

    @cached_property
    def rows(self) -> int:
        """How many rows the table has."""
        return tables.height(self.source)

    @cached_property
    def duplicates(self) -> int:
        """How many rows equal an earlier one in every column."""
        hashes = tables.row_hashes(self.source, self.schema.names)
        return len(hashes) - hashes.n_unique()

    @cached_property
    def sample(self) -> pl.DataFrame:
        """All rows, or a random 50,000 of them."""
        return tables.sampled(self.source, self.schema.names, MOST_ROWS)

    @cached_property
    def relations(self) -> dict[str, TargetRelation]:
        """How each column goes with the target, measured on the sample."""
        return {} if self.target is None else relations(self.sample, self.schema, self.target, self.task)

    @cached_property
    def labels(self) -> dict[str, int]:
        """The target's values and how many rows have each, over all rows; empty without a target of classes."""
        if self.target is None or not self._is_class_target(self.schema[self.target]):
            return {}
        values = next(tables.parts(self.source, (self.target,)))[self.target].drop_nulls()
        counts = label_texts(values).rename("label").value_counts().sort(["count", "label"], descending=[True, False])
        return dict(counts.iter_rows())

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns a model could learn from: all but the target and those excluded."""
        return tuple(c for c in self.schema if c.name != self.target and c.role != "excluded")

    @property
    def basis(self) -> str:
        """What relations were measured on, as the end of a sentence."""
        if self.rows > MOST_ROWS:
            return f"measured on a random sample of {MOST_ROWS:,} of {self.rows:,} rows"
        return f"measured on all {self.rows:,} rows"

    def _is_class_target(self, column: Column) -> bool:
        if self.task is not None:
            return self.task != "regression"
        few = column.storage == "integer" and column.distinct <= 20 and column.distinct < 0.05 * self.rows
        return column.storage == "text" or column.kind in ("boolean", "categorical", "ordinal") or few
