"""What tests have instead of a new process for each task and proof: this one, or one that is kept."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mlcore
from mlcore import records
from mlcore.handoff import proof
from mlcore.learning.plugins import probe
from mlcore.learning.plugins.source import Source
from mlcore.workspace import engine, forker
from mlcore.workspace.engine import LocalEngine
from mlcore.workspace.task import Outcome, Task

asked_in_processes = probe._asked
"""How plug-ins are asked outside of tests: each in a process that may hang or die."""

in_a_process_of_its_own = proof.CleanProcess
"""How a bundle is proven outside of tests: nothing is imported before it."""

_SERVE = """
import io, json, os, sys
import fastapi, numpy, orjson, pandas, pyarrow.parquet, sklearn, skops.io, uvicorn

for line in sys.stdin:
    runner, folder, out = json.loads(line)
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


_PROBE = f"""
import json, sys
sys.path.insert(0, {str(Path(mlcore.__file__).parent.parent)!r})
from mlcore.learning.plugins import probe
probe.main(json.loads(sys.stdin.read()))
"""


class KeptForks:
    """Forks of a process that has only the libraries imported."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def ran(self, code: str, given: str) -> list[str]:
        """What the code wrote to its output and its errors, with this as its input."""
        if self._process is None:
            words = [sys.executable, "-I", "-B", "-c", _SERVE]
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=proof.environment()
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with tempfile.TemporaryDirectory() as name:
            out = Path(name) / "said-"
            print(json.dumps([code, given, str(out)]), file=self._process.stdin, flush=True)
            self._process.stdout.readline()
            return [Path(f"{out}{end}").read_text(encoding="utf-8") for end in ("out", "err")]

    def asked(self, sources: Sequence[Source]) -> list[probe.Answer]:
        """What plug-ins offer, as `probe` asks them, each in a fork: none may hang or end its process."""
        answers = []
        with tempfile.TemporaryDirectory() as folder:
            for number, source in enumerate(sources):
                out = Path(folder) / f"{number}.json"
                said = self.ran(_PROBE, json.dumps([records.text(source), str(out)]))
                assert out.is_file(), said
                answers.append(records.read(probe.Answer, out))
        return answers

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            with self._process:
                pass
        self._process = None


class KeptProver:
    """Replays a bundle as a `proof.CleanProcess` does, in a fork."""

    def __init__(self, forks: KeptForks) -> None:
        self._forks = forks
        self._code = proof.VERIFY

    def __call__(self, _libraries: Sequence[str] = (), code: str = proof.VERIFY) -> KeptProver:
        self._code = code
        return self

    def __enter__(self) -> KeptProver:
        return self

    def __exit__(self, *_: object) -> None: ...

    def replay(self, folder: Path) -> dict[str, Any]:
        return self.said(str(folder))

    def said(self, line: str) -> dict[str, Any]:
        return proof._answer(*self._forks.ran(proof.START + self._code, line))


class InlineEngine:
    """Executes tasks in this process, one at a time: through the same JSON, with the same answers, as a child would.

    What a child is for is not here: nothing is ended before its end, by its time, its memory or its death.
    """

    lanes = 1

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> InlineEngine:
        return self

    def __exit__(self, *_: object) -> None: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...

    def abandon(self) -> None: ...

    def run(self, task: Task, wanted: Callable[[], bool] = lambda: True) -> Outcome:
        with self._lock:
            if not wanted():
                return Outcome(state="cancelled", error=engine._sentence("cancelled", task, None))
            began = time.monotonic()
            answer = forker._answer(task.call, json.loads(json.dumps(dict(task.args))))
            measured = {"seconds": time.monotonic() - began, "megabytes": 0.0}
            return engine._told(task, json.loads(json.dumps(records.to_json(answer))), measured)


class KeptEngine(LocalEngine):
    """Real children of a forker that is kept for all tests; whoever is done with it leaves it running."""

    def close(self) -> None: ...

    def end(self) -> None:
        super().close()
