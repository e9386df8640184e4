"""What a training will take before it is started: time, memory and disk, from the table's shape alone.

The model of cost is a product of powers: CPU seconds of one fit grow with the rows, the encoded columns and the outputs
(one tree or line a label), at a rate of each kind of model. Rates and powers were fitted to every portfolio entry on
tables of 200 to 200,000 rows (`python -m tests.benchmarks.estimating` holds them against what happens); a kind that was
never measured takes the rate of its family. Within a factor of two for a whole run, not for a single candidate: how
many rounds a boosted model grows is known only afterwards.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from mlcore.data.schema import Schema
from mlcore.learning.encode import FEW, MANY_CLASSES, TEXT_PARTS, Intake
from mlcore.learning.fields import kind_of
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.plan import Candidate, Validation


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What costs depend on: rows that are learned from and judged, features, and outputs (labels beyond two)."""

    rows: int
    schema: Schema
    outputs: int
    validation: Validation


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a training is expected to take.

    `configurations` are planned, `fitting` of them end within `seconds`; all of them would take `whole` seconds on
    `cores` cores, `work` CPU seconds. `first` is when the first result is there. `megabytes` is the most memory all
    processes hold together, `available` what the machine has, `disk` the megabytes that the run keeps.
    """

    seconds: float
    configurations: int
    fitting: int
    whole: float
    work: float
    first: float
    megabytes: float
    disk: float
    available: float
    cores: int

    @property
    def enough_memory(self) -> bool:
        """Whether the machine has the memory."""
        return self.megabytes <= self.available

    @property
    def sentence(self) -> str:
        """The same for people, in one line."""
        spent = duration(self.seconds)
        if self.fitting >= self.configurations:
            fits = f"All {self.configurations} configurations fit into {spent} and take about {duration(self.whole)}"
        else:
            fits = f"About {self.fitting} of {self.configurations} configurations fit into {spent}"
        first = f"first result after about {duration(self.first)}"
        return f"{fits}; {first}; memory up to about {size(self.megabytes)}; disk about {size(self.disk)}."

    @property
    def warning(self) -> str:
        """What to heed before starting; empty when there is nothing."""
        if self.enough_memory:
            return ""
        return (
            f"This needs about {size(self.megabytes)} of memory, the machine has {size(self.available)}: "
            "leave columns out, take fewer rows, or use a larger machine."
        )


@dataclass(frozen=True)
class _Rate:
    """CPU seconds of a fit: `scale` times (rows / 1,000) ** rows times (columns / 30) ** columns times outputs."""

    scale: float
    rows: float
    columns: float
    outputs: float = 1.0
    copies: float = 3.0
    """How many times the encoded matrix is held at once."""


def estimate(
    shape: Shape, candidates: Sequence[Candidate], *, seconds: float, cores: int, available: float
) -> Estimate:
    """What carrying out these candidates takes with `cores` lanes; `available` is the machine's memory in megabytes."""
    work = [candidate_seconds(shape, candidate) for candidate in candidates]
    laid_out = preparing(shape)
    fitting, whole = _carried_out(work, cores, laid_out, seconds)
    return Estimate(
        seconds=seconds,
        configurations=len(candidates),
        fitting=fitting,
        whole=whole,
        work=laid_out + sum(work),
        first=laid_out + (work[0] if work else 0.0),
        megabytes=_memory(shape, candidates, cores),
        disk=_disk(shape, candidates),
        available=available,
        cores=cores,
    )
