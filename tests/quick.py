"""Settings with which models are fitted at once, where it is not asked how well they do."""

from __future__ import annotations

from mlcore.params import Value

QUICK: dict[str, dict[str, Value]] = {
    "forest": {"trees": 20},
    "extra": {"trees": 20},
    "histogram": {"rate": 0.3, "leaves": 4},
    "catboost": {"rate": 0.5, "depth": 3},
    "xgboost": {"rate": 0.3},
    "lightgbm": {"rate": 0.2},
    "additive": {"rate": 0.3},
    "net": {"width": 16, "steps": 100},
}
