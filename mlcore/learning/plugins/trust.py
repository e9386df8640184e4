"""Which types of plug-ins a stored model needs, and whether they may be built here.

A stored model names the types it is made of, and only those that are known may be built from a file. Types of a plug-in
are known where this very plug-in is installed or allowed, whatever a file claims.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlcore.learning import plugins
from mlcore.learning.plugins import Plugin
from mlcore.learning.plugins.opening import load_module
from mlcore.learning.plugins.source import VARIABLE
from mlcore.learning.scoring import TRUSTED, ScoringError

Need = dict[str, Any]
"""An entry of `trusted` in scoring.json: `types`, and either `package` and `version`, or `file` and `sha256`."""


def needs(store: Path, models: Sequence[str]) -> list[Need]:
    """What a model file of these kinds of models needs; raises `ValueError` when a type belongs to none of them."""
    from mlcore.learning.models import MODELS

    own = [key for key in dict.fromkeys(models) if key not in MODELS.built_in]
    if not own:
        return []
    from skops.io import get_untrusted_types

    found = plugins.found().plugins
    left = {name for name in get_untrusted_types(file=store) if name not in TRUSTED}
    needed = []
    for plugin in (found[key] for key in own if key in found):
        mine = sorted(name for name in left if _vouches(plugin, name))
        left -= set(mine)
        if mine:
            needed.append({**_named(plugin), "types": mine})
    if left:
        raise ValueError(
            f"it cannot be stored: it holds the type {min(left)}, which the plug-in does not list in `types` of its "
            "ModelKind"
        )
    return needed


def vouched(needed: Sequence[Mapping[str, Any]]) -> list[str]:
    """The types that may be built, their modules imported; `ScoringError` when a plug-in is not here."""
    names: list[str] = []
    for need in needed:
        alike = [plugin for plugin in plugins.found().plugins.values() if plugin.is_of(need)]
        if not alike:
            raise ScoringError(
                f"this model needs the plug-in {title(need)}, which is not here; an administrator installs the "
                f"package, or puts the file into a folder that {VARIABLE} names"
            )
        for name in need["types"]:
            if not any(_vouches(plugin, name) for plugin in alike):
                raise ScoringError(f"this model names the type {name}, which the plug-in {title(need)} does not have")
        _import(alike[0], need)
        names += need["types"]
    return names


def title(need: Mapping[str, Any]) -> str:
    """How a need is called in sentences."""
    return str(need["file"]) if need.get("file") else f"{need.get('package')} {need.get('version')}"


def differences(needed: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """A sentence for each file of a plug-in that is not the one a model was made with."""
    here = {Path(p.source.file).name: p.source.stamp for p in plugins.found().plugins.values() if p.source.file}
    return tuple(
        f"{need['file']} is another version here than the one the model was made with"
        for need in needed
        if need.get("file") in here and here[need["file"]] != need.get("sha256")
    )


def _import(plugin: Plugin, need: Mapping[str, Any]) -> None:
    try:
        load_module(plugin.source)
    except Exception as error:
        raise ScoringError(f"the plug-in {title(need)} cannot be imported: {type(error).__name__}") from error


def _vouches(plugin: Plugin, type_name: str) -> bool:
    return plugin.source.holds(type_name) or type_name in plugin.kind.types


def _named(plugin: Plugin) -> Need:
    source = plugin.source
    if source.file:
        return {"file": Path(source.file).name, "sha256": source.stamp}
    return {"package": source.package, "version": source.version}
