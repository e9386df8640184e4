"""Where a table came from, so that it can be brought again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A place a table comes from. `kind` is a key of the sources catalogue, `title` what people call the place.

    `params` are what that source needs and never a secret: a database is named by the id of its connection.

        file    `name` (the file's own name), `path` (where its bytes lie until they are imported)
        sample  `sample` (its key)
        path    `path` (below a folder that is allowed)
        url     `url`, and `query`: what came after its question mark, sealed (a signed link has its key there)
        sql     `connection`, and `table` with `schema` or `query`; optionally `rows` and `seconds` as limits
    """

    kind: str
    params: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
