"""Where plug-ins may come from: installed packages that say so, and files of a folder that an administrator allowed."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

GROUP = "tablesmith.models"
VARIABLE = "TABLESMITH_PLUGINS"
PREFIX = "tablesmith_plugin_"
"""Before a file's name: the module that it is imported as, here and in a bundle."""

NAME = re.compile(r"[a-z0-9_]{1,40}")
LARGEST = 1_000_000
OTHERS_MAY_WRITE = 0o002


@dataclass(frozen=True, kw_only=True)
class Source:
    """A package's entry point, or a file. `name` is for people; `stamp` changes when what is there may have changed.

    `entry` is "module:object", `file` a path; one of them is empty.
    """

    name: str
    module: str
    stamp: str
    entry: str = ""
    package: str = ""
    version: str = ""
    file: str = ""

    def holds(self, type_name: str) -> bool:
        """Whether this is the code that a type, "module.Class", is defined in."""
        module = type_name.rpartition(".")[0]
        if self.file:
            return module == self.module
        top = self.module.partition(".")[0]
        return module == top or module.startswith(top + ".")


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A plug-in that is not offered. `reason` goes on where the name ends, with what to do."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name} {self.reason}"


def sources() -> tuple[tuple[Source, ...], tuple[LeftOut, ...]]:
    """Everything that could be loaded, packages first, and what cannot be looked at; imports nothing."""
    found, left_out = list(_packages()), []
    for folder in _folders():
        if isinstance(folder, LeftOut):
            left_out.append(folder)
            continue
        for path in sorted(folder.glob("*.py")):
            if not path.name.startswith(("_", ".")):
                one = _readable(path, folder, {source.module for source in found})
                (found if isinstance(one, Source) else left_out).append(one)  # type: ignore[arg-type]
    return tuple(found), tuple(left_out)


@cache
def _packages() -> tuple[Source, ...]:
    found = []
    for point in metadata.entry_points(group=GROUP):
        package = point.dist.name if point.dist is not None else point.module
        version = point.dist.version if point.dist is not None else ""
        found.append(
            Source(
                name=f"the package {package} {version}".strip(),
                module=point.module,
                stamp=f"{version} {_changed(point.module)}",
                entry=point.value,
                package=package,
                version=version,
            )
        )
    return tuple(sorted(found, key=lambda source: (source.package, source.entry)))


def _changed(module: str) -> int:
    """When the file of a module's top package was changed; a package that is worked on keeps its version."""
    try:
        spec = find_spec(module.partition(".")[0])
    except (ImportError, ValueError):
        return 0
    origin = Path(spec.origin) if spec is not None and spec.origin else None
    return origin.stat().st_mtime_ns if origin is not None and origin.is_file() else 0


def _folders() -> list[Path | LeftOut]:
    named = [folder for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder]
    return [_folder(folder) for folder in dict.fromkeys(named)]


def _folder(named: str) -> Path | LeftOut:
    folder = Path(named)
    can_be_read = os.access(folder, os.R_OK | os.X_OK) and folder.is_dir()
    if not folder.is_absolute() or folder.resolve() == Path("/") or not can_be_read:
        reason = f"is not a folder that plug-ins can be taken from; give the full path of one in {VARIABLE}."
        return LeftOut(name=named, reason=reason)
    if folder.stat().st_mode & OTHERS_MAY_WRITE:
        reason = "may be written to by anyone on this machine; take that right away, then its plug-ins are loaded."
        return LeftOut(name=named, reason=reason)
    return folder.resolve()


def _readable(path: Path, folder: Path, taken: set[str]) -> Source | LeftOut:
    try:
        return _file(path, folder, taken)
    except OSError as error:
        reason = f"cannot be read ({error.strerror}); let the user that runs this program read it."
        return LeftOut(name=path.name, reason=reason)


def _file(path: Path, folder: Path, taken: set[str]) -> Source | LeftOut:
    """The source of one file, or why it is none; links that lead elsewhere are not followed."""
    module, fault = PREFIX + path.stem, ""
    real = path.resolve()
    if not NAME.fullmatch(path.stem):
        fault = "has a name that is not made of a–z, 0–9 and _; rename the file."
    elif real.parent != folder or not real.is_file():
        fault = "is a link that leads out of the folder; put the file itself there."
    elif real.stat().st_mode & OTHERS_MAY_WRITE:
        fault = "may be written to by anyone on this machine; take that right away."
    elif real.stat().st_size > LARGEST:
        fault = "is larger than 1 MB; make it a package instead."
    elif module in taken:
        fault = "has the name of a file in another folder of plug-ins; rename one of them."
    if fault:
        return LeftOut(name=path.name, reason=fault)
    stamp = hashlib.sha256(real.read_bytes()).hexdigest()
    return Source(name=f"the file {path.name}", module=module, stamp=stamp, file=str(real))
