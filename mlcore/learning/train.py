"""Carry out a plan, file by file: `prepare`, then `fit` each candidate, `blend` and `stack` them, `conclude`.

Nothing in this room knows a database, a queue or a process; whoever calls decides where and when.
"""

from __future__ import annotations

from mlcore.learning.again import again
from mlcore.learning.compact import compact
from mlcore.learning.conclude import conclude, entries
from mlcore.learning.ensemble import blend
from mlcore.learning.prepare import prepare
from mlcore.learning.results import holdout, out_of_fold, trials
from mlcore.learning.stack import stack
from mlcore.learning.trial import fit

__all__ = [
    "again",
    "blend",
    "compact",
    "conclude",
    "entries",
    "fit",
    "holdout",
    "out_of_fold",
    "prepare",
    "stack",
    "trials",
]
