"""`make bench-serve`: requests per second, ours beside a plain FastAPI + pipeline.predict and MLflow's scoring server.

    python -m tests.benchmarks.serving                  LightGBM, 8 numbers and 4 categories, one worker each
    python -m tests.benchmarks.serving --without-mlflow --rounds 5 --seconds 4

Ours runs from its bundle alone, in an environment with its service/requirements.txt, and so does the plain one; MLflow
has an environment of its own (both below PEERS_ROOT, made when they are not there). wrk asks each in turn, several
rounds in one run, and the best round counts: on a busy machine compare the ratios. docs/service.md tells the rest.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
ROWS, BATCH = 4_000, 10_000
MLFLOW = ("mlflow", "lightgbm")
BARE = """
import sys, time, json, numpy as np, pyarrow.parquet as pq
sys.path.insert(0, sys.argv[1])
import quick, rows
spec = json.load(open(sys.argv[1] + "/scoring.json"))
cells = rows.Reader(spec["fields"]).read(json.load(open(sys.argv[2]))["rows"])
model, parts, spent = quick.load(sys.argv[1]), cells.parts(), []
for _ in range(int(sys.argv[3])):
    began = time.perf_counter(); model.values(parts); spent.append(time.perf_counter() - began)
print(min(spent))
"""


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A service that runs: where it is asked, and the bodies of a row and of a batch."""

    name: str
    port: int
    path: str
    key: str


def main(words: Sequence[str] | None = None) -> int:
    """Print two tables: requests of a row, and batches."""
    parser = argparse.ArgumentParser(description="The service beside others.", allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4, help="of a round")
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 16])
    parser.add_argument("--batches", type=int, default=8)
    parser.add_argument("--without-mlflow", action="store_true")
    asked = parser.parse_args(words)
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        os.environ["TABLESMITH_HOME"] = str(folder / "home")
        table = made_up(ROWS)
        table.to_parquet(folder / "table.parquet", index=False)
        bodies(folder)
        bundle = our_bundle(folder)
        python = environment("venv-service", ["-r", str(bundle / "service" / "requirements.txt"), "joblib", "lightgbm"])
        tools = [stack.enter_context(ours(python, bundle)), stack.enter_context(plain(python, folder))]
        if not asked.without_mlflow:
            tools.append(stack.enter_context(mlflows(environment("venv-mlflow", MLFLOW), folder)))
        for tool in tools:
            posted(tool, (folder / f"{tool.key}-1.json").read_bytes())  # an open port may have no model yet
        one_row(tools, folder, asked)
        batches(tools, folder, bundle, python, asked)
    return 0


def made_up(rows: int) -> pd.DataFrame:
    """8 numbers and 4 categories, some of them missing, and a label that follows some of them."""
    random = np.random.default_rng(0)
    numbers = random.normal(size=(rows, 8)).astype(np.float32).astype(np.float64)
    words = {f"w{place}": random.integers(0, levels, rows) for place, levels in enumerate((3, 8, 20, 60))}
    signal = numbers[:, 0] * numbers[:, 1] + np.sin(2 * numbers[:, 2]) + (words["w0"] == 1) + 0.4 * (words["w2"] % 3)
    numbers[random.random(numbers.shape) < 0.05] = np.nan
    table = pd.DataFrame(numbers, columns=[f"n{place}" for place in range(8)])
    for name, codes in words.items():
        table[name] = pd.Series([f"level {code}" for code in codes]).where(random.random(rows) > 0.05)
    return table.assign(target=np.where(signal + random.normal(0, 0.5, rows) > 0.6, "yes", "no"))


def our_bundle(folder: Path) -> Path:
    """A LightGBM model of ours with its usual settings, handed over and proven."""
    import mlcore

    run = mlcore.train(folder / "table.parquet", target="target", seconds=60, models=("lightgbm",), search=False)
    mlcore.bundle(run, folder / "bundle", key="lightgbm")
    told = json.loads((folder / "bundle" / "onnx.json").read_text())
    assert (folder / "bundle" / "model.onnx").is_file(), told
    return folder / "bundle"


def environment(name: str, wanted: Sequence[str]) -> Path:
    """The interpreter of an environment below PEERS_ROOT."""
    place = Path(os.environ.get("PEERS_ROOT", str(Path.home() / "peers"))) / name
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


@contextmanager
def running(words: Sequence[object], tool: Tool, **more: Any) -> Iterator[Tool]:
    """A service while it is asked; ended by the process that was started."""
    process = subprocess.Popen(list(map(str, words)), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more)
    try:
        until = time.monotonic() + 120
        while socket.socket().connect_ex(("127.0.0.1", tool.port)):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"{tool.name} does not start: {words}")
            time.sleep(0.2)
        yield tool
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@contextmanager
def ours(python: Path, bundle: Path) -> Iterator[Tool]:
    """The service of the bundle."""
    tool = Tool(name="tablesmith", port=free_port(), path="/predict", key="rows")
    with running([python, "-m", "service", "--port", tool.port], tool, cwd=bundle) as found:
        yield found


