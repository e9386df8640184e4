"""Is this bundle whole, and does it still score as the trained model did? `python verify.py`, exit code 0 or 1.

Compares every file with its hash in manifest.json, the installed versions with requirements.txt, and replays the golden
rows (ordinary rows, missing values, unseen categories, extremes) through scoring.py, predict.py, where there is a
model.onnx and ONNX Runtime is installed quick.py, and where its packages are installed the service over HTTP.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import predict  # type: ignore[import-not-found]
import quick  # type: ignore[import-not-found]
import scoring  # type: ignore[import-not-found]
import versions  # type: ignore[import-not-found]
from comparison import TOLERANCE, as_written, by_output, difference  # type: ignore[import-not-found]

HERE = Path(__file__).resolve().parent
MOST_CELLS = 150_000
"""Cells of golden rows that are written as CSV and read again; of more, rows evenly spread over them."""


def changed(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """One sentence for each file that is missing or differs from its hash."""
    sentences = []
    for name, digest in manifest["files"].items():
        path = folder / name
        if not path.is_file():
            sentences.append(f"{name} is missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            sentences.append(f"{name} was changed")
    return sentences


def replay(folder: Path) -> list[dict[str, Any]]:
    """The golden rows through each way to score: rows, largest difference and seconds of each."""
    given = pd.read_parquet(folder / "golden" / "input.parquet")
    expected = pd.read_parquet(folder / "golden" / "output.parquet")
    some = np.linspace(0, len(given) - 1, min(len(given), max(1, MOST_CELLS // len(given.columns)))).astype(int)
    few, said = given.iloc[some], expected.iloc[some]
    fast = quick.load(folder)
    graph = [] if fast is None else [_by_graph(folder, fast, given, expected)]
    with tempfile.TemporaryDirectory() as name:
        return [
            _timed("scoring", "scoring.py in Python", expected, lambda: predict.model(folder).frame(given)),
            _timed("parquet", "predict.py on Parquet", expected, lambda: _by_file(given, Path(name), ".parquet")),
            _timed("csv", "predict.py on CSV", said, lambda: _by_file(few, Path(name), ".csv")),
            *graph,
            *_by_service(folder, len(expected)),
        ]


def main(arguments: list[str] | None = None) -> int:
    """Print what was checked; 0 when the files are whole and every difference is within the tolerance."""
    parser = argparse.ArgumentParser(description="Check this bundle in this environment.")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    asked = parser.parse_args(arguments)
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    files, others, paths = changed(HERE, manifest), versions.others(manifest["versions"]), replay(HERE)
    ok = not files and all(path["ok"] for path in paths)
    result = {"ok": ok, "files": files, "versions": others, "tolerance": TOLERANCE, "paths": paths}
    if asked.json:
        print(json.dumps(result, allow_nan=False))
    else:
        _show(result)
    return 0 if ok else 1


def _timed(key: str, title: str, expected: pd.DataFrame, score: Any) -> dict[str, Any]:
    started, outputs = time.perf_counter(), []
    try:
        got = score()
        gap, note, outputs = difference(expected, got), "", by_output(expected, got)
    except Exception as error:
        gap, note = float("inf"), _why(error)
    return _path(key, title, len(expected), gap, TOLERANCE, started, note) | {"outputs": outputs}


def _by_service(folder: Path, rows: int) -> list[dict[str, Any]]:
    """The same over HTTP, where the packages of service/requirements.txt are installed; otherwise nothing."""
    try:
        from service.trial import trial  # type: ignore[import-not-found]
    except ModuleNotFoundError:
        return []
    started = time.perf_counter()
    try:
        return [trial(folder)]
    except Exception as error:
        return [_path("service", "the service over HTTP", rows, float("inf"), TOLERANCE, started, _why(error))]


def _by_graph(folder: Path, fast: Any, given: pd.DataFrame, expected: pd.DataFrame) -> dict[str, Any]:
    """The same through model.onnx. Only what the model says is compared: what is decided by it is done elsewhere."""
    started, note = time.perf_counter(), ""
    try:
        gap = _graph_gap(folder, fast, given, expected)
    except Exception as error:
        gap, note = float("inf"), _why(error)
    return _path("onnx", "model.onnx in ONNX Runtime", len(expected), gap, fast.tolerance, started, note)


def _path(key: str, title: str, rows: int, gap: float, tolerance: float, started: float, note: str) -> dict[str, Any]:
    """What became of one way to score."""
    return {
        "key": key,
        "title": title,
        "rows": rows,
        "difference": gap if gap < float("inf") else None,
        "ok": gap <= tolerance,
        "seconds": round(time.perf_counter() - started, 3),
        "note": note,
        "tolerance": tolerance,
    }


def _why(error: Exception) -> str:
    """In one line: another version of a library fails in its own way."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


def _graph_gap(folder: Path, fast: Any, given: pd.DataFrame, expected: pd.DataFrame) -> float:
    scorer = predict.model(folder)
    ready = scoring.typed(scorer.prepared(given), scorer.fields)
    got = fast.values(quick.parts_of(scoring.conform(ready, scorer.fields)))
    names = [f"probability_{label}" for label in fast.labels] or ["prediction"]
    wanted = expected[names].to_numpy(dtype=np.float64).reshape(got.shape)
    return float(quick.gaps(got, wanted, fast.tolerance).max())


def _by_file(given: pd.DataFrame, folder: Path, ending: str) -> pd.DataFrame:
    source, out = folder / f"rows{ending}", folder / f"predictions{ending}"
    if ending == ".parquet":
        given.to_parquet(source, index=False)
    else:
        as_written(given).to_csv(source, index=False)
    if predict.main([str(source), str(out)]) != 0:
        raise ValueError("predict.py refused the golden rows")
    if ending == ".parquet":
        return pd.read_parquet(out)
    return pd.read_csv(
        out, dtype={"prediction": "str", "flags": "str"}, keep_default_na=False, float_precision="round_trip"
    )


def _show(result: dict[str, Any]) -> None:
    for path in result["paths"]:
        far = "differs" if path["difference"] is None else f"largest difference {path['difference']:.1e}"
        said = f"{path['title']}: {path['rows']} golden rows, {far} {path['note']}"
        print(f"{'ok ' if path['ok'] else 'NO '} {said}".rstrip())
        for output in path.get("outputs", ()):
            if output["rows"]:
                far = "differs" if output["difference"] is None else f"differs by up to {output['difference']:.1e}"
                print(f"      {output['column']} {far} in {output['rows']} rows")
    for sentence in result["files"] + result["versions"]:
        print(f"NO  {sentence}" if sentence in result["files"] else f"    {sentence}")
    if result["versions"]:
        print(f"    To have the versions the model was made with: {versions.INSTALL}")
    print("verified" if result["ok"] else "NOT verified")


if __name__ == "__main__":
    sys.exit(main())
