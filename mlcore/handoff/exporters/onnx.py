"""The model as one ONNX graph: for programs without Python, and for answers in a tenth of a millisecond."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from mlcore.errors import BundleError
from mlcore.handoff.exporters.exporter import Form, Written
from mlcore.handoff.manifest import PathProof

NOTES = (
    "It takes the model's own columns: its metadata names them, and `scoring.conform` of the bundle makes them.",
    "It says probabilities, or numbers; thresholds, rules and flags stay with the bundle's scoring.py.",
)


class Onnx:
    """`model.onnx`, that of the bundle or one drawn and held to its model now."""

    key = "onnx"
    title = "ONNX graph"
    whom = "an engineer who has no Python, or no time"
    about = (
        "The whole model, ensembles too, as one file that ONNX Runtime runs in any language; checked against the model "
        "at its own thresholds. It needs ONNX Runtime 1.17 or newer."
    )
    form: Form = "file"
    name = "model.onnx"

    def barred(self, bundle: Path) -> str:
        """Why the model cannot be drawn, as it was found when the bundle was made."""
        told = _told(bundle)
        return "" if told.get("late") else str(told.get("why", ""))

    def write(self, bundle: Path, out: Path) -> Written:
        """Copy the graph of the bundle, or draw it: `BundleError` when the model cannot be drawn."""
        if (bundle / self.name).is_file():
            return self._written(bundle, bundle, out)
        import pandas as pd

        from mlcore.handoff.graph.make import made
        from mlcore.learning.scoring import Scorer

        with tempfile.TemporaryDirectory(prefix="tablesmith-onnx-") as name:
            rows = pd.read_parquet(bundle / "golden" / "input.parquet")
            found = made(Path(name), Scorer.load(bundle), rows)
            if found.why:
                raise BundleError(found.why)
            return self._written(Path(name), bundle, out)

    def _written(self, folder: Path, bundle: Path, out: Path) -> Written:
        shutil.copyfile(folder / self.name, out)
        return Written(proof=(_proof(folder, bundle),), notes=NOTES)


def _told(folder: Path) -> dict[str, Any]:
    path = folder / "onnx.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _proof(folder: Path, bundle: Path) -> PathProof:
    """The golden rows through the graph, beside what the model says of them in this environment."""
    import pandas as pd

    from mlcore.handoff.shipped import quick
    from mlcore.learning.scoring import Scorer, conform, typed

    started = time.perf_counter()
    scorer, fast = Scorer.load(bundle), quick.load(folder)
    assert fast is not None
    rows = pd.read_parquet(bundle / "golden" / "input.parquet")
    frame = conform(typed(scorer.prepared(rows), scorer.fields), scorer.fields)
    gaps = quick.gaps(fast.values(quick.parts_of(frame)), scorer.values_of(frame), fast.tolerance)
    gap = float(gaps.max())
    return PathProof(
        key="onnx",
        title="model.onnx in ONNX Runtime",
        rows=len(rows),
        difference=gap,
        ok=gap <= fast.tolerance,
        seconds=round(time.perf_counter() - started, 3),
        tolerance=fast.tolerance,
    )


ONNX = Onnx()
