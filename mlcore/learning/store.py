"""Write a fitted model as a folder that `scoring.Scorer` reads."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mlcore import files, records
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning import encode, replaying
from mlcore.learning.plugins import trust

LEVEL = 0.9


@dataclass(frozen=True, kw_only=True)
class Member:
    """One pipeline of a model: its trial, the kind of model, and its weight; weights sum to 1.

    `after` is what is done to what it says, in plain numbers: `power`, to which its probabilities are raised.
    """

    key: str
    model: str
    title: str
    weight: float
    after: Mapping[str, float] | None = None


def store_model(
    folder: Path, spec: dict[str, Any], members: Sequence[Member], pipelines: Sequence[Any], run: Path
) -> float:
    """Write scoring.json and model.skops, and what all models of a run share: background rows, recipe, lookups.

    Returns the size of the model in megabytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for pipeline in pipelines:
        encode.plain(pipeline)
    with files.whole(folder / "model.skops") as temporary:
        _dump(list(pipelines), temporary)
    with files.whole(folder / "background.parquet") as temporary:
        shutil.copyfile(run / "background.parquet", temporary)
    replaying.copied(run, folder)
    needed = trust.needs(folder / "model.skops", [member.model for member in members])
    spec = {**spec, "trusted": needed} if needed else spec
    said = [_entry(member) for member in members]
    files.write_text(folder / "scoring.json", records.readable({**spec, "members": said}))
    return (folder / "model.skops").stat().st_size / 1e6


def _dump(pipelines: list[Any], path: Path) -> None:
    """As `skops.io.dump` writes them, with the description in one line: indented it takes longer than all the rest."""
    import skops
    from skops.io import _utils

    with zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as store:
        context = _utils.SaveContext(zip_file=store)
        state = _utils.get_state(pipelines, context)
        context.clear_memo()
        described = {**state, "protocol": context.protocol, "_skops_version": skops.__version__}
        store.writestr("schema.json", json.dumps(described))


def _entry(member: Member) -> dict[str, Any]:
    entry = {"key": member.key, "model": member.model, "title": member.title, "weight": member.weight}
    return entry if member.after is None else {**entry, "after": dict(member.after)}


def offsets(residuals: Floats, repeats: int = 1) -> dict[str, float]:
    """What to add to a prediction for an interval that holds a new truth in 90 of 100 cases.

    Split-conformal from out-of-fold residuals (truth - prediction), each tail for itself. Rows that were predicted
    `repeats` times do not count as more rows.
    """
    ordered = np.sort(residuals)
    tail = int((len(ordered) // repeats + 1) * (1 - LEVEL) / 2) * repeats
    low, high = ordered[max(tail - 1, 0)], ordered[min(len(ordered) - tail, len(ordered) - 1)]
    return {"low": float(min(low, 0.0)), "high": float(max(high, 0.0)), "level": LEVEL}


def bounds(values: Floats, residuals: Floats, folds: Integers) -> tuple[Floats, Floats]:
    """Intervals for the out-of-fold rows themselves, each from the residuals of the other folds: honest to count."""
    parts = folds if len(np.unique(folds)) > 1 else np.arange(len(values)) % 2
    low, high = np.empty_like(values), np.empty_like(values)
    for part in np.unique(parts):
        inside = parts == part
        reach = offsets(residuals[~inside])
        low[inside], high[inside] = values[inside] + reach["low"], values[inside] + reach["high"]
    return low, high
