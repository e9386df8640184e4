"""Which packages are here in another version than the model was made with. Needs nothing but Python."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

INSTALL = "pip install -r requirements.txt"

MATTER = ("numpy", "pandas", "scikit-learn", "scipy", "skops", "lightgbm", "xgboost", "catboost", "onnxruntime")
"""Told first: what a model is made of."""


def others(wanted: Mapping[str, str]) -> list[str]:
    """One sentence for each package whose version is not the one the model was made with."""
    return [
        f"{name} is {have} here, the model was made with {version}"
        for name, version in wanted.items()
        if (have := installed(name)) != version
    ]


def installed(name: str) -> str:
    """The version of a package, or "not installed"."""
    try:
        return metadata.version(name)
    except (metadata.PackageNotFoundError, ValueError):  # a name that no package can have
        return "not installed"


def advice(folder: Path) -> str:
    """What is different here and what to install; empty where all are the same, or no manifest says."""
    if not (folder / "manifest.json").is_file():
        return ""
    wanted: dict[str, str] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["versions"]
    every = others(wanted)
    found = others({name: wanted[name] for name in MATTER if name in wanted}) or every[:1]
    beside = f" (and {len(every) - len(found)} more)" if len(every) > len(found) else ""
    return f"{'; '.join(found)}{beside}. Install what it was made with: {INSTALL}" if every else ""
