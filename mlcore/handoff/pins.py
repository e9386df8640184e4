"""The exact versions a bundle was made with, and whether another environment has them."""

from __future__ import annotations

import platform
import re
from importlib import metadata

IMPORTED = ("numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops")
"""What the bundle's own files import, whatever the model."""

OPTIONAL = ("lightgbm", "xgboost", "catboost")
"""Imported only when a model of theirs is inside."""

SERVED = ("fastapi", "uvicorn", "orjson")
"""Imported by the service of a bundle, beside what scoring imports."""

QUICKER = ("httptools==0.9.0", "uvloop==0.23.0; sys_platform != 'win32'")
"""Taken by uvicorn where they are there. They are not here, where the app's own server would take them too."""
RUNTIME = "onnxruntime"
"""Imported only when the model is there as a graph."""

OURS = "tablesmith"
"""A plug-in may say that it needs this project; a bundle does not."""


def pins(libraries: tuple[str, ...] = ()) -> dict[str, str]:
    """Package → installed version: `IMPORTED`, `libraries`, and everything these need in turn, alphabetically."""
    versions: dict[str, str] = {}
    waiting = [*IMPORTED, *libraries]
    while waiting:
        name = _normal(waiting.pop())
        if name in versions or name == OURS:
            continue
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # needed on another system only
            continue
        versions[name] = found.version
        waiting += [_named(line) for line in found.requires or [] if "extra ==" not in line]
    return dict(sorted(versions.items()))


def requirements(versions: dict[str, str], imported: tuple[str, ...]) -> str:
    """The text of requirements.txt: first what the bundle imports, then what that needs."""
    direct = [_normal(name) for name in imported]
    lines = [f"# Python {python()}", "", "# imported by this bundle"]
    lines += [f"{name}=={versions[name]}" for name in direct]
    lines += ["", "# needed by the packages above"]
    lines += [f"{name}=={version}" for name, version in versions.items() if name not in direct]
    return "\n".join(lines) + "\n"


def service() -> str:
    """The text of service/requirements.txt: those of the bundle, and what the service needs beside them."""
    have = pins()
    more = {name: version for name, version in pins(SERVED).items() if name not in have}
    lines = ["-r ../requirements.txt", "", "# imported by the service, and needed by these in turn"]
    lines += [f"{name}=={version}" for name, version in more.items()]
    lines += ["", "# not needed, but quicker", *QUICKER]
    return "\n".join(lines) + "\n"


def differences(wanted: dict[str, str]) -> tuple[str, ...]:
    """One sentence for each package that this environment has in another version, or not at all."""
    return tuple(
        f"{name} is {have or 'not installed'} here, the model was made with {version}"
        for name, version in wanted.items()
        if (have := installed(name)) != version
    )


def command(wanted: dict[str, str]) -> str:
    """What to type to have the versions that this environment has otherwise; the first few by name."""
    other = [f"{name}=={version}" for name, version in wanted.items() if installed(name) != version]
    named = [pin for pin in other if pin.partition("==")[0] in (*IMPORTED, *OPTIONAL)]
    rest = len(other) - len(named)
    return "pip install " + " ".join(named) if named and not rest else "pip install -r requirements.txt"


def installed(name: str) -> str | None:
    """The version of a package in this environment; None when it is not there."""
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):  # a name that no package can have
        return None


def python() -> str:
    """This interpreter's version, as in `3.11`."""
    return ".".join(platform.python_version_tuple()[:2])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _named(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    return match.group() if match else requirement
