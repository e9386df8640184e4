"""Where tables come from, in the order they are offered. Light: what connects or parses is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlcore.data.origin import Origin
from mlcore.data.sources.file import FILE
from mlcore.data.sources.path import PATH
from mlcore.data.sources.sample import SAMPLE
from mlcore.data.sources.source import Means, Source
from mlcore.data.sources.sql import SQL
from mlcore.data.sources.url import URL
from mlcore.errors import SourceError
from mlcore.registry import Catalogue

SOURCES: Catalogue[Source] = Catalogue("source", (FILE, SQL, URL, PATH, SAMPLE))


def origin_of(kind: str, params: Mapping[str, Any], title: str = "") -> Origin:
    """The place, checked as far as words can tell and with a title; a `UserError` says what does not fit."""
    source = SOURCES[kind]
    if barred := source.barred():
        raise SourceError(f"{source.title} cannot be used here", remedy=barred)
    usual = source.title_of(params)
    return Origin(kind=kind, params=dict(params), title=title or usual)


__all__ = ["SOURCES", "Means", "Origin", "Source", "origin_of"]
