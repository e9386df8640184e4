"""Another form scored in a clean process, in which this project cannot be imported, and compared on the golden rows."""

from __future__ import annotations

import json
import time
from pathlib import Path

from mlcore.errors import BundleError
from mlcore.handoff import proof
from mlcore.handoff.manifest import PathProof
from mlcore.handoff.shipped.comparison import TOLERANCE

_AROUND = """
import json
bundle, made = json.loads(sys.stdin.readline())
sys.path.insert(0, bundle)
import pandas as pd
from comparison import difference
given = pd.read_parquet(bundle + "/golden/input.parquet")
expected = pd.read_parquet(bundle + "/golden/output.parquet")
{code}
print(json.dumps({{"rows": len(expected), "gap": min(difference(expected, said), 1e300)}}))
"""


def replayed(bundle: Path, made: Path, code: str, *, key: str, title: str) -> PathProof:
    """Run `code`, which makes the frame `said` of the frame `given` with what lies at `made`; how far it is off.

    `BundleError` when it does not run, or what it says is not what the trained model said.
    """
    started = time.monotonic()
    with proof.CleanProcess((), _AROUND.format(code=code)) as process:
        answer = process.said(json.dumps([str(bundle.resolve()), str(made.resolve())]))
    gap = float(answer["gap"])
    if gap > TOLERANCE:
        raise BundleError(f"{title} differs by {gap:.2g} from the trained model", remedy="Nothing was written.")
    seconds = round(time.monotonic() - started, 2)
    return PathProof(key=key, title=title, rows=int(answer["rows"]), difference=gap, ok=True, seconds=seconds)
