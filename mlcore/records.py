"""Frozen records to JSON and back, by their type annotations alone."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from mlcore import files

R = TypeVar("R")
LONG = 500_000
_PLAIN = (str, int, float, bool)


def to_json(value: Any) -> Any:
    """Plain lists, dicts, strings and numbers; a number that is not finite becomes None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(item) for item in value]
    if hasattr(value, "tolist"):  # numpy scalars and arrays, without importing numpy
        return to_json(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def from_json(kind: type[R], data: Any) -> R:
    """The record of class `kind` that `to_json` made `data` from; unknown keys are left out, absent ones defaulted."""
    return typing.cast(R, _build(kind, data))


def text(record: Any) -> str:
    """The record as canonical JSON text: sorted keys, no spaces to spare."""
    return json.dumps(to_json(record), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def identity(record: Any) -> str:
    """Twelve hexadecimal digits that two records share only when their content is equal.

    A field that was `added` to a record later does not count while it has its default, so that what was stored before
    keeps its identity.
    """
    return hashlib.sha256(text(_lean(record)).encode()).hexdigest()[:12]


def added(default: Any) -> Any:
    """The default of a field that a record did not have when records of its kind were first stored."""
    if isinstance(default, dict):
        return dataclasses.field(default_factory=dict, metadata={"added": True})
    return dataclasses.field(default=default, metadata={"added": True})


def _lean(value: Any) -> Any:
    """The record as plain values, without added fields that have their default."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        told = [field.name for field in dataclasses.fields(value) if _told(value, field)]
        return {name: _lean(getattr(value, name)) for name in told}
    if isinstance(value, Mapping):
        return {str(key): _lean(item) for key, item in value.items()}
    return [_lean(item) for item in value] if isinstance(value, (list, tuple)) else value


def _told(record: Any, field: dataclasses.Field[Any]) -> bool:
    if "added" not in field.metadata:
        return True
    made = field.default_factory
    default = field.default if made is dataclasses.MISSING else made()
    return bool(getattr(record, field.name) != default)


def write(path: Path, record: Any) -> None:
    """Write the record as readable JSON, whole or not at all."""
    files.write_text(path, readable(to_json(record)) + "\n")


def readable(plain: Any) -> str:
    """JSON text in lines; that of very many items in one, which takes a tenth of the time."""
    text = json.dumps(plain, ensure_ascii=False, allow_nan=False)
    return text if len(text) > LONG else json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False)


def read(kind: type[R], path: Path) -> R:
    """Read a record written by `write`."""
    return from_json(kind, json.loads(path.read_text(encoding="utf-8")))


@cache
def _field_hints(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def _build(kind: Any, data: Any) -> Any:
    if data is None:
        return float("nan") if kind is float else None
    if kind in _PLAIN:
        return float(data) if kind is float else data
    origin, arguments = _parts(kind)
    if origin in (typing.Union, types.UnionType):
        return _build_union(arguments, data)
    if origin is None and dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = _field_hints(kind)
        return kind(**{key: _build(hints[key], item) for key, item in data.items() if key in hints})
    if origin is tuple:
        return _build_tuple(arguments, data)
    if origin is list:
        return [_build(arguments[0], item) for item in data]
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _build(arguments[1], item) for key, item in data.items()}
    return data


@cache
def _parts(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """The container that a type is of, and what it holds."""
    return typing.get_origin(kind), typing.get_args(kind)


def _build_union(arguments: tuple[Any, ...], data: Any) -> Any:
    records = [kind for kind in arguments if kind is not type(None)]
    if len(records) == 1:
        return _build(records[0], data)
    return data


def _build_tuple(arguments: tuple[Any, ...], data: Any) -> tuple[Any, ...]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_build(arguments[0], item) for item in data)
    return tuple(_build(kind, item) for kind, item in zip(arguments, data, strict=True))
