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
from mlcore.cli import words
from mlcore.errors import ChoiceError, FileError, UserError

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
    train = _command(commands, "train", _train, "Train and compare models.")
    train.add_argument("file", metavar="FILE", type=Path)
    train.add_argument("--target", metavar="COL", required=True)
    train.add_argument("--task", choices=("binary", "multiclass", "regression"))
    train.add_argument(
        "--metric", metavar="KEY", help="what models are ranked by, such as roc_auc, mcc or rmsle; see docs/metrics.md"
    )
    train.add_argument("--budget", metavar="SECONDS", type=words.seconds, default=300.0)
    train.add_argument(
        "--time",
        metavar="COL",
        help="the column that orders the rows; none: random rows (default: measured)",
    )
    train.add_argument("--group", metavar="COL", help="rows with equal values belong together")
    train.add_argument("--exclude", metavar="A,B", type=words.listed, default=())
    train.add_argument(
        "--keep", metavar="A,B", type=words.listed, default=(), help="learn from them although a finding says no"
    )
    train.add_argument("--weight", metavar="COL", help="how much each row counts while models learn")
    train.add_argument(
        "--class-weight", metavar="balanced|A=3,B=1", type=words.class_weight, help="how much rows of a label count"
    )
    train.add_argument("--split", metavar="COL", help="names each row train, validation or test, or numbers folds")
    train.add_argument(
        "--gap",
        metavar="7d",
        type=words.gap,
        default=0.0,
        help="time between the rows learned from and those judged on; with --time",
    )
    train.add_argument(
        "--recent",
        metavar="90d",
        type=words.half_life,
        help="how much older a row is that counts half while models learn; none: all alike (default: measured)",
    )
    train.add_argument(
        "--monotone",
        metavar="A:up,B:down",
        type=words.directions,
        default={},
        help="columns with which the prediction may only rise or fall",
    )
    train.add_argument(
        "--costs",
        metavar="tp=90,fp=-10,fn=0,tn=0",
        type=words.costs,
        help="what right and wrong answers are worth; models are then ranked by it",
    )
    train.add_argument(
        "--models",
        metavar="K1,K2",
        type=words.listed,
        default=None,
        help="which to try, see `tablesmith models`; with settings of your own: forest:trees=500:least=5",
    )
    train.add_argument(
        "--simple", action="store_true", help="hand over the simplest of the models that are as good as the best"
    )
    train.add_argument(
        "--fast", action="store_true", help="hand over a fast version when the best is an ensemble (docs/trust.md)"
    )
    train.add_argument(
        "--no-search", action="store_true", help="end when every configuration was tried, whatever time is left"
    )
    train.add_argument("--positive", metavar="LABEL", help="the label that counts as yes")
    train.add_argument("--seed", metavar="N", type=words.count, default=0)
    train.add_argument("--out", metavar="BUNDLE_DIR", type=Path)
    train.add_argument("--json", action="store_true")


def _add_models(commands: Any) -> None:
    listed = _command(commands, "models", _models, "List the models that can be tried, and why some cannot.")
    listed.add_argument("--json", action="store_true")
    check = _command(commands, "check-model", _check_model, "Hold a model, such as a plug-in, to the contract of all.")
    check.add_argument("key", metavar="KEY")
    check.add_argument("--json", action="store_true")


def _add_scoring(commands: Any) -> None:
    predict = _command(commands, "predict", _predict, "Score the rows of a file.")
    _bundle_and_file(predict)
    predict.add_argument("--out", metavar="FILE.{csv,parquet}", type=words.writable, required=True)
    predict.add_argument(
        "--reasons", metavar="N", type=words.count, default=0, help="the N strongest reasons of each row"
    )
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
    export.add_argument("--format", required=True, metavar="zip")
    export.add_argument("--out", metavar="PATH", type=Path, required=True)
    export.add_argument("--json", action="store_true")


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


def _train(asked: argparse.Namespace) -> Answer:
    from mlcore import api
    from mlcore.cli import shown

    trained = api.train(
        asked.file,
        asked.target,
        task=asked.task,
        metric=asked.metric,
        seconds=asked.budget,
        time=asked.time,
        group=asked.group,
        exclude=asked.exclude,
        keep=asked.keep,
        weight=asked.weight,
        class_weight=asked.class_weight,
        split=asked.split,
        gap=asked.gap,
        monotone=asked.monotone,
        costs=asked.costs,
        recent=asked.recent,
        models=asked.models,
        search=not asked.no_search,
        simple=asked.simple,
        fast=asked.fast,
        positive=asked.positive,
        seed=asked.seed,
        out=asked.out,
    )
    return OK, shown.training_document(trained), shown.training(trained)


def _models(asked: argparse.Namespace) -> Answer:
    from mlcore.cli import models

    return models.models(asked)


def _check_model(asked: argparse.Namespace) -> Answer:
    from mlcore.cli import models

    return models.check_model(asked)


def _predict(asked: argparse.Namespace) -> Answer:
    from mlcore import api

    frame = api.score(asked.bundle, asked.file, reasons=asked.reasons)
    _write(frame, asked.out)
    flagged = int((frame["flags"] != "").sum())
    document = {"rows": len(frame), "out": str(asked.out), "flagged": flagged, "columns": list(frame.columns)}
    return OK, document, f"{len(frame):,} rows scored, {flagged:,} of them flagged: {asked.out}"


def _explain(asked: argparse.Namespace) -> Answer:
    from mlcore import api

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

    if asked.format != "zip":
        raise ChoiceError(asked.format, ("zip",), of="format")
    found = api.export(asked.bundle, asked.out, packed=True)
    return OK, {"out": found.path, "format": asked.format, "megabytes": found.megabytes}, f"Exported: {found.path}"


def _write(frame: Any, path: Path) -> None:
    from mlcore import files

    with files.whole(path) as temporary:
        if path.suffix == ".parquet":
            frame.to_parquet(temporary, index=False)
        else:
            frame.to_csv(temporary, index=False)
