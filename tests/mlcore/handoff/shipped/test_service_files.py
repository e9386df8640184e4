"""What lies in a bundle for the service."""

from __future__ import annotations

import platform
from pathlib import Path

from mlcore.handoff.pins import QUICKER


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
