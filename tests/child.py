"""A limited child process that is kept: what a workbook holds can be tested without starting Python for each one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from mlcore.data import limited

_SERVE = """
import json, os, sys
from mlcore.data import limited

out = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
limited._limit(limited.MEMORY, limited.SECONDS)
for line in sys.stdin:
    print(json.dumps(limited._called(json.loads(line))), file=out, flush=True)
"""


class KeptChild:
    """Answers as `limited.call` does, under the same limits and through the same JSON; begins anew after a death."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, function: str, args: Mapping[str, Any], *, where: str) -> Any:
        child = self._alive()
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps({"call": function, "args": dict(args)}).encode() + b"\n")
        child.stdin.flush()
        said = child.stdout.readline()
        if not said:
            self.close()  # it is dying, which may take a while
        return limited._answer(said, where)

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            with self._process:
                pass
        self._process = None

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _SERVE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=limited._environment(),
            )
        return self._process
