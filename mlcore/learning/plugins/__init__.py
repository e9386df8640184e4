"""Models of one's own: found, checked in a process apart, and described without importing them (docs/plugins.md).

What a plug-in offers is known here by its description alone; its code is imported when a model of it is built or read,
in the child process that does so. A plug-in that cannot be used is left out with a sentence and disturbs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from mlcore import records
from mlcore.learning.models.kind import ModelKind
from mlcore.learning.plugins.source import LeftOut, Source, sources


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A kind of model that is not built in. `stays` says why its models cannot leave the house; empty when they can."""

    kind: ModelKind
    source: Source
    stays: str = ""

    def is_of(self, need: Mapping[str, Any]) -> bool:
        """Whether it is the plug-in that a stored model names, in whatever version."""
        if need.get("file"):
            return Path(self.source.file).name == str(need["file"])
        return bool(self.source.package) and self.source.package == need.get("package")


@dataclass(frozen=True, kw_only=True)
class Found:
    """The plug-ins by key, and what is not offered and why."""

    plugins: Mapping[str, Plugin]
    left_out: tuple[LeftOut, ...] = ()


def found(*, afresh: bool = False) -> Found:
    """The plug-ins that are there now. Asks only those that are new or changed, or all of them `afresh`."""
    listed, left_out = sources()
    if not listed:
        return Found(plugins={}, left_out=left_out)
    if afresh:
        _described.cache_clear()
    return _described(listed, left_out, afresh)


def kinds() -> dict[str, ModelKind]:
    """The kinds of models that plug-ins offer, by key."""
    return {key: plugin.kind for key, plugin in found().plugins.items()}


@cache
def _described(listed: tuple[Source, ...], left_out: tuple[LeftOut, ...], afresh: bool) -> Found:
    from mlcore.learning.models import MODELS
    from mlcore.learning.plugins import probe
    from mlcore.learning.plugins.opening import RESERVED

    plugins: dict[str, Plugin] = {}
    out = list(left_out)
    taken = dict.fromkeys((*MODELS.built_in, *RESERVED), "this program itself")
    for source, answer in zip(listed, probe.ask(listed, afresh=afresh), strict=True):
        out += [LeftOut(name=source.name, reason=fault) for fault in answer.faults]
        for card in answer.kinds:
            kind = _kind(card, source)
            if kind.key in taken:
                reason = f"takes the key {kind.key!r}, which {taken[kind.key]} has already; give it another."
                out.append(LeftOut(name=source.name, reason=reason))
                continue
            taken[kind.key] = source.name
            plugins[kind.key] = Plugin(kind=kind, source=source, stays=answer.stays)
    return Found(plugins=plugins, left_out=tuple(out))


def _kind(card: Mapping[str, Any], source: Source) -> ModelKind:
    calls = {name: _Later(source=source, key=card["fields"]["key"], name=name) for name in card["calls"]}
    return records.from_json(ModelKind, {**card["fields"], **calls})


@dataclass(frozen=True, kw_only=True)
class _Later:
    """A function of a plug-in that imports it when it is called."""

    source: Source
    key: str
    name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from mlcore.learning.plugins.opening import opened

        return getattr(opened(self.source).kinds[self.key], self.name)(*args, **kwargs)
