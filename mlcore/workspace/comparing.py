"""What the children of the engine do to compare models: several side by side, one on growing parts of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mlcore.workspace.errands import evaluate


def beside(folder: str, keys: Sequence[str]) -> list[str]:
    """Lay models side by side, and measure each of them; `learning.beside` says where what came of it lies."""
    from mlcore.learning.beside import write_beside

    for key in keys:
        evaluate(folder, key)
    write_beside(Path(folder), keys)
    return list(keys)


def folds_to_grow(folder: str, key: str) -> list[int]:
    """The folds in which a model can be let learn from parts of the rows."""
    from mlcore.learning import growth

    for old in growth.place_of(Path(folder), key).glob("*"):
        old.unlink()
    return list(growth.folds(Path(folder)))


def grow(folder: str, key: str, fold: int, seconds: float, threads: int = 1) -> list[int]:
    """Let a model learn from parts of the rows of one fold; the sizes of the parts."""
    from mlcore.learning import growth

    return list(growth.grow(Path(folder), key, fold, seconds=seconds, threads=threads))


def conclude_growth(folder: str, key: str) -> str:
    """Fit the curve of what more rows bring, and keep it in the run's folder."""
    from mlcore.learning import growth

    return growth.write_growth(Path(folder), key).verdict
