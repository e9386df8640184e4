"""What many write first: a scikit-learn pipeline, a pydantic model of a row, `pipeline.predict_proba` in the route.

python plain.py DIR               fits DIR/table.parquet: DIR/plain.joblib, and DIR/mlflow where mlflow is installed
MODEL=DIR uvicorn plain:app       serves it
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any

import joblib
import pandas as pd

TARGET, TREES = "target", 200


def fit(folder: Path) -> None:
    """Median and most frequent for gaps, one-hot codes, boosted trees."""
    from lightgbm import LGBMClassifier
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    table = pd.read_parquet(folder / "table.parquet")
    words = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer(
        (SimpleImputer(strategy="median"), make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    pipeline = make_pipeline(columns, LGBMClassifier(n_estimators=TREES, n_jobs=1, verbosity=-1))
    pipeline.fit(table.drop(columns=TARGET), table[TARGET])
    joblib.dump(pipeline, folder / "plain.joblib")
    if importlib.util.find_spec("mlflow"):
        import mlflow.sklearn

        place, plain = str(folder / "mlflow"), "cloudpickle"  # its other format knows no LightGBM
        mlflow.sklearn.save_model(pipeline, place, serialization_format=plain, pyfunc_predict_fn="predict_proba")


def application(folder: Path) -> Any:
    """The service."""
    from fastapi import FastAPI
    from pydantic import BaseModel, create_model

    pipeline = joblib.load(folder / "plain.joblib")
    table = pd.read_parquet(folder / "table.parquet").drop(columns=TARGET)
    kinds = {name: (float | None if cells.dtype.kind == "f" else str | None, ...) for name, cells in table.items()}
    row: Any = create_model("Row", **kinds)  # type: ignore[call-overload]

    class Rows(BaseModel):
        rows: list[row]

    app = FastAPI()

    def predict(asked: Rows) -> list[dict[str, float]]:
        frame = pd.DataFrame([one.model_dump() for one in asked.rows]).astype(table.dtypes)
        shares = pipeline.predict_proba(frame)
        return [dict(zip(pipeline.classes_.tolist(), map(float, one), strict=True)) for one in shares]

    predict.__annotations__["asked"] = Rows
    app.post("/predict")(predict)
    return app


if __name__ == "__main__":
    fit(Path(sys.argv[1]))
elif "MODEL" in os.environ:
    app = application(Path(os.environ["MODEL"]))
