"""The verb that answers over HTTP with the model of a bundle, running none of the bundle's code."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore.errors import UserError
from mlcore.handoff.shipped.service import settings as settling

if TYPE_CHECKING:
    from mlcore.handoff.shipped.service.desk import Explain
    from mlcore.learning.model import Model

REASON_SECONDS = 0.5
"""Of the seconds that a request may take, so large a share is for its reasons."""


def options(parser: argparse.ArgumentParser) -> None:
    """The options of `serve`."""
    parser.add_argument("bundle", metavar="BUNDLE", type=Path)
    settling.options(parser)


def serve(asked: argparse.Namespace) -> tuple[int, Any, str]:
    """Check the files of the bundle against their hashes, and answer until stopped."""
    from mlcore.handoff import archive, proof
    from mlcore.handoff.shipped.service import run

    try:
        settings = settling.settings(asked)
        with archive.opened(asked.bundle) as folder:
            proof.checked(folder)
            run.serve(folder, settings, reasons_of(folder, settings.seconds * REASON_SECONDS))
    except settling.SettingError as error:
        raise UserError(str(error)) from None
    return 0, None, ""


def reasons_of(folder: Path, seconds: float) -> Explain:
    """Reasons in the words of the screen, from the model in `folder`, which is loaded when they are first asked for."""
    import pandas as pd

    lock = threading.Lock()
    loaded: list[Model] = []

    def explain(columns: Mapping[str, Any], top: int) -> list[list[str]]:
        from mlcore.data.dictionary import titles
        from mlcore.explanation.batch import reasons_for
        from mlcore.learning.model import Model

        with lock:  # one at a time: it uses every core as it is
            if not loaded:
                loaded.append(Model.load(folder))
            (model,) = loaded
            names = titles(model.schema, model.schema.names, unit=True)
            table = model.prepared(pd.DataFrame(dict(columns)))
            found = reasons_for(model, table, top, names, seconds=seconds)
        return [[reason for reason in row if reason] for row in found.to_numpy().tolist()]

    return explain
