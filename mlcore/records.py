"""Frozen records to JSON and back, by their type annotations alone."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from mlcore import files

R = TypeVar("R")
LONG = 500_000


def to_json(value: Any) -> Any:
    """Plain lists, dicts, strings and numbers; a number that is not finite becomes None."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:  # nearly all there is: quickly
        return value
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is dict:
        return {str(key): to_json(item) for key, item in value.items()}
    if kind is tuple or kind is list:
        return [to_json(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in _fields(typing.cast(Any, kind))}
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
    return typing.cast(R, _maker(typing.cast(Any, kind))(data))


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
    if type(value) in (str, int, float, bool) or value is None:  # nearly all there is: quickly
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        told = [field.name for field in _fields(typing.cast(Any, type(value))) if _told(value, field)]
        return {name: _lean(getattr(value, name)) for name in told}
    if isinstance(value, Mapping):
        return {str(key): _lean(item) for key, item in value.items()}
    return [_lean(item) for item in value] if isinstance(value, (list, tuple)) else value


@cache
def _fields(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(kind)


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


Maker = Callable[[Any], Any]


def _plainly(data: Any) -> Any:
    return data


def _number(data: Any) -> float:
    return float("nan") if data is None else float(data)


@cache
def _maker(kind: Any) -> Maker:
    """What builds values of a type: found once for each type, as a record may have ten thousand of one."""
    if kind is float:
        return _number
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        known = [part for part in arguments if part is not type(None)]
        return _unless_none(_maker(known[0])) if len(known) == 1 else _plainly
    if origin is None and dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record_maker(kind)
    if origin is tuple:
        return _tuple_maker(arguments)
    if origin is list:
        item = _maker(arguments[0])
        return _unless_none(lambda data: [item(one) for one in data])
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        of = _maker(arguments[1])
        return _unless_none(lambda data: {key: of(one) for key, one in data.items()})
    return _plainly


def _unless_none(make: Maker) -> Maker:
    return lambda data: None if data is None else make(data)


def _record_maker(kind: type) -> Maker:
    makers: dict[str, Maker] = {}

    def make(data: Any) -> Any:
        if not makers:  # on first use: records may hold records of their own kind
            hints = typing.get_type_hints(kind)
            makers.update({field.name: _maker(hints[field.name]) for field in dataclasses.fields(kind)})
        return kind(**{key: makers[key](item) for key, item in data.items() if key in makers})

    return _unless_none(make)


def _tuple_maker(arguments: tuple[Any, ...]) -> Maker:
    makers = [_maker(part) for part in arguments if part is not Ellipsis]
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return _unless_none(lambda data: tuple(makers[0](item) for item in data))
    return _unless_none(lambda data: tuple(make(item) for make, item in zip(makers, data, strict=True)))
