"""`tablesmith serve`: what it refuses before it listens; what it answers and how it ends in a process of its own."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pandas as pd
import pytest

from mlcore import cli


def refused(capfd: pytest.CaptureFixture[str], *words: object) -> str:
    assert cli.main(["serve", *map(str, words)]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def test_what_cannot_be_served_is_one_sentence(
    cancer_bundle: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert "no such file" in refused(capfd, tmp_path / "none")
    assert "--port cannot be" in refused(capfd, cancer_bundle, "--port", "x")
    assert "--api-key-file" in refused(capfd, cancer_bundle, "--host", "0.0.0.0")
    copy = Path(shutil.copytree(cancer_bundle, tmp_path / "copy"))
    (copy / "scoring.json").write_bytes((copy / "scoring.json").read_bytes().replace(b"1", b"2", 1))
    assert "was changed" in refused(capfd, copy)


@pytest.mark.slow
def test_it_answers_with_reasons_and_finishes_what_it_began(cancer_bundle: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (tmp_path / "key").write_text("hush\n")
    words = ["serve", cancer_bundle, "--port", port, "--api-key-file", tmp_path / "key"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mlcore", *map(str, words)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(cli.__file__).parents[2],
    )
    try:
        assert process.stderr is not None
        started = json.loads(process.stderr.readline())
        assert started["event"] == "started", started
        assert started["ready"]
        rows = json.loads(
            pd.read_parquet(cancer_bundle / "golden" / "input.parquet").head(30).to_json(orient="records")
        )
        said = ask(port, rows, reasons=2)
        assert len(said["predictions"]) == 30
        assert all(len(one["reasons"]) == 2 for one in said["predictions"])
        answers: list[Any] = []
        waiting = threading.Thread(target=lambda: answers.append(ask(port, rows * 30, reasons=3)))
        waiting.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        waiting.join(timeout=60)
        assert len(answers[0]["predictions"]) == 900
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.communicate()


def ask(port: int, rows: list[dict[str, Any]], reasons: int) -> Any:
    body = json.dumps({"rows": rows, "reasons": reasons}).encode()
    headers = {"content-type": "application/json", "x-api-key": "hush"}
    request = Request(f"http://127.0.0.1:{port}/predict", body, headers)
    with urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())
