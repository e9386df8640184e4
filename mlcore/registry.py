"""A catalogue: entries listed explicitly, in an order that means something, found by key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from mlcore.errors import ChoiceError


class Keyed(Protocol):
    """Anything with a short key that never changes."""

    @property
    def key(self) -> str: ...


E = TypeVar("E", bound=Keyed)


class Catalogue(Generic[E]):
    """Ordered entries by key; asking for a key that is not there names the nearest ones."""

    def __init__(self, of: str, entries: tuple[E, ...]) -> None:
        self.of = of
        self._entries = {entry.key: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise ValueError(f"two entries of the {of} catalogue share a key")

    def __getitem__(self, key: str) -> E:
        try:
            return self._entries[key]
        except KeyError:
            raise ChoiceError(key, self._entries, of=self.of) from None

    def __iter__(self) -> Iterator[E]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys, in the catalogue's order."""
        return tuple(self._entries)
