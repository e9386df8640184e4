"""A table being looked at: what several checks and the profile ask for is worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from mlcore.data import tables
from mlcore.data.gaps import Gaps, gaps
from mlcore.data.relations import MOST_ROWS, TargetRelation, label_texts, relations
from mlcore.data.schema import Column, Schema, Task
from mlcore.data.sweep import Sweep, swept
from mlcore.data.tables import Source


@dataclass(frozen=True, kw_only=True, eq=False)
class Look:
    """A canonical table, its schema and, if one is chosen, the target with its task (None: found from the values).

    `today` is the day on which it is looked at: later dates lie in the future.
    """

    source: Source
    schema: Schema
    target: str | None = None
    task: Task | None = None
    today: date = field(default_factory=date.today)

    @cached_property
    def rows(self) -> int:
        """How many rows the table has."""
        return tables.height(self.source)

    @cached_property
    def swept(self) -> Sweep:
        """What one pass over all cells found."""
        return swept(self.source, self.schema, self.time, MOST_ROWS)

    @property
    def duplicates(self) -> int:
        """How many rows equal an earlier one in every column."""
        return self.swept.duplicates

    @property
    def sample(self) -> pl.DataFrame:
        """All rows, or a random 50,000 of them."""
        return self.swept.sample

    def row_hashes(self, without: tuple[str, ...]) -> pl.Series:
        """One number per row that rows share which are equal in all columns but these."""
        left = self.swept.row_hashes.copy()
        place = {name: at for at, name in enumerate(self.schema.names)}
        for name, column in tables.pieces(self.source, without):
            start = 0
            for piece in column:
                left[start : start + len(piece)] -= tables.salted(tables.cell_hashes(piece), place[name])
                start += len(piece)
        return pl.Series("row", left)

    @cached_property
    def relations(self) -> dict[str, TargetRelation]:
        """How each column goes with the target, measured on the sample."""
        return {} if self.target is None else relations(self.sample, self.schema, self.target, self.task)

    @cached_property
    def gaps(self) -> tuple[Gaps, ...]:
        """Where columns are filled beside the target, measured on the sample."""
        return () if self.target is None else gaps(self.sample, self.schema, self.features, self.target, self.task)

    @cached_property
    def labels(self) -> dict[str, int]:
        """The target's values and how many rows have each, over all rows; empty without a target of classes."""
        if self.target is None or not self.is_classes:
            return {}
        values = self.whole(self.target).drop_nulls()
        counts = label_texts(values).rename("label").value_counts().sort(["count", "label"], descending=[True, False])
        return dict(counts.iter_rows())

    @cached_property
    def time(self) -> str | None:
        """The column that orders the rows: the one declared, else the only column of dates; None when there is none."""
        declared = [column.name for column in self.schema if column.role == "time"]
        dated = [column.name for column in self.features if column.kind == "datetime" and column.distinct > 1]
        return declared[0] if declared else dated[0] if len(dated) == 1 else None

    def can_repeat(self, names: tuple[str, ...]) -> bool:
        """Whether two rows could be equal in these columns: they cannot when one of them never repeats itself."""
        single = {column.name for column in self.schema if column.distinct >= self.rows}
        return single.isdisjoint(names)

    @cached_property
    def is_classes(self) -> bool:
        """Whether the target, if there is one, holds labels instead of amounts."""
        return self.target is not None and self._is_class_target(self.schema[self.target])

    def whole(self, name: str) -> pl.Series:
        """One column of all rows."""
        return next(tables.parts(self.source, (name,)))[name]

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
