"""The forms in which a bundle can be handed over; each is one file here and one line below."""

from __future__ import annotations

from mlcore.handoff.exporters.card import CARD
from mlcore.handoff.exporters.exporter import Exporter, Form, Written
from mlcore.handoff.exporters.joblib import JOBLIB
from mlcore.handoff.exporters.mlflow import MLFLOW
from mlcore.handoff.exporters.notebook import NOTEBOOK
from mlcore.handoff.exporters.onnx import ONNX
from mlcore.handoff.exporters.script import SCRIPT
from mlcore.handoff.exporters.service import SERVICE
from mlcore.handoff.exporters.zip import ZIP
from mlcore.registry import Catalogue

EXPORTERS: Catalogue[Exporter] = Catalogue("format", (ZIP, SERVICE, ONNX, MLFLOW, SCRIPT, NOTEBOOK, CARD, JOBLIB))
"""In the order in which the Export page shows them."""

__all__ = ["EXPORTERS", "Exporter", "Form", "Written"]