@contextmanager
def plain(python: Path, folder: Path) -> Iterator[Tool]:
    """FastAPI + pipeline.predict, under the same uvicorn."""
    subprocess.run([str(python), str(HERE / "plain.py"), str(folder)], check=True)
    tool = Tool(name="plain FastAPI + pipeline.predict", port=free_port(), path="/predict", key="rows")
    words = [python, "-m", "uvicorn", "plain:app", "--port", tool.port, "--log-level", "critical", "--no-access-log"]
    with running(words, tool, cwd=HERE, env={**os.environ, "MODEL": str(folder)}) as found:
        yield found


@contextmanager
def mlflows(python: Path, folder: Path) -> Iterator[Tool]:
    """MLflow's scoring server with the same kind of pipeline, one worker."""
    subprocess.run([str(python), str(HERE / "plain.py"), str(folder)], check=True)
    tool = Tool(name="mlflow models serve", port=free_port(), path="/invocations", key="dataframe_records")
    serve = ["-m", "mlflow", "models", "serve", "-m", folder / "mlflow", "--env-manager", "local", "--workers", 1]
    path = f"{python.parent}:{os.environ['PATH']}"
    more = {"PATH": path, "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "true"}  # it refuses its own models otherwise
    with running([python, *serve, "--port", tool.port], tool, env={**os.environ, **more}) as found:
        yield found


def bodies(folder: Path) -> None:
    """What is sent: a row, and a batch, under the name that a tool calls rows by."""
    rows = json.loads(made_up(BATCH).drop(columns="target").to_json(orient="records", double_precision=10))
    for key in ("rows", "dataframe_records"):
        (folder / f"{key}-1.json").write_text(json.dumps({key: rows[:1]}))
        (folder / f"{key}-batch.json").write_text(json.dumps({key: rows}))
        headers = 'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"'
        script = f"{headers}\nwrk.body = [[{json.dumps({key: rows[:1]})}]]\n"
        (folder / f"{key}.lua").write_text(script)


def one_row(tools: Sequence[Tool], folder: Path, asked: argparse.Namespace) -> None:
    """Requests of one row: the best round of each."""
    found: dict[tuple[str, int], list[tuple[float, float, float]]] = {}
    for _ in range(asked.rounds):
        for connections in asked.connections:
            for tool in tools:
                found.setdefault((tool.name, connections), []).append(wrk(tool, folder, connections, asked.seconds))
    print("| one row a request | connections | p50 ms | p99 ms | requests/s | ours is |\n|---|---|---|---|---|---|")
    for connections in asked.connections:
        first = max(rate for _, _, rate in found[tools[0].name, connections])
        for tool in tools:
            p50, p99, rate = max(found[tool.name, connections], key=lambda one: one[2])
            print(
                f"| {tool.name} | {connections} | {p50:.2f} | {p99:.2f} | {rate:,.0f} | {first / rate:.1f} x |",
                flush=True,
            )


def wrk(tool: Tool, folder: Path, connections: int, seconds: int) -> tuple[float, float, float]:
    """p50 and p99 in milliseconds, requests per second."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
    words += ["-s", str(folder / f"{tool.key}.lua"), f"http://127.0.0.1:{tool.port}{tool.path}"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or re.search(r"^\s*0 requests in", said, re.MULTILINE):
        raise SystemExit(f"{tool.name} does not answer the row:\n{said}")
    p50, p99 = (_ms(re.search(rf"^ +{share}% +(\S+)", said, re.MULTILINE)[1]) for share in (50, 99))  # type: ignore[index]
    return p50, p99, float(re.search(r"Requests/sec:\s+(\S+)", said)[1])  # type: ignore[index]


def _ms(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}[unit]


def batches(tools: Sequence[Tool], folder: Path, bundle: Path, python: Path, asked: argparse.Namespace) -> None:
    """Batches of 10,000 rows, the quickest of several, beside ONNX Runtime alone on cells that are ready."""
    words = [str(python), "-c", BARE, str(bundle), str(folder / "rows-batch.json"), str(asked.batches)]
    bare = float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
    print(f"\n| {BATCH:,} rows a request | ms | beside ONNX Runtime alone |\n|---|---|---|")
    print(f"| ONNX Runtime alone | {bare * 1e3:.0f} | 1.00 x |")
    for tool in tools:
        body = (folder / f"{tool.key}-batch.json").read_bytes()
        seconds = min(posted(tool, body) for _ in range(asked.batches))
        print(f"| {tool.name} | {seconds * 1e3:.0f} | {seconds / bare:.2f} x |", flush=True)


def posted(tool: Tool, body: bytes) -> float:
    """Seconds of one request."""
    connection = HTTPConnection("127.0.0.1", tool.port, timeout=300)
    began = time.perf_counter()
    connection.request("POST", tool.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{tool.name} does not answer: {said[:300]!r}")
    connection.close()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
