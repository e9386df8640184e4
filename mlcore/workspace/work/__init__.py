"""The kinds of jobs, in the order of the journey."""

from __future__ import annotations

from mlcore.registry import Catalogue
from mlcore.workspace.work.beside import BESIDE, GROWTH
from mlcore.workspace.work.browse import BROWSE
from mlcore.workspace.work.check import CHECK
from mlcore.workspace.work.closer import CLOSER
from mlcore.workspace.work.errand import Done, Errand, Queue, Work
from mlcore.workspace.work.import_ import IMPORT
from mlcore.workspace.work.model import (
    AGAIN,
    BUNDLE,
    CALIBRATE,
    COMPACT,
    EVALUATE,
    EXPLAIN,
    EXPORT,
    GATHER,
    OPEN_HOLDOUT,
    PROBE,
    SCORE_FILE,
)
from mlcore.workspace.work.prepare import PREPARE, RECIPE_PREVIEW
from mlcore.workspace.work.preview import PREVIEW
from mlcore.workspace.work.train import TRAIN

WORK: Catalogue[Work] = Catalogue(
    "job",
    (
        BROWSE, PREVIEW, IMPORT, CHECK, PREPARE, RECIPE_PREVIEW, TRAIN, EVALUATE, OPEN_HOLDOUT, EXPLAIN, BUNDLE, EXPORT,
        SCORE_FILE, COMPACT, CALIBRATE, AGAIN, GATHER, CLOSER, BESIDE, GROWTH, PROBE,
    ),
)  # fmt: skip

__all__ = ["WORK", "Done", "Errand", "Queue", "Work"]
