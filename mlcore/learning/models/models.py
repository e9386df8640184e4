"""The catalogue of models: the built-in ones, and those of plug-ins, which are looked for when first needed."""

from __future__ import annotations

from collections.abc import Iterator

from mlcore.errors import ChoiceError
from mlcore.learning.models.kind import ModelKind
from mlcore.registry import Catalogue

TOLD = 3
"""Plug-ins that are not offered, named where a model is asked for that is not there."""


class Models(Catalogue[ModelKind]):
    """Kinds of models by key. A built-in key never makes anything look for plug-ins."""

    def __init__(self, entries: tuple[ModelKind, ...]) -> None:
        super().__init__("model", entries)

    @property
    def built_in(self) -> tuple[str, ...]:
        """The keys that no plug-in may take."""
        return tuple(self._entries)

    def __getitem__(self, key: str) -> ModelKind:
        if key in self._entries:
            return self._entries[key]
        added = self._added()
        if key not in added:
            raise ChoiceError(key, (*self._entries, *added), of=self.of, besides=_absent(key))
        return added[key]

    def __iter__(self) -> Iterator[ModelKind]:
        yield from self._entries.values()
        yield from self._added().values()

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, key: object) -> bool:
        return key in self._entries or key in self._added()

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, the built-in ones first."""
        return (*self._entries, *self._added())

    @staticmethod
    def _added() -> dict[str, ModelKind]:
        from mlcore.learning import plugins

        return plugins.kinds()


def _absent(key: str) -> str:
    """Which plug-ins are not offered, and why: the model may be in one of them, likely in one of its name."""
    from mlcore.learning import plugins

    left_out = sorted(map(str, plugins.found().left_out), key=lambda said: key not in said)
    more = (f"{len(left_out) - TOLD} more; `tablesmith models` lists them.",) if len(left_out) > TOLD else ()
    return " ".join(f"Left out: {said}" for said in (*left_out[:TOLD], *more))
