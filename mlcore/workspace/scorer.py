"""Answers about single rows at once: a process that keeps models in memory, and the light client that asks it.

The pages must not import the learning libraries, and loading them for every question would take seconds. One process
for each workspace listens on a socket that only this user can open, one JSON object a line; it is started when it is
first asked and ends when nobody asks for a quarter of an hour.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import socketserver
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from mlcore import records
from mlcore.errors import UserError
from mlcore.explanation.answers import Found, Wanted
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.likeness import Likeness
from mlcore.explanation.moves import Limit, plain
from mlcore.workspace import places, policies, processes

if TYPE_CHECKING:
    from mlcore.explanation.likeness import Seen
    from mlcore.handoff.shipped.quick import Quick
    from mlcore.learning.model import Model

IDLE_SECONDS = 900.0
START_SECONDS = 60.0
KEPT_MODELS = 8
EXPLAIN_SECONDS = 10.0
LONGEST_SEARCH = 60.0
ANSWER_SECONDS = 120.0
"""After which a question is given up: more than any may take."""
LARGEST_REQUEST = 8 << 20
_ARRAYS = ("base", "values", "output")


def client(home: Path | None = None) -> Client:
    """The door to the scorer of a workspace."""
    return _client(places.home_folder(home))


@cache
def _client(home: Path) -> Client:
    return Client(home)


class Client:
    """Asks the scorer, and starts it when it does not answer. Raises `UserError` for what the user can mend."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._path = socket_path(home)

    def predict(self, run: str, key: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """One answer a row, as `predict` writes it: prediction, probabilities or low and high, flags."""
        return list(self._ask({"verb": "predict", "run": run, "key": key, "rows": list(rows)}))

    def explain_row(self, run: str, key: str, row: Mapping[str, Any], *, prepared: bool = False) -> Explanation:
        """Why the model says what it says about this row, in the columns of the prepared table.

        The row is a raw one, or `prepared`: as it stands after the recipe.
        """
        asked = {"verb": "explain", "run": run, "key": key, "rows": [row], "prepared": prepared}
        return _explanation(self._ask(asked))

    def likeness(self, run: str, key: str, rows: Sequence[Mapping[str, Any]]) -> list[Likeness]:
        """How unlike anything seen each raw row is."""
        said = self._ask({"verb": "likeness", "run": run, "key": key, "rows": list(rows)})
        return [records.from_json(Likeness, one) for one in said]

    def typical(self, run: str, key: str) -> int:
        """The position in the raw table of the row that is nearest to all others."""
        return int(self._ask({"verb": "typical", "run": run, "key": key, "rows": []}))

    def counterfactuals(
        self,
        run: str,
        key: str,
        row: Mapping[str, Any],
        wanted: Wanted,
        limits: Sequence[Limit] = (),
        *,
        count: int = 4,
        seconds: float = 5.0,
    ) -> Found:
        """The smallest plausible changes of a raw row after which the model would say what is wanted."""
        more = {"wanted": wanted, "limits": list(limits), "count": count, "seconds": min(seconds, LONGEST_SEARCH)}
        return records.from_json(
            Found, self._ask({"verb": "counterfactuals", "run": run, "key": key, "rows": [row], **more})
        )

    def warm(self) -> None:
        """Start the scorer now, so that the first question is answered quickly; does not wait."""
        if not self._answers():
            self._start()

    def _ask(self, question: Mapping[str, Any]) -> Any:
        line = b""
        try:
            with contextlib.suppress(ConnectionError), self._connection() as stream:  # killed, or ended just now
                stream.write(json.dumps(records.to_json(question)).encode() + b"\n")
                stream.flush()
                line = stream.readline()
        except TimeoutError:
            raise UserError(
                f"The model did not answer within {ANSWER_SECONDS:,.0f} seconds",
                remedy="Try again when less is running.",
            ) from None
        if not line.endswith(b"\n"):
            raise UserError("The model's process ended before it answered", remedy="Try again.")
        answer = json.loads(line)
        if "error" in answer:
            raise UserError(answer["error"])
        return answer["value"]

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            self._connect(connection)
            connection.settimeout(ANSWER_SECONDS)
            with connection.makefile("rwb") as stream:
                yield stream

    def _connect(self, connection: socket.socket) -> None:
        deadline, started = time.monotonic() + START_SECONDS, False
        while True:
            try:
                connection.connect(str(self._path))
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > deadline:
                    raise UserError("The model's process does not start", remedy="See scorer.log.") from None
                if not started:
                    self._start()
                    started = True
                time.sleep(0.05)
            else:
                return

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            return connection.connect_ex(str(self._path)) == 0

    def _start(self) -> None:
        variables = {"TABLESMITH_HOME": str(self.home)}
        words = processes.command("mlcore.workspace.scorer")
        processes.let_go(processes.start_detached(words, self.home / "scorer.log", variables))


def socket_path(home: Path) -> Path:
    """A short path, as sockets need, in a folder that only this user may enter."""
    folder = Path(tempfile.gettempdir()) / f"tablesmith-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise UserError("Another user holds the folder for sockets", where=str(folder), remedy="Set TMPDIR.")
    return folder / f"{hashlib.sha256(str(home).encode()).hexdigest()[:16]}.sock"


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A model in memory: the stamp of the files it was read from, and the mark of the policy that it obeys."""

    model: Model
    stamp: tuple[int, int]
    policy: str


class Scorer:
    """Models in memory, the least recently used let go first."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._models: OrderedDict[tuple[str, str], _Kept] = OrderedDict()
        self._seen: WeakKeyDictionary[Model, Seen] = WeakKeyDictionary()
        self._graphs: WeakKeyDictionary[Model, tuple[int, Quick | None]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def answer(self, line: bytes) -> dict[str, Any]:
        """The answer to one line; a mistake of the user is a sentence, any other an admission of ours."""
        try:
            question = json.loads(line)
            return {"value": self._verb(question)}
        except UserError as error:
            return {"error": str(error)}
        except Exception as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            return {"error": f"The model could not answer ({type(error).__name__})."}

    def _verb(self, question: Mapping[str, Any]) -> Any:
        model = self._model(question["run"], question["key"])
        if question.get("prepared"):
            return _plain(_explained(model, pd.DataFrame(question["rows"], columns=list(model.columns))))
        if question["verb"] in ("likeness", "typical", "counterfactuals"):
            return records.to_json(self._beside_seen(model, question))
        table = pd.DataFrame(question["rows"], columns=list(model.needed))
        if question["verb"] == "predict":
            return records.to_json(_predicted(model, self._graph(model), table))
        return _plain(_explained(model, model.prepared(table)))

    def _beside_seen(self, model: Model, question: Mapping[str, Any]) -> Any:
        from mlcore.explanation.counterfactuals import counterfactuals

        seen = self._seen_by(model, question["run"])
        if question["verb"] == "typical":
            return seen.rows[seen.typical()]
        if question["verb"] == "likeness":
            return seen.likeness(pd.DataFrame(question["rows"]))
        return counterfactuals(
            model,
            question["rows"][0],
            records.from_json(Wanted, question["wanted"]),
            seen,
            limits=[records.from_json(Limit, limit) for limit in question["limits"]],
            count=question["count"],
            seconds=question["seconds"],
        )

    def _graph(self, model: Model) -> Quick | None:
        """The proven graph of a model, which may have come since the model was loaded; None where there is none."""
        from mlcore.workspace import graphs

        with self._lock:
            now, known = graphs.mark(model.folder), self._graphs.get(model)
            if known is None or known[0] != now:
                known = self._graphs[model] = now, graphs.load(model.folder)
            return known[1]

    def _seen_by(self, model: Model, run: str) -> Seen:
        """The raw rows that models of a run are compared with, read once for each model that is in memory."""
        from mlcore.explanation.surroundings import seen_of

        with self._lock:
            found = self._seen.get(model)
            if found is None:
                found = self._seen[model] = seen_of(model, places.run_folder(self._home, run))
            return found

    def _model(self, run: str, key: str) -> Model:
        from mlcore.learning.model import Model

        with self._lock:
            folder = places.model_folder(self._home, run, key)
            stamp, policy = _stamp(folder), policies.mark(folder)
            known = self._models.get((run, key))
            if known is None or known.stamp != stamp:  # another model may have been made under the same key
                known = _Kept(model=Model.load(folder), stamp=stamp, policy=policy)
            elif known.policy != policy:
                known.model.obey()
                known = replace(known, policy=policy)
            self._models[run, key] = known
            self._models.move_to_end((run, key))
            if len(self._models) > KEPT_MODELS:
                self._models.popitem(last=False)
            return known.model


def _stamp(folder: Path) -> tuple[int, int]:
    """Another one whenever another model was stored in this folder: its description is written last."""
    try:
        found = (folder / "scoring.json").stat()
    except FileNotFoundError:
        raise UserError("This model is not there (any more)", remedy="Choose another.") from None
    return found.st_mtime_ns, found.st_ino


class Server(socketserver.ThreadingUnixStreamServer):
    """Listens until nobody has asked for a while."""

    daemon_threads = True

    def __init__(self, path: Path, scorer: Scorer) -> None:
        path.unlink(missing_ok=True)
        super().__init__(str(path), _Handler)
        self.scorer = scorer
        self.asked = time.monotonic()

    def serve_until_idle(self, seconds: float) -> None:
        """Answer; return after `seconds` without a question."""
        self.timeout = min(1.0, seconds)
        while time.monotonic() - self.asked < seconds:
            self.handle_request()


class _Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        while line := self.rfile.readline(LARGEST_REQUEST):
            self.server.asked = time.monotonic()
            answer = self.server.scorer.answer(line)
            self.wfile.write(json.dumps(answer).encode() + b"\n")
            self.server.asked = time.monotonic()


def serve(home: Path | None = None, *, idle: float = IDLE_SECONDS) -> None:
    """Be the scorer of a workspace until nobody asks; returns at once when there is one already."""
    folder = places.home_folder(home)
    with processes.only_one(folder / "scorer.lock") as free:
        if not free:
            return
        path = socket_path(folder)
        with Server(path, Scorer(folder)) as server:  # listens first: questions wait while the libraries load
            _import_libraries()
            server.serve_until_idle(idle)
        path.unlink(missing_ok=True)


def _import_libraries() -> None:
    import mlcore.explanation.explain
    import mlcore.learning.model  # noqa: F401


def _predicted(model: Model, graph: Quick | None, table: pd.DataFrame) -> list[dict[str, Any]]:
    from mlcore.workspace import graphs

    frame = model.scorer.frame(table) if graph is None else graphs.answers(model.scorer, graph, table)
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _explained(model: Model, table: pd.DataFrame) -> Explanation:
    from mlcore.explanation.explain import explain_rows

    return explain_rows(model, table, seconds=EXPLAIN_SECONDS)


def _plain(explanation: Explanation) -> dict[str, Any]:
    fields: dict[str, Any] = {
        name: value for name, value in vars(explanation).items() if name not in ("table", "rows", *_ARRAYS)
    }
    arrays = {name: getattr(explanation, name).tolist() for name in (*_ARRAYS, "rows")}
    table = {str(name): [plain(cell) for cell in explanation.table[name]] for name in explanation.table}
    return dict(records.to_json({**fields, **arrays, "table": table}))


def _explanation(data: Mapping[str, Any]) -> Explanation:
    arrays: dict[str, Any] = {name: np.asarray(data[name], dtype=np.float64) for name in _ARRAYS}
    words = {name: tuple(data[name]) for name in ("outputs", "columns", "methods")}
    given = {**data, **arrays, **words, "rows": np.asarray(data["rows"], dtype=np.int64)}
    return Explanation(**{**given, "table": pd.DataFrame(data["table"])})


if __name__ == "__main__":
    serve()
