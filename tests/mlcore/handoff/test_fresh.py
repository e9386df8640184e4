"""What an engineer does with a bundle: a new environment, requirements.txt, and nothing of this project."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import numpy as np
import pandas as pd
import pytest

from mlcore.handoff import tracking
from mlcore.handoff.bundle import bundle
from mlcore.handoff.exporting import export_as
from mlcore.learning.goal import Goal
from tests.environments import add, clean, fresh

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def unpacked(untidy: pd.DataFrame, make_run: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engineer")
    run = make_run(untidy, Goal(target="species", task="multiclass", metric=""), "lightgbm")
    bundle(run, "lightgbm", folder / "model.zip")
    with zipfile.ZipFile(folder / "model.zip") as packed:
        packed.extractall(folder / "model")
    return folder / "model"


@pytest.fixture(scope="module")
def python(unpacked: Path) -> Path:
    """The interpreter of an environment that holds requirements.txt and nothing else."""
    return fresh(unpacked.parent / "venv", "-r", unpacked / "requirements.txt")


def run(python: Path, *words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [str(python), *map(str, words)]
    return subprocess.run(command, cwd=cwd, env=clean(), capture_output=True, text=True, check=False)


def test_nothing_of_this_project_is_there(python: Path, unpacked: Path) -> None:
    assert run(python, "-c", "import mlcore", cwd=unpacked).returncode == 1


def test_the_bundle_verifies_itself(python: Path, unpacked: Path) -> None:
    done = run(python, "verify.py", "--json", cwd=unpacked)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert result["files"] == []
    assert result["versions"] == []
    assert all(path["difference"] <= path["tolerance"] for path in result["paths"])


def test_predict_scores_a_file_from_any_folder(
    python: Path, unpacked: Path, untidy: pd.DataFrame, tmp_path: Path
) -> None:
    untidy.drop(columns="species").to_csv(tmp_path / "rows.csv", index=False, sep=";")
    done = run(python, unpacked / "predict.py", "rows.csv", "out.csv", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = pd.read_csv(tmp_path / "out.csv")
    assert (said["prediction"] == untidy["species"]).mean() > 0.8
    refused = run(python, unpacked / "predict.py", "nothing.csv", "out.csv", cwd=tmp_path)
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)


def test_its_own_tests_pass_with_and_without_pytest(python: Path, unpacked: Path) -> None:
    done = run(python, "-m", "unittest", "discover", "tests", cwd=unpacked)
    assert done.returncode == 0, done.stderr
    add(python, "pytest")
    done = run(python, "-m", "pytest", "-q", cwd=unpacked)
    assert done.returncode == 0, done.stdout


def test_the_script_trains_it_again_to_the_same_score(
    python: Path, unpacked: Path, untidy: pd.DataFrame, tmp_path: Path
) -> None:
    export_as(unpacked, "script", tmp_path / "script")
    untidy.to_csv(tmp_path / "table.csv", index=False)
    done = run(python, tmp_path / "script" / "train.py", "table.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "script" / "result.json").read_text())["largest_difference"] <= 1e-9


@pytest.fixture(scope="module")
def served(python: Path, unpacked: Path) -> Iterator[str]:
    """The address of MLflow's own server, with the model, in the environment of the bundle."""
    made = export_as(unpacked, "mlflow", unpacked.parent / "mlflow")
    add(python, "mlflow-skinny", "fastapi", "uvicorn")
    port = free_port()
    command = [python, "-m", "mlflow", "models", "serve", "-m", made.path, "--env-manager", "local", "-p", str(port)]
    env = clean() | {"PATH": f"{python.parent}:{os.environ['PATH']}"}
    with (unpacked.parent / "serve.log").open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/ping", process)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def test_mlflow_loads_it_and_scores_as_the_trained_model_did(served: str, python: Path, unpacked: Path) -> None:
    done = run(python, "-c", _LOADED, unpacked.parent / "mlflow", unpacked, cwd=unpacked.parent)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout.split()[-1]) <= 1e-9


