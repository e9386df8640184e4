"""A model that MLflow loads, serves and registers: the `python_function` flavour of its model format.

Every column of the signature is `any`: a `double` one refuses integers (measured with 3.17). What a column must hold is
in the bundle's schema.json, and scoring.py names the columns that are missing.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore import files
from mlcore.handoff import archive, manifest
from mlcore.handoff.exporters.exporter import Form, Written
from mlcore.handoff.yamltext import as_yaml

if TYPE_CHECKING:
    import pandas as pd

MODULE = "tablesmith_model"
EXAMPLE = 5
"""Rows of the example that is sent to try a server."""

_LOADER = '''"""Opens the bundle in the folder `data` for MLflow."""

import sys


def _load_pyfunc(path):
    if path not in sys.path:
        sys.path.insert(0, path)
    import predict

    return predict._load_pyfunc(path)
'''
_REPLAY = f"""
sys.path.insert(0, made + "/code")
import {MODULE}
said = {MODULE}._load_pyfunc(made + "/data").predict(given)
"""
_CONDA = """name: tablesmith
channels: [conda-forge]
dependencies:
- python={python}
- pip
- pip: ['-r requirements.txt']
"""
_NOTES = (
    'In Python: `mlflow.pyfunc.load_model("mlflow").predict(table)`.',
    "As a server: `mlflow models serve -m mlflow`, which makes an environment from requirements.txt.",
)


class Mlflow:
    """The bundle in the folder `data`, a loader in `code`, and what MLflow wants beside them."""

    key = "mlflow"
    title = "MLflow model"
    whom = "a team with MLflow"
    about = (
        "A folder that MLflow loads, serves and registers. It needs MLflow and the packages of its requirements.txt, "
        "nothing of this tool."
    )
    form: Form = "folder"
    name = "mlflow"

    def barred(self, bundle: Path) -> str:
        """Every bundle can be loaded by MLflow."""
        del bundle
        return ""

    def write(self, bundle: Path, out: Path) -> Written:
        """Write the folder, and score the golden rows with it as MLflow would."""
        import pandas as pd

        from mlcore.handoff.exporters.replay import replayed

        (out / "code").mkdir(parents=True)
        shutil.copytree(bundle, out / "data", ignore=shutil.ignore_patterns(*archive.LEFTOVERS))
        files.write_text(out / "code" / f"{MODULE}.py", _LOADER)
        card = manifest.read(bundle)
        for name in ("requirements.txt", "python_env.yaml"):
            shutil.copyfile(bundle / name, out / name)
        files.write_text(out / "conda.yaml", _CONDA.format(python=card.python))
        rows = pd.read_parquet(bundle / "golden" / "input.parquet").head(EXAMPLE)
        self._examples(out, rows)
        described = self._described(bundle, card.python)
        files.write_text(out / "MLmodel", as_yaml(described, indent=1) + "\n")
        shown = replayed(out, "data", _REPLAY, key=self.key, title="MLflow's loader")
        return Written(proof=(shown,), notes=_NOTES)

    def _described(self, bundle: Path, python: str) -> dict[str, Any]:
        """JSON, which is YAML too."""
        described: dict[str, Any] = json.loads((bundle / "MLmodel").read_text(encoding="utf-8"))
        described["flavors"]["python_function"] = {
            "loader_module": MODULE,
            "code": "code",
            "data": "data",
            "python_version": python,
            "env": {"virtualenv": "python_env.yaml", "conda": "conda.yaml"},
        }
        described["saved_input_example_info"] = {
            "artifact_path": "input_example.json",
            "serving_input_path": "serving_input_example.json",
            "type": "dataframe",
            "pandas_orient": "split",
        }
        return described

    def _examples(self, out: Path, rows: pd.DataFrame) -> None:
        """Rows as MLflow stores them, and as its server takes them."""
        split = json.loads(rows.to_json(orient="split", date_format="iso", index=False, double_precision=15))
        files.write_text(out / "input_example.json", json.dumps(split, ensure_ascii=False) + "\n")
        sent = {"dataframe_split": split}
        files.write_text(out / "serving_input_example.json", json.dumps(sent, ensure_ascii=False) + "\n")


MLFLOW = Mlflow()
