"""Ways to explain a member of a model, the most exact first; the last one explains anything."""

from __future__ import annotations

from typing import Protocol

from mlcore.explanation.explainers import linear, permutation, trees
from mlcore.explanation.part import Method, Part
from mlcore.registry import Catalogue


class Explainer(Protocol):
    """An entry of the catalogue. `method` raises `NotMine` for a part that it cannot explain."""

    @property
    def key(self) -> str: ...

    @property
    def title(self) -> str: ...

    def method(self, part: Part, seed: int) -> Method: ...


_ENTRIES: tuple[Explainer, ...] = (linear.Explainer(), trees.Explainer(), permutation.Explainer())
EXPLAINERS: Catalogue[Explainer] = Catalogue("explainer", _ENTRIES)
