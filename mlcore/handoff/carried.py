"""What a model made with plug-ins takes along: their files, or the names of the packages they are in."""

from __future__ import annotations

import ast
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from mlcore.errors import BundleError
from mlcore.files import sha256
from mlcore.learning import plugins
from mlcore.learning.plugins import trust

FOLDER = "plugins"
"""Where a bundle keeps the files of plug-ins."""


def barred(model: Path) -> str:
    """Why the model stored in this folder cannot be handed over, as one sentence; empty when it can."""
    for need in _needed(model):
        plugin = _plugin(need)
        name = need.get("file") or need.get("package")
        if plugin is None:
            return f"This model cannot be handed over: its plug-in {name} is not here any more."
        if plugin.stays:
            return f"This model cannot be handed over: its plug-in {name} {plugin.stays}"
        if need.get("file") and plugin.source.stamp != need.get("sha256"):
            return f"This model cannot be handed over: its plug-in {name} was changed since; train the model again."
    return ""


def carry(folder: Path) -> None:
    """Put the files of plug-ins into a bundle's folder; `BundleError` when the model cannot be handed over."""
    reason = barred(folder)
    if reason:
        raise BundleError(reason, remedy="docs/plugins.md tells what a plug-in needs for that.")
    for need in _needed(folder):
        plugin = _plugin(need)
        if need.get("file") and plugin is not None:
            (folder / FOLDER).mkdir(exist_ok=True)
            shutil.copyfile(plugin.source.file, folder / FOLDER / str(need["file"]))


def packages(folder: Path) -> tuple[str, ...]:
    """The packages that the plug-ins of a bundle are in, or that their files import."""
    needed = _needed(folder)
    named = [str(need["package"]) for need in needed if need.get("package")]
    for need in needed:
        if need.get("file"):
            named += _imported(folder / FOLDER / str(need["file"]))
    return tuple(dict.fromkeys(named))


def files(folder: Path) -> tuple[str, ...]:
    """The files of plug-ins that a bundle has."""
    return tuple(str(need["file"]) for need in _needed(folder) if need.get("file"))


def allowed(folder: Path) -> tuple[str, ...]:
    """The paths in the bundle of those of them that are, byte by byte, a plug-in that is allowed here."""
    stamps = {plugin.source.stamp for plugin in plugins.found().plugins.values() if plugin.source.file}
    paths = [f"{FOLDER}/{Path(name).name}" for name in files(folder)]
    return tuple(path for path in paths if (folder / path).is_file() and sha256(folder / path) in stamps)


def differences(folder: Path) -> tuple[str, ...]:
    """A sentence for each file of a plug-in that is not the one a bundle was made with."""
    return trust.differences(_needed(folder))


def _needed(folder: Path) -> list[Mapping[str, Any]]:
    try:
        needed: Any = json.loads((folder / "scoring.json").read_text(encoding="utf-8")).get("trusted", [])
        if all(isinstance(need, dict) for need in needed):
            return list(needed)
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _unread() from error
    raise _unread()


def _unread() -> BundleError:
    return BundleError("scoring.json cannot be read", where="scoring.json", remedy="Export the bundle again.")


def _plugin(need: Mapping[str, Any]) -> plugins.Plugin | None:
    return next((one for one in plugins.found().plugins.values() if one.is_of(need)), None)


def _imported(file: Path) -> list[str]:
    """The installed packages that a file of Python imports."""
    homes = metadata.packages_distributions()
    tops = sorted(set(_tops(file)) - sys.stdlib_module_names - {"mlcore"})
    return [homes[top][0] for top in tops if top in homes]


def _tops(path: Path) -> Iterator[str]:
    """The top packages that a file of Python imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
