"""The models that can be tried, cheap and telling first; behind them those of plug-ins (docs/plugins.md)."""

from __future__ import annotations

from mlcore.learning.models.additive import ADDITIVE
from mlcore.learning.models.baseline import BASELINE
from mlcore.learning.models.bayes import BAYES
from mlcore.learning.models.catboost import CATBOOST
from mlcore.learning.models.extra import EXTRA
from mlcore.learning.models.forest import FOREST
from mlcore.learning.models.histogram import HISTOGRAM
from mlcore.learning.models.kernel import KERNEL
from mlcore.learning.models.kind import Config, ModelKind, Range
from mlcore.learning.models.lightgbm import LIGHTGBM
from mlcore.learning.models.linear import LINEAR
from mlcore.learning.models.models import Models
from mlcore.learning.models.neighbours import NEIGHBOURS
from mlcore.learning.models.net import NET
from mlcore.learning.models.rule import RULE
from mlcore.learning.models.scorecard import SCORECARD
from mlcore.learning.models.shrunk import SHRUNK
from mlcore.learning.models.tree import TREE
from mlcore.learning.models.xgboost import XGBOOST

READABLE = (TREE, SCORECARD, ADDITIVE, BAYES)
MODELS = Models(
    (
        BASELINE,
        RULE,
        LINEAR,
        SHRUNK,
        LIGHTGBM,
        HISTOGRAM,
        EXTRA,
        FOREST,
        CATBOOST,
        XGBOOST,
        NET,
        KERNEL,
        NEIGHBOURS,
        *READABLE,
    )
)

__all__ = ["MODELS", "Config", "ModelKind", "Range"]
