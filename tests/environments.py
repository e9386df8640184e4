"""Fresh environments, as an engineer makes them for a bundle: what is asked for, and nothing of this project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_UV = Path(sys.executable).with_name("uv")


def clean() -> dict[str, str]:
    """The variables of a shell in which no environment is active."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST", "VIRTUAL"))}


def fresh(place: Path, *wanted: object) -> Path:
    """The interpreter of a new environment that holds what pip is asked for with these words, and nothing else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    add(place / "bin" / "python", *wanted)
    return place / "bin" / "python"


def add(python: Path, *wanted: object) -> None:
    """Install into an environment: by uv, in seconds, or by pip where uv is not there or does not get through.

    pip is told of settings of this machine that uv does not read, such as an index of its own in pip.conf.
    """
    words = [str(word) for word in wanted]
    quick = [_UV, "pip", "install", "--quiet", "--python", python, *words]
    if _UV.exists() and subprocess.run(quick, env=clean(), check=False).returncode == 0:
        return
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-compile", *words]
    subprocess.run(pip, env=clean(), check=True)
