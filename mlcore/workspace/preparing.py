"""What the children of the engine do with recipes: plain arguments in, plain JSON out, everything else in files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlcore import files, records
from mlcore.data.dataset import Dataset
from mlcore.data.recipe import Recipe

if TYPE_CHECKING:
    from mlcore.data.prepare_table import Preview

CARD, SEEN = "card.json", "recipe_preview.json"


def prepare(raw: Mapping[str, Any], recipe: Mapping[str, Any], others: Mapping[str, Any], folder: str) -> int:
    """Make the table of a recipe in `folder`, whole or not at all; its rows."""
    from mlcore.data.prepare_table import prepared

    place = Path(folder)
    if not (place / CARD).is_file():
        with files.whole_folder(place) as unfinished:
            made = prepared(*_read(raw, recipe), unfinished / "table.parquet", _others(others))
            records.write(unfinished / CARD, replace(made, path=""))
    return records.read(Dataset, place / CARD).rows


def preview(raw: Mapping[str, Any], recipe: Mapping[str, Any], others: Mapping[str, Any], folder: str) -> int:
    """See what the last step of a recipe does, on the first rows; the rows after it that are shown."""
    from mlcore.data.prepare_table import previewed

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    seen = previewed(*_read(raw, recipe), _others(others), place)
    shutil.rmtree(place / "lookups", ignore_errors=True)
    for name, table in (("before", seen.before), ("after", seen.after)):
        with files.whole(place / f"{name}.parquet") as unfinished:
            table.to_parquet(unfinished, index=False)
    told = {"gone": seen.gone, "accounts": seen.accounts, "looked_at": seen.looked_at, "exact": seen.exact}
    records.write(place / SEEN, told)
    return len(seen.after)


def read_preview(folder: Path) -> Preview | None:
    """What `preview` left in a folder; None while there is nothing."""
    import pandas as pd

    from mlcore.data.flow import Account
    from mlcore.data.prepare_table import Preview

    path = folder / SEEN
    if not path.is_file():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))
    return Preview(
        before=pd.read_parquet(folder / "before.parquet"),
        after=pd.read_parquet(folder / "after.parquet"),
        gone=tuple(told["gone"]),
        accounts=tuple(records.from_json(Account, item) for item in told["accounts"]),
        looked_at=told["looked_at"],
        exact=told["exact"],
    )


def _read(raw: Mapping[str, Any], recipe: Mapping[str, Any]) -> tuple[Dataset, Recipe]:
    return records.from_json(Dataset, dict(raw)), records.from_json(Recipe, dict(recipe))


def _others(others: Mapping[str, Any]) -> dict[str, Dataset]:
    return {key: records.from_json(Dataset, other) for key, other in others.items()}
