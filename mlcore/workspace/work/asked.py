"""Which table a job is about: told by its arguments, as a place to bring it from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlcore.data.origin import Origin
from mlcore.data.samples import samples
from mlcore.data.sources import SOURCES, origin_of
from mlcore.errors import ChoiceError, SourceError
from mlcore.workspace import places
from mlcore.workspace.store import Store


def place_of(store: Store, args: Mapping[str, Any]) -> Origin:
    """`origin` as JSON; or `sample`, the key of one of ours; or `path` of an upload, with its own name in `file`.

    When there is none of these but `again`, the id of a dataset: the place that one came from.
    """
    if args.get("origin"):
        given = args["origin"]
        return origin_of(given["kind"], _named(store, given), given.get("title") or _titled(store, given))
    if args.get("sample"):
        return origin_of("sample", {"sample": args["sample"]}, _sample_title(args["sample"]))
    if args.get("path"):
        name = args.get("file") or args.get("name") or Path(args["path"]).name
        return origin_of("file", {"path": str(args["path"]), "name": name})
    return _place_before(store, str(args.get("again") or ""))


def _sample_title(key: str) -> str:
    known = {sample.key: sample.title for sample in samples(places.SAMPLES)}
    if key not in known:
        raise ChoiceError(key, known, of="sample")
    return known[key]


def _place_before(store: Store, dataset: str) -> Origin:
    if not dataset:
        raise SourceError("It is not said which table to bring", remedy="Choose one.")
    before = store.origin(dataset)
    if before is None or not SOURCES[before.kind].lasting:
        raise SourceError(
            "This table came from a file, which is not here any more",
            where=store.dataset(dataset).name,
            remedy="Bring the new file.",
        )
    return origin_of(before.kind, before.params, before.title)


def _named(store: Store, given: Mapping[str, Any]) -> Mapping[str, Any]:
    params: Mapping[str, Any] = given.get("params") or {}
    if given["kind"] == "sql" and params.get("connection"):
        store.connection(str(params["connection"]))  # refused here when it was removed
    return params


def _titled(store: Store, given: Mapping[str, Any]) -> str:
    if given["kind"] != "sql":
        return ""
    params = given.get("params") or {}
    what = SOURCES["sql"].title_of(params)
    return f"{what} of {store.connection(str(params['connection'])).name}"
