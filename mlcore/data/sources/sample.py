"""A table that comes with the product."""

from __future__ import annotations

from pathlib import Path

from mlcore.data.samples import samples
from mlcore.data.sources.source import FileSource, Means, Params
from mlcore.errors import ChoiceError, SourceError


def _path(params: Params, means: Means) -> Path:
    known = samples(means.samples)
    for sample in known:
        if sample.key == params.get("sample"):
            return Path(sample.path)
    raise ChoiceError(str(params.get("sample")), [sample.key for sample in known], of="sample")


def _title(params: Params) -> str:
    if not params.get("sample"):
        raise SourceError("No sample was chosen", remedy="Choose one from the list.")
    return str(params["sample"])


SAMPLE = FileSource(
    key="sample",
    title="A table to try",
    help="Real, public tables that come with the app.",
    path_of=_path,
    titled=_title,
)
