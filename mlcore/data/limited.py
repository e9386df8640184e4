"""One function called in a child process that may use so much memory and time and no more.

For parsers that a hostile file can make abort the interpreter. What goes in and comes out is JSON; a `UserError` comes
back as itself; a child that dies or is late becomes a `FileError`. It dies with its parent.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mlcore
from mlcore import errors
from mlcore.data.amounts import amount
from mlcore.errors import FileError, UserError

MEMORY = 5 * 2**30
"""Bytes of address space."""

SECONDS = 300.0
_PR_SET_PDEATHSIG = 1
_SINGLE = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def call(function: str, args: Mapping[str, Any], *, where: str, seconds: float = SECONDS, memory: int = MEMORY) -> Any:
    """What `package.module:name` returns for these arguments. `where` is the file that errors are about."""
    request = json.dumps({"call": function, "args": dict(args), "memory": memory, "seconds": seconds})
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "mlcore.data.limited"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    )
    try:
        said, _ = child.communicate(request.encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        raise FileError(
            f"Reading the file took longer than {amount(round(seconds), 'second')}",
            where=where,
            remedy="Bring a smaller file, or save the table as CSV or Parquet.",
        ) from None
    finally:
        child.kill()
        with child:
            pass  # waits, and closes the pipes
    return _answer(said, where)


def _answer(said: bytes, where: str) -> Any:
    try:
        answer = json.loads(said)
    except ValueError:  # it was killed, or it aborted
        raise FileError(
            "Reading the file was stopped: it needed more memory or time than is allowed",
            where=where,
            remedy="The file may be damaged or made to do harm; if it is not, save the table as CSV.",
        ) from None
    if "refused" in answer:
        kind: type[UserError] = getattr(errors, answer["refused"])
        error = kind.__new__(kind)  # subclasses take other arguments
        UserError.__init__(error, answer["what"], where=answer["where"], remedy=answer["remedy"])
        raise error
    if "failed" in answer:
        raise RuntimeError(answer["failed"])
    return answer["value"]


def _environment() -> dict[str, str]:
    root = str(Path(mlcore.__file__).resolve().parent.parent)
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {
        **os.environ,
        **dict.fromkeys(_SINGLE, "1"),
        "POLARS_MAX_THREADS": "2",
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
    }


def _limit(memory: int, seconds: float) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, int(seconds) * 2 + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # some systems know no limit of address space
            resource.setrlimit(what, (allowed, hard))


def _called(request: Mapping[str, Any]) -> dict[str, Any]:
    module, _, name = request["call"].partition(":")
    try:
        return {"value": getattr(importlib.import_module(module), name)(**request["args"])}
    except UserError as error:
        return {"refused": type(error).__name__, "what": error.what, "where": error.where, "remedy": error.remedy}
    except MemoryError:
        raise
    except Exception:
        return {"failed": traceback.format_exc()}


def main() -> None:
    """Read the request from stdin, write the answer to what stdout was; prints of libraries go nowhere."""
    out = os.dup(1)
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    _limit(request["memory"], request["seconds"])
    with os.fdopen(out, "w") as stream:
        json.dump(_called(request), stream)
        stream.flush()
        os._exit(0)  # a parser's threads and caches need no tidying


if __name__ == "__main__":
    main()
