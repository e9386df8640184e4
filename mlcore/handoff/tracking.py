"""A run noted on an MLflow tracking server, where `MLFLOW_TRACKING_URI` names one: settings, scores, the model.

MLflow runs in a process of its own, with a limit of time: whatever it does, the run of ours is not touched by it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mlcore import records
from mlcore.errors import UserError
from mlcore.handoff.exporting import export_as
from mlcore.learning.folder import RunFolder

VARIABLE, EXPERIMENT = "MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"
SECONDS = 120.0

_USUAL = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_ALLOW_FILE_STORE": "true",  # else MLflow 3.17 refuses a folder, which somebody named on purpose
}
"""What MLflow is told unless the environment says otherwise."""

_CODE = """
import json, sys
try:
    import mlflow
except ImportError:
    sys.exit("the package mlflow is not installed (pip install mlflow-skinny)")
asked = json.load(sys.stdin)
mlflow.set_experiment(asked["experiment"])
mark = "tags.`tablesmith.run` = '" + asked["run"] + "'"
found = mlflow.search_runs(experiment_names=[asked["experiment"]], filter_string=mark, output_format="list")
with mlflow.start_run(run_id=found[0].info.run_id if found else None, run_name=None if found else asked["title"]):
    mlflow.set_tags({**asked["tags"], "tablesmith.run": asked["run"]})
    if not found:
        mlflow.log_params(asked["params"])
    mlflow.log_metrics(asked["metrics"])
    if asked["model"]:
        mlflow.log_artifacts(asked["model"], "model")
"""


def wanted() -> bool:
    """Whether somebody asked for it."""
    return bool(os.environ.get(VARIABLE))


def log(folder: Path, run: str, bundle: Path | None = None, *, python: str = sys.executable) -> str:
    """Note the run in this folder, and the model of its bundle; a sentence about what came of it, never an error.

    Noted again, it is the same run of MLflow's. `python` is the interpreter that has MLflow.
    """
    where, secret = _shown(os.environ[VARIABLE])
    try:
        with tempfile.TemporaryDirectory(prefix="tablesmith-mlflow-") as name:
            model = Path(name) / "model"
            if bundle is not None:
                export_as(bundle, "mlflow", model)
            asked = {**_told(RunFolder(folder), run), "model": str(model) if bundle is not None else ""}
            reason = _sent(asked, python)
    except (UserError, OSError, ValueError, KeyError) as error:
        reason = str(error)
    reason = reason.replace(secret, "") if secret else reason
    return f"Nothing was noted at {where}: {reason}." if reason else f"Noted at {where}."


def _shown(address: str) -> tuple[str, str]:
    """An address without the name and password that it may have, and these, up to the `@`."""
    start, mark, rest = address.partition("://")
    secret = rest.partition("/")[0].rpartition("@")[0]
    return (f"{start}{mark}{rest.removeprefix(f'{secret}@')}", f"{secret}@") if mark and secret else (address, "")


def _sent(asked: dict[str, Any], python: str) -> str:
    """Why it could not be noted; empty when it was."""
    text = json.dumps(records.to_json(asked))
    command = [python, "-c", _CODE]
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=SECONDS, env={**_USUAL, **os.environ}
        )
    except subprocess.TimeoutExpired:
        return f"it did not answer within {SECONDS:.0f} seconds"
    if not done.returncode:
        return ""
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
    return lines[-1].strip().rstrip(".")[:300] if lines else "MLflow ended without a word"


def _told(run: RunFolder, identifier: str) -> dict[str, Any]:
    """What is noted: names that MLflow takes, texts of at most 500 letters."""
    plan = run.plan
    goal, check = plan.goal, plan.validation
    params = {
        "target": goal.target, "task": goal.task, "metric": goal.metric, "validation": check.method,
        "folds": check.folds, "holdout_rows": check.holdout, "seconds": plan.seconds, "seed": plan.seed,
        "plan": plan.id, "table_sha256": plan.fingerprint, "excluded": ", ".join(goal.exclude),
    }  # fmt: skip
    done = [trial for trial in run.trials() if trial.state == "done" and trial.score is not None]
    return {
        "experiment": os.environ.get(EXPERIMENT) or "tablesmith",
        "run": identifier,
        "title": f"predict {goal.target}"[:200],
        "params": {key: str(value)[:500] for key, value in params.items()},
        "metrics": {f"{goal.metric}/{trial.key}".replace("~", "_"): trial.score for trial in done},
        "tags": {"tablesmith.task": goal.task},
    }
