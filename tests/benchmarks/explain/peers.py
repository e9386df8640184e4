"""One other tool on one model: prints a JSON line. Runs in the environment of the others; imports nothing of ours.

python peers.py FOLDER KIND TASK METHOD
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def loaded(folder: Path, kind: str, task: str) -> Any:
    """The model as its own library reads it, where possible as a scikit-learn estimator."""
    if kind == "xgboost":
        from xgboost import XGBClassifier, XGBRegressor

        model = (XGBClassifier if task == "binary" else XGBRegressor)(n_jobs=1)
        model.load_model(folder / "model.json")
        return model
    import joblib

    return joblib.load(folder / "ours.joblib")


def shap_values(model: Any, X: pd.DataFrame, B: pd.DataFrame, method: str, task: str) -> tuple[np.ndarray, float]:
    """Contributions (n, d) and the base."""
    import shap

    if method == "shap path":
        explainer = shap.TreeExplainer(model)
    else:
        output = "probability" if task == "binary" else "raw"
        explainer = shap.TreeExplainer(model, B, feature_perturbation="interventional", model_output=output)
    values = np.asarray(explainer.shap_values(X, check_additivity=False))
    return (values[..., 1] if values.ndim == 3 else values), float(np.ravel(explainer.expected_value)[-1])


def dashboard(model: Any, X: pd.DataFrame, task: str) -> None:
    """explainerdashboard as it comes: its explainer's SHAP values of every row."""
    from explainerdashboard import ClassifierExplainer, RegressionExplainer

    y = pd.Series(model.predict(X))
    explainer = (ClassifierExplainer if task == "binary" else RegressionExplainer)(model, X, y)
    explainer.get_shap_values_df(*([1] if task == "binary" else []))


def smart(model: Any, X: pd.DataFrame) -> None:
    """shapash as it comes."""
    from shapash import SmartExplainer

    SmartExplainer(model=model).compile(x=X)


def off_by(model: Any, X: pd.DataFrame, values: np.ndarray, base: float, *, raw: bool) -> float:
    """The largest |base + sum - output| of the scale that was explained."""
    if not raw:
        said = model.predict_proba(X)[:, 1] if hasattr(model, "predict_proba") else model.predict(X)
    elif type(model).__name__.startswith("LGBM"):
        said = model.predict(X, raw_score=True)
    else:
        said = model.predict(X, output_margin=True)
    return float(np.abs(base + values.sum(axis=1) - said).max())


def main(folder: str, kind: str, task: str, method: str) -> None:
    """Time one tool, its imports not counted."""
    place = Path(folder)
    names = [f"column {at}" for at in range(50)]
    X, B = (pd.DataFrame(np.load(place / f"{name}.npy"), columns=names) for name in "XB")
    model = loaded(place, kind, task)
    import shap  # noqa: F401

    if method == "explainerdashboard":
        import explainerdashboard  # noqa: F401
    if method == "shapash":
        import shapash  # noqa: F401
    off = None
    began = time.process_time()
    if method.startswith("shap "):
        values, base = shap_values(model, X, B, method, task)
        spent = time.process_time() - began
        off = off_by(model, X, values, base, raw=method == "shap path")
    else:
        if method == "explainerdashboard":
            dashboard(model, X, task)
        else:
            smart(model, X)
        spent = time.process_time() - began
    scale = {"shap path": "margin, path-dependent", "shap interventional": "probability (rescaled), 100 rows"}
    what = scale.get(method, "as it comes") if task == "binary" else scale.get(method, "as it comes").split(",")[-1]
    print(json.dumps({"tool": method, "rate": len(X) / spent, "off": off, "what": what.strip()}))


if __name__ == "__main__":
    main(*sys.argv[1:5])
