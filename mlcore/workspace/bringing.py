"""What the engine's children do to bring a table in, wherever it is.

Only ever called inside a child process. A database's password is read there, and goes nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlcore import records
from mlcore.data.choices import Choices
from mlcore.data.dataset import Dataset
from mlcore.data.origin import Origin
from mlcore.data.sources import SOURCES, Means, origin_of, sql
from mlcore.data.sources.login import Login
from mlcore.data.sources.source import FileSource
from mlcore.workspace import looking, places, sealing


def bring(
    origin: Mapping[str, Any], table: str, name: str, choices: Mapping[str, Any] | None, home: str, folder: str
) -> dict[str, Any]:
    """Store the table of this place as canonical Parquet at `table`; the dataset's card as JSON.

    `folder` is for what is fetched on the way. With an empty `name` the place says what the table is called.
    """
    place, chosen, means = _origin(origin), _choices(choices), _means(home, folder)
    source = SOURCES[place.kind]
    if isinstance(source, FileSource):
        path = source.path_of(place.params, means)
        dataset = _loaded(path, place, Path(table), name, chosen)
    else:
        dataset = source.bring(place.params, chosen, Path(table), name or place.title, means)
    words = f"sample:{place.params['sample']}" if place.kind == "sample" else place.title
    return dict(records.to_json(replace(dataset, source=words)))


def look_ahead(origin: Mapping[str, Any], choices: Mapping[str, Any] | None, home: str, folder: str, out: str) -> int:
    """Read the beginning of the table for `Store.preview`, into `out`; how many rows were seen."""
    place, means = _origin(origin), _means(home, folder)
    source = SOURCES[place.kind]
    if isinstance(source, FileSource):
        path = source.path_of(place.params, means)
        return looking.look_ahead(str(path), place.title, choices, out)
    frame, reading = source.preview(place.params, _choices(choices), looking.ROWS, means)
    return looking.keep(frame, reading, Path(out))


def browse(connection: str, home: str, out: str) -> int:
    """List what a database has for `Store.tables`, into `out`; how many tables and views that are."""
    means = _means(home, out)
    found = sql.tables(means.login(connection), means.closed)
    records.write(Path(out) / "tables.json", found)
    return len(found)


def _loaded(path: Path, place: Origin, table: Path, name: str, choices: Choices) -> Dataset:
    from mlcore.data.load import load

    with looking.called(str(path), place.title):
        return load(path, out=table, name=name or place.title.rpartition(".")[0] or place.title, choices=choices)


def _origin(origin: Mapping[str, Any]) -> Origin:
    """The place, checked again: what may be read can have changed since it was asked for."""
    return origin_of(str(origin["kind"]), dict(origin["params"]), str(origin.get("title") or ""))


def _choices(choices: Mapping[str, Any] | None) -> Choices:
    return records.from_json(Choices, dict(choices or {}))


def _means(home: str, folder: str) -> Means:
    return Means(
        folder=Path(folder),
        samples=places.SAMPLES,
        login=lambda name: _login(home, name),
        closed=Path(home),
        opened=lambda token: sealing.unsealed(Path(home), token),
    )


def _login(home: str, connection: str) -> Login:
    from mlcore.workspace.store import Store

    store = Store.open(Path(home))
    try:
        return store.connection_login(connection)
    finally:
        store.close()
