"""Another form scored in a clean process, in which this project cannot be imported, and compared on the golden rows.

A bundle may be from anywhere, so its code is run only where it is, file by file, the code that this version ships; of
another bundle the stored model is replayed by this project's own code, as `tablesmith verify` does.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from importlib.machinery import all_suffixes
from pathlib import Path

from mlcore.errors import BundleError
from mlcore.handoff import carried, proof
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


def replayed(made: Path, copy: str, code: str, *, key: str, title: str) -> PathProof:
    """Run `code`, which makes the frame `said` of the frame `given` with what lies at `made`; how far it is off.

    In the folder `copy` of it is the bundle, without what was compiled beside its code.
    `BundleError` when it does not run, or what it says is not what the trained model said.
    """
    bundle = made / copy
    if not ours(bundle):
        return _verified(bundle, key, title)
    started = time.monotonic()
    with proof.CleanProcess((), _AROUND.format(code=code)) as process:
        answer = process.said(json.dumps([str(bundle.resolve()), str(made.resolve())]))
    gap = float(answer["gap"])
    if gap > TOLERANCE:
        raise BundleError(f"{title} differs by {gap:.2g} from the trained model", remedy="Nothing was written.")
    seconds = round(time.monotonic() - started, 2)
    return PathProof(key=key, title=title, rows=int(answer["rows"]), difference=gap, ok=True, seconds=seconds)


def ours(bundle: Path) -> bool:
    """Whether all code in the bundle is what this version ships, or a plug-in that is allowed here."""
    from mlcore.handoff.filling import shipped

    known = shipped(with_recipe=(bundle / "recipe.json").is_file())
    code = [file for file in bundle.rglob("*") if file.name.endswith(tuple(all_suffixes())) and file.is_file()]
    names = {file.relative_to(bundle).as_posix(): file for file in code}
    known |= {name: names[name].read_text(encoding="utf-8") for name in carried.allowed(bundle)}
    return all(name in known and known[name].encode("utf-8") == file.read_bytes() for name, file in names.items())


def _verified(bundle: Path, key: str, title: str) -> PathProof:
    found = proof.verify(bundle).paths[0]
    if not found.ok:
        why = found.note or f"it differs by {found.difference:.2g}"
        raise BundleError(f"{title} cannot be proven: {why}", remedy="Nothing was written.")
    return replace(found, key=key, outputs=())
