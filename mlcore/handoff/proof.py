"""Does a copy of the model score as the model did? Replayed on golden rows, never believed.

`prove` runs the bundle's own files in a clean process in which this project cannot be imported: for a bundle just made
here. `verify` runs none of the bundle's code: for a bundle from anywhere. It loads the model through this project's own
scoring code, whose allow-list says which types may be built.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from mlcore.errors import BundleError
from mlcore.handoff import archive, carried, hostile, manifest, pins
from mlcore.handoff.manifest import Manifest, OutputProof, PathProof, Proof
from mlcore.handoff.shipped.comparison import TOLERANCE, by_output, difference

SECONDS = 600
"""The longest a replay may take."""

LIBRARIES = (
    "pandas", "pyarrow.parquet", "sklearn.compose", "sklearn.ensemble", "sklearn.linear_model", "sklearn.pipeline",
    "sklearn.preprocessing", "skops.io", "onnxruntime", "fastapi", "uvicorn", "orjson",
)  # fmt: skip
"""Imported by a clean process while it waits for the folder to replay."""

START = """
import contextlib, importlib, os, runpy, sys
from importlib.abc import MetaPathFinder
class Closed(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("mlcore", "streamlit"):
            raise ImportError(name + " is not there in a clean process")
sys.meta_path.insert(0, Closed())
for name in sys.argv[1:]:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)
"""
"""How a clean process begins: closed to this project, and with what its arguments name imported."""

VERIFY = """
folder = sys.stdin.readline().rstrip("\\n")
os.chdir(os.path.dirname(folder))
sys.path.insert(0, folder)
sys.argv = ["verify.py", "--json"]
try:
    runpy.run_path(folder + "/verify.py", run_name="__main__")
except SystemExit:
    sys.stdout.flush()
    os._exit(0)
"""
"""It ends at once when all is said: what libraries tidy up takes a third of a second."""


class CleanProcess:
    """A Python in which this project cannot be imported. It imports what scoring needs while it waits for a bundle, so
    that one started while the bundle is made costs it no time. To be used once, in a `with`."""

    def __init__(self, libraries: Sequence[str] = (), code: str = VERIFY) -> None:
        command = [sys.executable, "-I", "-B", "-c", START + code, *LIBRARIES, *libraries]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", env=environment()
        )

    def __enter__(self) -> CleanProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def replay(self, folder: Path) -> dict[str, Any]:
        """What `verify.py --json` of the unpacked bundle says."""
        return self.said(str(folder))

    def said(self, line: str) -> dict[str, Any]:
        """The JSON that its code prints when it reads this line."""
        try:
            out, err = self._process.communicate(f"{line}\n", timeout=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise BundleError(
                f"The proof took more than {SECONDS} seconds", remedy="Export a smaller model."
            ) from error
        return _answer(out, err)


def prove(path: Path, process: CleanProcess) -> Proof:
    """Unpack the bundle at `path` into a clean folder and replay its golden rows in a clean process.

    A difference is a result (`ok` is false); `BundleError` is raised when the archive itself is unsafe or damaged.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tablesmith-proof-") as name:
        folder = Path(name) / "bundle"
        folder.mkdir()
        archive.unpack(path, folder)
        card = manifest.read(folder)
        manifest.check(folder, card)
        answer = process.replay(folder)
    paths = tuple(_path(data) for data in answer["paths"])
    sentences = tuple(answer["files"]) + tuple(answer["versions"])
    return _proof(paths, card.versions, seconds=time.monotonic() - started, sentences=sentences)


def verify(path: Path) -> Proof:
    """Check hashes, format and versions of the bundle at `path` (folder or zip) and replay its golden rows here.

    Raises `BundleError` when a file is missing, changed, added or unsafe, or the format is newer. Other versions of a
    library are sentences in the proof; whether they matter is decided by the golden rows.
    """
    started = time.monotonic()
    with archive.opened(path) as folder:
        card = checked(folder)
        given, expected = _golden(folder)
        replayed = _replay(folder, given, expected)
        other = (*pins.differences(dict(card.versions)), *carried.differences(folder))
    sentences = (*other, *_advice(replayed, other, card))
    return _proof((replayed,), _installed(card), seconds=time.monotonic() - started, sentences=sentences)


def checked(folder: Path) -> Manifest:
    """The manifest of the unpacked bundle in `folder`, after every file was compared with its hash."""
    card = manifest.read(folder)
    hostile.check_files(folder)
    manifest.check(folder, card)
    hostile.check(folder)
    return card


def environment() -> dict[str, str]:
    """What a clean process sees of this one's environment."""
    return {"PATH": os.environ.get("PATH", ""), "OMP_NUM_THREADS": "1", "LANG": "C.UTF-8"}


def _answer(out: str, err: str) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(out)
    except ValueError as error:
        last = (err.strip().splitlines() or ["no output"])[-1]
        raise BundleError(f"The bundle does not run in a clean process: {last}") from error
    return answer


def _golden(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    hostile.check_golden(folder)
    try:
        return pd.read_parquet(folder / "golden" / "input.parquet"), pd.read_parquet(
            folder / "golden" / "output.parquet"
        )
    except (OSError, ValueError) as error:
        raise BundleError(
            "The golden rows cannot be read", where="golden", remedy="Export the bundle again."
        ) from error


def _replay(folder: Path, given: pd.DataFrame, expected: pd.DataFrame) -> PathProof:
    from mlcore.learning.scoring import Scorer, ScoringError

    started, outputs = time.perf_counter(), []
    try:
        got = Scorer.load(folder).frame(given)
        gap, note, outputs = difference(expected, got), "", by_output(expected, got)
    except ScoringError as error:
        gap, note = float("inf"), str(error)
    except Exception as error:  # another version of a library fails in its own way; the proof says which
        gap, note = float("inf"), f"{type(error).__name__}: {error}"
    return PathProof(
        key="scoring",
        title="the stored model in this environment",
        rows=len(expected),
        difference=gap,
        ok=gap <= TOLERANCE,
        seconds=round(time.perf_counter() - started, 3),
        note=note,
        outputs=tuple(OutputProof(**output) for output in outputs),
    )


def _path(data: Mapping[str, Any]) -> PathProof:
    gap = float("inf") if data["difference"] is None else float(data["difference"])
    outputs = tuple(OutputProof(**output) for output in data.get("outputs", ()))
    return PathProof(**{**data, "difference": gap, "outputs": outputs})


def _proof(
    paths: tuple[PathProof, ...], versions: Mapping[str, str], *, seconds: float, sentences: tuple[str, ...]
) -> Proof:
    return Proof(
        ok=bool(paths) and all(path.ok for path in paths),
        rows=max((path.rows for path in paths), default=0),
        tolerance=TOLERANCE,
        paths=paths,
        versions=dict(versions),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 2),
        sentences=sentences,
    )


def _installed(card: Manifest) -> dict[str, str]:
    return {name: pins.installed(name) or "not installed" for name in card.versions}


def _advice(replayed: PathProof, other: tuple[str, ...], card: Manifest) -> tuple[str, ...]:
    """What to do about other versions, or about a model that scores otherwise."""
    install = pins.command(dict(card.versions))
    if other and replayed.ok:
        return (f"The golden rows score as they did all the same; for the very same versions: {install}",)
    if other:
        return (f"The model does not score as it did; install what it was made with: {install}",)
    if replayed.ok or replayed.note:
        return ()
    return ("The model does not score as it did although every version is the same; export the bundle again",)
