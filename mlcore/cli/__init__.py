"""The command line: `python -m mlcore …`, installed as `tablesmith`.

Exit codes: 0 done, 1 a check or a verification failed, 2 bad input (one sentence on stderr). With `--json` stdout holds
exactly one JSON document; everything else that is printed, by us or by a library, goes to stderr.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from mlcore import __version__, records
from mlcore.cli import scoring, serving, training, words
from mlcore.errors import FileError, UserError
from mlcore.handoff.exporters import EXPORTERS

Answer = tuple[int, Any, str]
"""Exit code, the JSON document, and the same for people."""

Command = Callable[[argparse.Namespace], Answer]

OK, FAILED, BAD_INPUT = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("mlcore.estimate").setLevel(logging.INFO)
    try:
        asked = _parser().parse_args(arguments)
        command: Command = asked.command
        with _silenced():
            code, document, text = command(asked)
    except UserError as error:
        return _refused(str(error))
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return _refused(f"{error.strerror or error}{place}. Check the path, and that you may read and write there.")
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if os.environ.get("TABLESMITH_DEBUG"):
            raise
        sentence = " ".join(str(error).split())[:300]
        print(
            f"This should not happen: {type(error).__name__}: {sentence}. TABLESMITH_DEBUG=1 shows more.",
            file=sys.stderr,
        )
        return FAILED
    _say(document, text, as_json=getattr(asked, "json", False))
    return code


def _refused(sentence: str) -> int:
    print(" ".join(sentence.split()), file=sys.stderr)
    return BAD_INPUT


def _say(document: Any, text: str, *, as_json: bool) -> None:
    shown = json.dumps(records.to_json(document), ensure_ascii=False, allow_nan=False) if as_json else text
    with contextlib.suppress(BrokenPipeError):
        if shown:
            print(shown, flush=True)


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Whatever is printed meanwhile, also by compiled code and child processes, goes to stderr."""
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing the usage."""

    def error(self, message: str) -> NoReturn:
        raise UserError(message[:1].upper() + message[1:], remedy=f"See `{self.prog} --help`.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tablesmith", description="Bring a table, train, compare, explain, hand over.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"tablesmith {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    _add_processes(commands)
    _add_data(commands)
    _add_models(commands)
    _add_scoring(commands)
    _add_handoff(commands)
    return parser


def _command(commands: Any, name: str, run: Command, help: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
    parser.set_defaults(command=run)
    return parser


def _add_processes(commands: Any) -> None:
    ui = _command(commands, "ui", _ui, "Open the app in the browser.")
    ui.add_argument("--port", type=words.port, default=None, help="default: TABLESMITH_PORT, or 8501")
    _command(commands, "worker", _worker, "Carry out the jobs of the workspace.")


def _add_data(commands: Any) -> None:
    profile = _command(commands, "profile", _profile, "Describe a table and say what to look at.")
    profile.add_argument("file", metavar="FILE", type=Path)
    profile.add_argument("--target", metavar="COL", help="also how each column goes with this one")
    profile.add_argument("--json", action="store_true")
    training.options(_command(commands, "train", training.train, "Train and compare models."))


def _add_models(commands: Any) -> None:
    listed = _command(commands, "models", _models, "List the models that can be tried, and why some cannot.")
    listed.add_argument("--json", action="store_true")
    check = _command(commands, "check-model", _check_model, "Hold a model, such as a plug-in, to the contract of all.")
    check.add_argument("key", metavar="KEY")
    check.add_argument("--json", action="store_true")


def _add_scoring(commands: Any) -> None:
    predict = _command(commands, "predict", _predict, "Score the rows of a file.")
    _bundle_and_file(predict)
    scoring.options(predict)
    explain = _command(commands, "explain", _explain, "What each column adds to each prediction.")
    _bundle_and_file(explain)
    explain.add_argument("--out", metavar="FILE.{csv,parquet}", type=words.writable, required=True)
    evaluate = _command(commands, "evaluate", _evaluate, "Compare predictions with the truth in the file.")
    _bundle_and_file(evaluate)


def _bundle_and_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--json", action="store_true")


def _add_handoff(commands: Any) -> None:
    verify = _command(commands, "verify", _verify, "Replay the golden rows of a bundle in this environment.")
    verify.add_argument("bundle", metavar="BUNDLE", type=Path)
    verify.add_argument("--json", action="store_true")
    export = _command(commands, "export", _export, "Write a bundle in another form.")
    export.add_argument("bundle", metavar="BUNDLE", type=Path)
    export.add_argument("--format", required=True, metavar="KEY", help=" | ".join(EXPORTERS.keys))
    export.add_argument("--out", metavar="PATH", type=Path, required=True)
    export.add_argument("--json", action="store_true")
    serving.options(_command(commands, "serve", serving.serve, "Answer over HTTP with the model of a bundle."))


def _ui(asked: argparse.Namespace) -> Answer:
    from mlcore.workspace import places

    server = Path(__file__).resolve().parent.parent.parent / "pages" / "ui" / "server.py"
    if not server.is_file():
        raise FileError(
            "The app's pages are not here", where=str(server), remedy="Start it from a checkout: `make run`."
        )
    port = asked.port or words.port(os.environ.get("TABLESMITH_PORT", "8501"))
    os.environ["TABLESMITH_HOME"] = str(places.home_folder())  # beside where we were started, not where we go
    os.chdir(server.parent.parent.parent)  # where .streamlit/config.toml lies
    command = [sys.executable, "-m", "streamlit", "run", str(server), "--server.port", str(port)]
    os.execv(sys.executable, command)  # noqa: S606  the app takes this process's place, so signals reach it


def _worker(_: argparse.Namespace) -> Answer:
    from mlcore.workspace.worker import serve

    serve()
    return OK, None, ""


def _profile(asked: argparse.Namespace) -> Answer:
    from mlcore import api
    from mlcore.cli import shown

    found = api.profile(asked.file, asked.target)
    return OK, found, shown.profile(found)


def _models(asked: argparse.Namespace) -> Answer:
    from mlcore.cli import models

    return models.models(asked)


def _check_model(asked: argparse.Namespace) -> Answer:
    from mlcore.cli import models

    return models.check_model(asked)


def _predict(asked: argparse.Namespace) -> Answer:
    return scoring.predict(asked)


def _explain(asked: argparse.Namespace) -> Answer:
    from mlcore import api
    from mlcore.api.tables import spare

    spare(asked.file, asked.out)
    explanation, frame = api.explained(asked.bundle, asked.file)
    _write(frame, asked.out)
    document = {"rows": len(frame), "out": str(asked.out), "methods": explanation.methods}
    document |= {"additivity_error": explanation.additivity_error, "sampling_error": explanation.sampling_error}
    return OK, document, f"{len(frame):,} rows explained ({'; '.join(explanation.methods)}): {asked.out}"


def _evaluate(asked: argparse.Namespace) -> Answer:
    from mlcore import api
    from mlcore.cli import shown

    found = api.evaluate(asked.bundle, asked.file)
    return OK, shown.evaluation_document(found), shown.evaluation(found)


def _verify(asked: argparse.Namespace) -> Answer:
    from mlcore import api
    from mlcore.cli import shown
    from mlcore.errors import BundleError

    try:
        found = api.verify(asked.bundle)
    except BundleError as error:
        if not asked.json:
            print(error, file=sys.stderr)
        return FAILED, {"ok": False, "error": str(error), "rows": 0, "paths": [], "sentences": [str(error)]}, ""
    return OK if found.ok else FAILED, found, shown.proof(found)


def _export(asked: argparse.Namespace) -> Answer:
    from mlcore import api
    from mlcore.cli import shown

    found = api.export_as(asked.bundle, asked.format, asked.out)
    document = {"out": found.path, "format": found.format, "megabytes": found.megabytes}
    return OK, {**document, "proof": found.proof, "notes": found.notes}, shown.exported(found)


def _write(frame: Any, path: Path) -> None:
    from mlcore import files

    with files.whole(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            frame.to_csv(temporary, index=False)
