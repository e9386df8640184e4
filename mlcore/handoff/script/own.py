"""The code of our own estimators, taken along: the same files, importing each other from the package `steps`."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterable
from pathlib import Path

PACKAGE = "steps"
_HOUSE = "mlcore."
_ARRAYS = "mlcore.evaluation.predictions"
_ALIASES = '''"""Names for kinds of arrays and tasks."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Task = Literal["binary", "multiclass", "regression"]
'''
_FIRST = '"""Steps of the tool that trained the model which scikit-learn does not have; estimators like its own."""\n'


def files_of(classes: Iterable[type]) -> dict[str, str]:
    """File name → code for these classes and all they import; nothing when there are none."""
    waiting, made = [kind.__module__ for kind in classes], {}
    while waiting:
        module = waiting.pop()
        name = f"{flat(module)}.py"
        if name not in made:
            made[name], more = _moved(module)
            waiting += more
    return {} if not made else {"__init__.py": _FIRST, "arrays.py": _ALIASES, **made}


def flat(module: str) -> str:
    """The name of one of our modules in the package: `neural_net` for `mlcore.learning.neural.net`."""
    return "arrays" if module == _ARRAYS else "_".join(module.split(".")[2:])


def _moved(module: str) -> tuple[str, list[str]]:
    """The code of a module with its imports of ours from the package, and the modules that it imports."""
    code = Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8")
    lines, needed = code.splitlines(), []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_HOUSE):
            found = [(f"{node.module}.{one.name}", one.name) for one in node.names]
            parts = [(full, name) for full, name in found if _is_module(full)]
            names = [name for full, name in found if not _is_module(full)]
            made = [f"from {PACKAGE} import {flat(full)} as {name}" for full, name in parts]
            made += [f"from {PACKAGE}.{flat(str(node.module))} import {', '.join(names)}"] if names else []
            needed += [full for full, _ in parts] + ([str(node.module)] if names else [])
            first, last = node.lineno - 1, int(node.end_lineno or node.lineno)
            indent = lines[first][: node.col_offset]
            lines[first:last] = ["\n".join(indent + line for line in made)] + [""] * 0 + ["\0"] * (last - first - 1)
    text = "\n".join(line for line in lines if line != "\0") + "\n"
    for remark in ("  # type: ignore[misc]  # scikit-learn has no types",):
        text = text.replace(remark, "")
    return text, [one for one in needed if one != _ARRAYS]


def _is_module(name: str) -> bool:
    return (
        (Path(str(importlib.import_module("mlcore").__file__)).parent.parent / Path(*name.split(".")))
        .with_suffix(".py")
        .is_file()
    )
