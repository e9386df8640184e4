"""Ask a plug-in what it offers in a process of its own: one that hangs, crashes or prints costs nobody else anything.

Run as `python -m mlcore.learning.plugins.probe SOURCE OUT`. What was learned is kept for this user until the plug-in
changes, so that the children of a run need not ask again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import mlcore
from mlcore import files, records
from mlcore.learning.models.kind import ModelKind
from mlcore.learning.plugins.opening import Fault, load_module, opened
from mlcore.learning.plugins.source import Source

SECONDS = 60.0
"""How long a plug-in may take to be imported."""

LATE_AGAIN_SECONDS = 600.0
"""One that was late is asked again after so long: the machine may have been busy."""

MEMORY = 8 << 30


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """What a source offers: the fields of each sound kind, those that are functions by name only (`calls`).

    `faults` are sentences about what is not offered. `stays` says why its models cannot leave the house, if so.
    """

    kinds: tuple[Mapping[str, Any], ...] = ()
    faults: tuple[str, ...] = ()
    stays: str = ""
    late: bool = False


def ask(sources: Sequence[Source], *, afresh: bool = False) -> tuple[Answer, ...]:
    """The answer of each source, from what is kept unless `afresh`."""
    shelf = _shelf()
    places = [None if shelf is None else shelf / f"plugin-{_mark(source)}.json" for source in sources]
    kept = [None if afresh or place is None else _kept(place) for place in places]
    asked = iter(_asked([source for source, answer in zip(sources, kept, strict=True) if answer is None]))
    answers = []
    for place, known in zip(places, kept, strict=True):
        answer = known or next(asked)
        if known is None and place is not None:
            with contextlib.suppress(OSError):  # a full disk costs time only
                records.write(place, answer)
        answers.append(answer)
    return tuple(answers)


def _asked(sources: Sequence[Source]) -> list[Answer]:
    if not sources:
        return []
    with tempfile.TemporaryDirectory(prefix="tablesmith-plugins-") as folder:
        outs = [Path(folder) / f"{number}.json" for number in range(len(sources))]
        started = [_started(source, out) for source, out in zip(sources, outs, strict=True)]
        until = time.monotonic() + SECONDS
        return [_waited(process, out, until) for process, out in zip(started, outs, strict=True)]


def _started(source: Source, out: Path) -> subprocess.Popen[bytes]:
    root = str(Path(mlcore.__file__).resolve().parent.parent)
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return subprocess.Popen(
        [sys.executable, "-m", "mlcore.learning.plugins.probe", records.text(source), str(out)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def _waited(process: subprocess.Popen[bytes], out: Path, until: float) -> Answer:
    late = False
    try:
        process.wait(timeout=max(0.1, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        late = True
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, 9)  # and what it may have started
    process.wait()
    if late:
        return Answer(
            faults=(f"did not finish being imported within {SECONDS:.0f} s; mend it, or remove it.",), late=True
        )
    if not out.is_file():
        return Answer(faults=("ended the process that imported it; mend it, or remove it.",))
    return records.read(Answer, out)


def _shelf() -> Path | None:
    """A folder that only this user may enter; None when somebody else holds it."""
    folder = Path(tempfile.gettempdir()) / f"tablesmith-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    return folder if found.st_uid == os.getuid() and not found.st_mode & 0o077 else None


def _mark(source: Source) -> str:
    here = (records.text(source), sys.executable, mlcore.__file__, str(_newest()))
    return hashlib.sha256(json.dumps(here).encode()).hexdigest()[:24]


def _newest() -> int:
    """When the code that checks plug-ins was changed last."""
    checked = (Path(__file__), Path(__file__).with_name("opening.py"), Path(__file__).parents[1] / "models" / "kind.py")
    return max(path.stat().st_mtime_ns for path in checked)


def _kept(place: Path) -> Answer | None:
    try:
        answer = records.read(Answer, place)
        old = time.time() - place.stat().st_mtime > LATE_AGAIN_SECONDS
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return None if answer.late and old else answer


def main(arguments: Sequence[str]) -> None:
    """Load one source and write its answer."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    source = records.from_json(Source, json.loads(arguments[0]))
    files.write_text(Path(arguments[1]), records.text(_answer(source)))


def _answer(source: Source) -> Answer:
    try:
        offered = opened(source)
    except Fault as fault:
        return Answer(faults=(str(fault),))
    except BaseException as error:  # SystemExit, too: it is somebody else's code
        said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}".rstrip(":. ")
        return Answer(faults=(f"cannot be imported ({said}); mend it, or remove it.",))
    cards = tuple(_card(kind) for kind in offered.kinds.values())
    return Answer(kinds=cards, faults=offered.faults, stays=_stays(source) if cards else "")


def _card(kind: ModelKind) -> dict[str, Any]:
    values = {field.name: getattr(kind, field.name) for field in dataclasses.fields(kind)}
    calls = [name for name, value in values.items() if callable(value)]
    return {"calls": calls, "fields": {name: value for name, value in values.items() if name not in calls}}


def _stays(source: Source) -> str:
    """Why a model with this code cannot be scored where this project is not installed; empty when it can."""
    loaded = {name: module for name, module in sys.modules.items() if source.holds(f"{name}.X")}
    ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "mlcore"}
    for name in (*loaded, *ours):
        del sys.modules[name]
    closed = _Closed()
    sys.meta_path.insert(0, closed)
    try:
        load_module(source)
    except Exception as error:
        if closed.asked:
            return "imports mlcore at its top, which is not there where a bundle is used; import it inside a function."
        return f"cannot be imported without this project: {type(error).__name__}."
    finally:
        sys.meta_path.remove(closed)
        sys.modules.update(ours | loaded)
    return ""


class _Closed(MetaPathFinder):
    """As in the process in which a bundle is proven: this project cannot be imported."""

    asked = False

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> None:
        if name.partition(".")[0] == "mlcore":
            self.asked = True
            raise ImportError(f"{name} is not there in a clean process")


if __name__ == "__main__":
    main(sys.argv[1:])
