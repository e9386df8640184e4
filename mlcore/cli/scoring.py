"""`predict`: score a file of any size, say which cells are not as the model expects them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlcore.cli import words

if TYPE_CHECKING:
    from mlcore.handoff.batch.scored import Scored

_ON_ERROR = (
    "what becomes of cells that are not as expected: reject the file, flag the row (default), or fill the cell as the "
    "model fills gaps; or one for each kind (column, unreadable, unseen, range, missing), as in range=fill"
)


def options(parser: argparse.ArgumentParser) -> None:
    """What `predict` may be asked for."""
    parser.add_argument("--out", metavar="FILE.{csv,parquet,xlsx}", type=words.scored_file, required=True)
    parser.add_argument(
        "--reasons", metavar="N", type=words.count, default=0, help="the N strongest reasons of each row"
    )
    parser.add_argument("--keep", action="store_true", help="write the columns of FILE behind the predictions")
    parser.add_argument("--on-error", metavar="ACTION", type=words.handling, default=None, help=_ON_ERROR)
    parser.add_argument(
        "--errors", metavar="FILE.{csv,json}", type=words.fault_list, help="where the list of such cells goes"
    )
    parser.add_argument(
        "--unlike",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="flag rows that are unlike all the model learned from",
    )


def predict(asked: argparse.Namespace) -> tuple[int, Any, str]:
    """Score the file; the document has the counts, the text says them."""
    from mlcore import api

    found = api.score_file(
        asked.bundle,
        asked.file,
        asked.out,
        errors=asked.errors,
        tell=_teller(),
        on_error=asked.on_error or {},
        reasons=asked.reasons,
        keep=asked.keep,
        unlike=asked.unlike,
    )
    return 0, _document(found, asked), "\n".join(_lines(found, asked))


def _document(found: Scored, asked: argparse.Namespace) -> dict[str, Any]:
    return {
        "rows": found.rows,
        "out": str(asked.out),
        "flagged": found.flagged,
        "unlike": found.unlike if found.compared else None,
        "filled": found.filled,
        "columns": list(found.columns),
        "ignored": list(found.ignored),
        "errors": None if asked.errors is None else str(asked.errors),
        "faults": [
            {"problem": total.code, "column": total.column, "cells": total.cells, "done": total.action}
            for total in found.totals
        ],
    }


def _lines(found: Scored, asked: argparse.Namespace) -> list[str]:
    lines = [f"{found.rows:,} rows scored, {found.flagged:,} of them flagged: {asked.out}"]
    lines += [
        f"  {total.column}: {total.title.lower()}, {total.cells:,} times ({total.action})"
        for total in found.totals[:20]
    ]
    if len(found.totals) > 20:
        lines.append(f"  and {len(found.totals) - 20:,} more kinds")
    if asked.errors is not None:
        lines.append(f"Listed cell by cell: {asked.errors}")
    return lines


def _teller() -> Callable[[float, str], None]:
    """Tells a person at a terminal how far it has come; a log hears nothing."""
    if not sys.stderr.isatty():
        return lambda _share, _message: None

    def tell(share: float, message: str) -> None:
        end = "\n" if share >= 1 else ""
        print(f"\r{share:4.0%}  {message:<70}", end=end, file=sys.stderr, flush=True)

    return tell
