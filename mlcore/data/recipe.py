"""How a table was repaired: steps as data, replayed on next month's file and on every row that is scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """One repair: `repair` is a key of the repairs catalogue, `params` its settings as plain JSON.

    `id` tells steps of one recipe apart. A step that is not `on` is kept but does nothing.
    """

    id: str
    repair: str
    params: Mapping[str, Any] = field(default_factory=dict)
    on: bool = True


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Steps in the order in which they are done. An empty recipe is false."""

    steps: tuple[Step, ...] = ()

    def __bool__(self) -> bool:
        return any(step.on for step in self.steps)

    @property
    def active(self) -> tuple[Step, ...]:
        """The steps that are switched on."""
        return tuple(step for step in self.steps if step.on)

    def added(self, repair: str, params: Mapping[str, Any]) -> Recipe:
        """The recipe with one more step at its end."""
        number = 1 + max((int(step.id) for step in self.steps), default=0)
        return Recipe(steps=(*self.steps, Step(id=str(number), repair=repair, params=params)))

    def without(self, step: str) -> Recipe:
        """The recipe without the step of this id."""
        return Recipe(steps=tuple(old for old in self.steps if old.id != step))

    def changed(self, step: str, params: Mapping[str, Any]) -> Recipe:
        """The recipe with other settings of one step."""
        return self._with(step, lambda old: replace(old, params=params))

    def switched(self, step: str, *, on: bool) -> Recipe:
        """The recipe with one step switched on or off."""
        return self._with(step, lambda old: replace(old, on=on))

    def moved(self, step: str, places: int) -> Recipe:
        """The recipe with one step moved down (positive) or up (negative), as far as there is room."""
        order = list(self.steps)
        here = next((place for place, old in enumerate(order) if old.id == step), None)
        if here is None:
            return self
        there = min(max(here + places, 0), len(order) - 1)
        order.insert(there, order.pop(here))
        return Recipe(steps=tuple(order))

    def _with(self, step: str, change: Callable[[Step], Step]) -> Recipe:
        return Recipe(steps=tuple(change(old) if old.id == step else old for old in self.steps))


EMPTY = Recipe()
"""The recipe of a table as it came."""
