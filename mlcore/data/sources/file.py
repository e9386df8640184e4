"""A file that a person brought: its bytes lie in the workspace, under a name of ours."""

from __future__ import annotations

from pathlib import Path

from mlcore.data.sources.source import FileSource, Means, Params
from mlcore.errors import SourceError


def _path(params: Params, means: Means) -> Path:
    del means
    path = params.get("path")
    if not path or not Path(path).is_file():
        raise SourceError("The file is not here any more", where=_title(params), remedy="Bring it again.")
    return Path(path)


def _title(params: Params) -> str:
    return str(params.get("name") or Path(str(params.get("path", ""))).name or "A file")


FILE = FileSource(
    key="file",
    title="A file",
    help="A file on your computer.",
    path_of=_path,
    titled=_title,
    lasting=False,
)
