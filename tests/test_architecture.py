"""The shape of the house: imports point down, mlcore knows no Streamlit, the front door is light."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each room with the number of the floor it stands on; a module may import from its own floor and those below.
FLOORS = {
    "errors": 0, "findings": 0, "params": 0, "registry": 0, "files": 0, "records": 0,
    "data": 1, "evaluation": 2, "learning": 3, "explanation": 4, "monitoring": 5, "plots": 6, "handoff": 7,
    "workspace": 8, "api": 9, "cli": 10, "__main__": 11,
}  # fmt: skip

TOP_LEVEL = {
    "pyproject.toml", "app.py", "pages", "mlcore", "tests", "sample_data", "docs",
    "README.md", "LICENSE", "CHANGELOG.md", "Makefile", "constraints.txt",
}  # fmt: skip

SOURCES = sorted((ROOT / "mlcore").rglob("*.py"))


@cache
def imports(path: Path) -> list[tuple[str, int]]:
    """Every absolute module name a file imports, with its line, whether at the top or inside a function."""
    found: list[tuple[str, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively; write the full name"
            assert node.module is not None
            found.append((node.module, node.lineno))
            found += [(f"{node.module}.{alias.name}", node.lineno) for alias in node.names]
    return found


def room(module: str) -> str | None:
    """The room of a dotted name inside mlcore; None for names outside or for mlcore itself."""
    parts = module.split(".")
    return parts[1] if parts[0] == "mlcore" and len(parts) > 1 and parts[1] in FLOORS else None


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "mlcore").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    if path == ROOT / "mlcore" / "__init__.py":
        pytest.skip("the front door names every room, lazily")
    floor = FLOORS[room_of(path)]
    up = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imports(path)
        if (other := room(name)) is not None and FLOORS[other] > floor
    ]
    assert not up


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_mlcore_never_imports_streamlit_nor_pages(path: Path) -> None:
    assert not [name for name, _ in imports(path) if name.split(".")[0] in ("streamlit", "pages", "app")]


def test_plotly_lives_in_plots() -> None:
    outside = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        for name, _ in imports(path)
        if name.split(".")[0] == "plotly" and room_of(path) != "plots"
    }
    assert not outside


@pytest.mark.parametrize("path", ["learning/scoring.py", "learning/obeying.py", "data/replay.py", "data/formula.py"])
def test_the_runtime_that_travels_in_bundles_stands_alone(path: str) -> None:
    names = {name.split(".")[0] for name, _ in imports(ROOT / "mlcore" / path)}
    assert "mlcore" not in names


def test_pages_have_a_folder_for_each_section() -> None:
    assert not list((ROOT / "pages").glob("*.py"))


def test_the_top_level_is_the_agreed_one() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    top = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


LIGHT = """
import sys, time
start = time.process_time()
import mlcore
heavy = {"streamlit", "shap", "plotly", "sklearn", "lightgbm", "dbos", "numba"} & set(sys.modules)
print(",".join(sorted(heavy)), round(time.process_time() - start, 2))
"""


def test_importing_mlcore_loads_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split(" ")[0] == ""


def test_the_command_line_loads_no_library_before_it_knows_the_command() -> None:
    code = "import sys, mlcore.cli; print(sorted({'numpy', 'pandas', 'sqlalchemy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_file_names_a_package_registry() -> None:
    words = ("index-url", "pypi." + "org", "registry.npmjs", "pythonhosted")
    for path in (ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "Makefile"):
        assert not [word for word in words if word in path.read_text(encoding="utf-8")]
