"""What the model says, through ONNX Runtime: for a row at a time a hundred times quicker than scoring.py.

    import quick
    model = quick.load("this folder")        # None when there is no model.onnx, or ONNX Runtime is not installed
    model.values({"c0": numpy.array([3.5]), "c1": numpy.array(["red"], dtype=object), ...})

Takes the model's internal columns, which `scoring.conform` makes of raw rows; onnx.json names those that are needed.
Needs numpy and onnxruntime, nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = 1


class Quick:
    """A model.onnx that is open. `threads` is how many a large batch may use; a row never needs more than one."""

    def __init__(self, content: bytes, told: Mapping[str, Any], threads: int = 1) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.numbers: list[str] = list(told["numbers"])
        self.words: list[str] = list(told["words"])
        self.labels: list[str] = list(told["labels"])
        self.tolerance = float(told.get("tolerance", 0.0))

    def values(self, parts: Mapping[str, Any]) -> NDArray[np.float64]:
        """Probabilities (n, k) in the order of `labels`, or predictions (n,), of internal columns (n,) by name."""
        rows = len(next(iter(parts.values())))
        numbers = np.empty((rows, len(self.numbers)), dtype=np.float32)
        for place, name in enumerate(self.numbers):
            numbers[:, place] = parts[name]
        given: dict[str, Any] = {"numbers": numbers}
        if self.words:
            words = np.empty((rows, len(self.words)), dtype=object)
            for place, name in enumerate(self.words):
                words[:, place] = parts[name]
            given["words"] = words
        if not rows:
            return np.zeros((0, len(self.labels)) if self.labels else 0)
        made: NDArray[np.float64] = self._session.run(["values"], given)[0]
        return made


def load(folder: Path | str, threads: int = 1) -> Quick | None:
    """The model.onnx of a bundle; None when it has none (onnx.json says why) or ONNX Runtime is not installed."""
    place = Path(folder)
    if not (place / "model.onnx").is_file():
        return None
    told = json.loads((place / "onnx.json").read_text(encoding="utf-8"))
    if told.get("format") != FORMAT:
        raise ValueError(f"onnx.json has format {told.get('format')}; only format {FORMAT} can be read here")
    try:
        return Quick((place / "model.onnx").read_bytes(), told, threads)
    except ModuleNotFoundError:
        return None


def parts_of(frame: Any) -> dict[str, NDArray[Any]]:
    """What `scoring.conform` made, a pandas table, as `Quick.values` takes it."""
    return {str(name): frame[name].to_numpy() for name in frame.columns}


def gaps(got: NDArray[np.float64], wanted: NDArray[np.float64], tolerance: float) -> NDArray[np.float64]:
    """How far each row's answer is from the one wanted, (n,); infinite where it is no number or of another shape.

    A number so large that 64 bits do not hold it within the tolerance may be off by a thousand-millionth of itself.
    """
    if got.shape != wanted.shape:
        return np.full(len(wanted), np.inf)
    far = np.abs(got - wanted) / np.maximum(1.0, 1e-9 * np.abs(wanted) / tolerance)
    far = np.where(np.isnan(far), np.inf, far)
    return far.max(axis=1) if far.ndim == 2 else far