def test_mlflows_server_answers(served: str, unpacked: Path) -> None:
    sent = (unpacked.parent / "mlflow" / "serving_input_example.json").read_bytes()
    request = urllib.request.Request(f"{served}/invocations", sent, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        said = json.loads(answer.read())["predictions"]
    expected = pd.read_parquet(unpacked / "golden" / "output.parquet").head(len(said))
    assert [row["prediction"] for row in said] == expected["prediction"].tolist()
    assert [row["probability_setosa"] for row in said] == pytest.approx(expected["probability_setosa"].tolist())


def test_a_run_is_noted_with_its_model(
    served: str, python: Path, unpacked: Path, cancer_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder; what is noted twice is one run."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"file://{tmp_path}/mlruns")
    monkeypatch.chdir(tmp_path)
    assert tracking.log(cancer_run, "0123456789ab", python=str(python)).startswith("Noted")
    assert tracking.log(cancer_run, "0123456789ab", unpacked, python=str(python)).startswith("Noted")
    env = clean() | {"MLFLOW_ALLOW_FILE_STORE": "true"}
    done = subprocess.run([python, "-c", _NOTED], cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    runs, target, label = done.stdout.split()[-3:]
    assert (runs, target) == ("1", "diagnosis")
    assert label in {"setosa", "versicolor", "virginica"}


_NOTED = """
import mlflow, pandas as pd
runs = mlflow.search_runs(experiment_names=["tablesmith"], output_format="list")
model = mlflow.pyfunc.load_model(runs[0].info.artifact_uri + "/model")
rows = pd.read_parquet(runs[0].info.artifact_uri.removeprefix("file://") + "/model/data/golden/input.parquet")
print(len(runs), runs[0].data.params["target"], model.predict(rows.head(1))["prediction"][0])
"""

_LOADED = """
import sys
import mlflow, pandas as pd
made, bundle = sys.argv[1:3]
sys.path.append(bundle)
from comparison import difference
given = pd.read_parquet(bundle + "/golden/input.parquet")
said = mlflow.pyfunc.load_model(made).predict(given)
print(difference(pd.read_parquet(bundle + "/golden/output.parquet"), said))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 180) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture
def service(python: Path, unpacked: Path) -> Iterator[str]:
    """The address of the bundle's own service, with what service/requirements.txt says and nothing of ours."""
    add(python, "-r", unpacked / "service" / "requirements.txt", "schemathesis")
    address = f"http://127.0.0.1:{(port := free_port())}"
    words = [python, "-m", "service", "--port", str(port)]
    process = subprocess.Popen(words, cwd=unpacked, env=clean(), stderr=subprocess.DEVNULL)
    try:
        wait_for(f"{address}/ready", process)
        yield address
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


def test_its_service_answers_and_fuzzing_by_its_description_finds_nothing(
    service: str, python: Path, unpacked: Path, untidy: pd.DataFrame
) -> None:
    rows = json.loads(untidy.drop(columns="species").head(40).to_json(orient="records", date_format="iso"))
    body = json.dumps({"rows": rows}).encode()
    with urlopen(Request(f"{service}/predict", body, {"content-type": "application/json"}), timeout=60) as answer:
        said = json.loads(answer.read())["predictions"]
    assert np.mean([one["prediction"] for one in said] == untidy["species"].head(40).to_numpy()) > 0.8
    words = ["run", f"{service}/openapi.json", "--checks", "all", "--max-examples", "60", "--seed", "1", "--no-color"]
    words = [python.parent / "schemathesis", *words]
    done = subprocess.run(words, cwd=unpacked.parent, env=clean(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "No issues found" in done.stdout


def test_a_body_of_a_hundred_megabytes_is_refused_and_the_service_goes_on(service: str) -> None:
    def blanks() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000_000

    connection = HTTPConnection(service.removeprefix("http://"), timeout=120)
    connection.request(
        "POST", "/predict", blanks(), {"content-type": "application/json", "content-length": "100000000"}
    )
    answer = connection.getresponse()
    assert answer.status == 413
    assert "25 MB" in json.loads(answer.read())["detail"]
    connection.request("GET", "/ready")
    assert connection.getresponse().status == 200
    connection.close()
