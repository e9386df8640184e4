"""Processes that tests keep: the libraries are imported once for all trainings and proofs, not once for each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlcore.handoff import proof
from mlcore.workspace.engine import LocalEngine

in_a_process_of_its_own = proof.CleanProcess
"""How a bundle is proven outside of tests: nothing is imported before it."""

_SERVE = """
import io, json, os, sys
import numpy, pandas, pyarrow.parquet, sklearn, skops.io

runner = sys.argv[1]
for line in sys.stdin:
    folder, out = json.loads(line)
    child = os.fork()
    if not child:
        files = [os.open(out + end, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600) for end in ("out", "err")]
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        sys.argv, sys.stdin = ["-c"], io.StringIO(folder)
        try:
            exec(runner, {"__name__": "__main__"})
        except SystemExit:
            pass
        except BaseException:
            sys.excepthook(*sys.exc_info())
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
    print(flush=True)
"""


class KeptProver:
    """Replays a bundle as a `proof.CleanProcess` does, in a fork of a process that has only the libraries imported."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, _libraries: Sequence[str] = ()) -> KeptProver:
        return self

    def __enter__(self) -> KeptProver:
        return self

    def __exit__(self, *_: object) -> None: ...

    def replay(self, folder: Path) -> dict[str, Any]:
        if self._process is None:
            words = [sys.executable, "-I", "-B", "-c", _SERVE, proof._RUNNER]
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=proof._environment()
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out = folder.parent / "said-"
        print(json.dumps([str(folder), str(out)]), file=self._process.stdin, flush=True)
        self._process.stdout.readline()
        said = [Path(f"{out}{end}").read_text(encoding="utf-8") for end in ("out", "err")]
        return proof._answer(*said)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            with self._process:
                pass
        self._process = None


class KeptEngine(LocalEngine):
    """The engine of every training in the process of the tests; whoever is done with it leaves it running."""

    def close(self) -> None: ...

    def end(self) -> None:
        super().close()
