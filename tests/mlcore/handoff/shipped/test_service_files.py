"""What lies in a bundle for the service."""

from __future__ import annotations

import ast
import platform
from pathlib import Path

from mlcore.handoff.pins import QUICKER


def imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).partition(".")[0])
    return found


def test_nothing_in_a_bundle_imports_this_project(species: Path) -> None:
    assert not [file.name for file in species.rglob("*.py") if "mlcore" in imported(file)]
    assert {"service", "rows"} <= imported(species / "service" / "app.py")


def test_the_requirements_of_the_service_stand_apart(species: Path) -> None:
    lines = (species / "service" / "requirements.txt").read_text().splitlines()
    assert lines[0] == "-r ../requirements.txt"
    named = {line.partition("==")[0] for line in lines if "==" in line}
    assert {"fastapi", "uvicorn", "orjson", "starlette", "uvloop", "httptools"} <= named
    alone = {
        line.partition("==")[0] for line in (species / "requirements.txt").read_text().splitlines() if "==" in line
    }
    assert not named & alone
    assert set(QUICKER) < set(lines)


def test_the_image_has_the_python_the_model_was_made_with(species: Path) -> None:
    version = ".".join(platform.python_version_tuple()[:2])
    lines = (species / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        f"FROM python:{version}-slim AS packages",
        f"FROM python:{version}-slim",
    ]
    assert "USER 10001" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    for name in ("compose.yaml", "service/kubernetes.yaml", "service/probe.py", ".dockerignore"):
        assert (species / name).is_file()
