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
        rows = len(next(iter(parts.values()))) if not hasattr(parts, "columns") else len(parts)
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
        made: NDArray[np.float64] = self._session.run(None, given)[0]
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
