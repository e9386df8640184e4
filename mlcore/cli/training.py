"""The verb that trains: what can be said to it, and what comes back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.cli import words

if TYPE_CHECKING:
    from mlcore.api.training import Training
    from mlcore.workspace.task import Engine


def options(parser: argparse.ArgumentParser) -> None:
    """The table, the target, and everything that may be left to the defaults."""
    _goal(parser)
    _demands(parser)
    _agreement(parser)
    _effort(parser)
    parser.add_argument("--json", action="store_true")


def _goal(parser: argparse.ArgumentParser) -> None:
    """What is predicted, and from what."""
    parser.add_argument("file", metavar="FILE", type=Path)
    parser.add_argument("--target", metavar="COL", required=True)
    parser.add_argument("--task", choices=("binary", "multiclass", "regression"))
    parser.add_argument(
        "--metric", metavar="KEY", help="what models are ranked by, such as roc_auc, mcc or rmsle; see docs/metrics.md"
    )
    parser.add_argument("--budget", metavar="SECONDS", type=words.seconds, default=300.0)
    parser.add_argument(
        "--time",
        metavar="COL",
        help="the column that orders the rows; none: random rows (default: measured)",
    )
    parser.add_argument("--group", metavar="COL", help="rows with equal values belong together")
    parser.add_argument("--exclude", metavar="A,B", type=words.listed, default=())
    parser.add_argument(
        "--keep", metavar="A,B", type=words.listed, default=(), help="learn from them although a finding says no"
    )


def _demands(parser: argparse.ArgumentParser) -> None:
    """What docs/goals.md tells of."""
    parser.add_argument("--weight", metavar="COL", help="how much each row counts while models learn")
    parser.add_argument(
        "--class-weight", metavar="balanced|A=3,B=1", type=words.class_weight, help="how much rows of a label count"
    )
    parser.add_argument("--split", metavar="COL", help="names each row train, validation or test, or numbers folds")
    parser.add_argument(
        "--gap",
        metavar="7d",
        type=words.gap,
        default=0.0,
        help="time between the rows learned from and those judged on; with --time",
    )
    parser.add_argument(
        "--recent",
        metavar="90d",
        type=words.half_life,
        help="how much older a row is that counts half while models learn; none: all alike (default: measured)",
    )
    parser.add_argument(
        "--monotone",
        metavar="A:up,B:down",
        type=words.directions,
        default={},
        help="columns with which the prediction may only rise or fall",
    )
    parser.add_argument(
        "--costs",
        metavar="tp=90,fp=-10,fn=0,tn=0",
        type=words.costs,
        help="what right and wrong answers are worth; models are then ranked by it",
    )


def _agreement(parser: argparse.ArgumentParser) -> None:
    """What people agreed on, which stands in the model card."""
    parser.add_argument("--owner", metavar="NAME", default="", help="who asked for the model")
    parser.add_argument("--purpose", metavar="TEXT", default="", help="what its predictions are for")
    parser.add_argument("--not-for", metavar="TEXT", default="", help="what they must not be used for")


def _effort(parser: argparse.ArgumentParser) -> None:
    """What is tried, what is handed over, and where."""
    parser.add_argument(
        "--models",
        metavar="K1,K2",
        type=words.listed,
        default=None,
        help="which to try, see `tablesmith models`; with settings of your own: forest:trees=500:least=5",
    )
    parser.add_argument(
        "--simple", action="store_true", help="hand over the simplest of the models that are as good as the best"
    )
    parser.add_argument(
        "--fast", action="store_true", help="hand over a fast version when the best is an ensemble (docs/trust.md)"
    )
    parser.add_argument(
        "--all-rows",
        action="store_true",
        help="once the locked rows have judged the best model, fit it again on all rows and hand that over",
    )
    parser.add_argument(
        "--no-search", action="store_true", help="end when every configuration was tried, whatever time is left"
    )
    parser.add_argument("--positive", metavar="LABEL", help="the label that counts as yes")
    parser.add_argument("--seed", metavar="N", type=words.count, default=0)
    parser.add_argument("--out", metavar="BUNDLE_DIR", type=Path)


def train(asked: argparse.Namespace) -> tuple[int, Any, str]:
    """Train, and tell the run as a document and for people."""
    from mlcore.workspace.engine import chosen_engine

    with chosen_engine() as engine:
        engine.warm()  # it imports its libraries while this process imports its own
        trained = _trained(asked, engine)
    from mlcore.cli import shown

    return 0, shown.training_document(trained), shown.training(trained)


def _trained(asked: argparse.Namespace, engine: Engine) -> Training:
    from mlcore import api

    return api.train(
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
        owner=asked.owner,
        purpose=asked.purpose,
        not_for=asked.not_for,
        models=asked.models,
        search=not asked.no_search,
        simple=asked.simple,
        fast=asked.fast,
        all_rows=asked.all_rows,
        positive=asked.positive,
        seed=asked.seed,
        out=asked.out,
        engine=engine,
    )
