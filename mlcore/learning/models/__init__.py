"""The models that can be tried, cheap and telling first."""

from __future__ import annotations

from mlcore.learning.models.baseline import BASELINE
from mlcore.learning.models.histogram import HISTOGRAM
from mlcore.learning.models.kind import Config, ModelKind
from mlcore.learning.models.lightgbm import LIGHTGBM
from mlcore.learning.models.linear import LINEAR
from mlcore.learning.models.rule import RULE
from mlcore.registry import Catalogue

MODELS: Catalogue[ModelKind] = Catalogue("model", (BASELINE, RULE, LINEAR, LIGHTGBM, HISTOGRAM))

__all__ = ["MODELS", "Config", "ModelKind"]
