"""The rows in a JSON text, whichever of the usual ways they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from mlcore.data.amounts import amount
from mlcore.data.objects.tape import BrokenError, Tape
from mlcore.errors import TableError

Record = dict[str, Any]
_BROKEN = object()


@dataclass(kw_only=True)
class Account:
    """What became of the items of a text. `places` are lines of JSON Lines, otherwise numbers of items."""

    kept: int = 0
    set_aside: int = 0
    blank: int = 0
    places: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def put_aside(self, place: int) -> None:
        """Count one item that is no row, and remember where it stood."""
        self.set_aside += 1
        if len(self.places) < 5:
            self.places.append(place)


def records(tape: Tape, account: Account) -> Iterator[Record]:
    """The rows of the text as objects; what is no row is counted in `account`, which is complete at the end."""
    if _is_lines(tape):
        items = _of_lines(tape, account)
    elif tape.next() == "[":
        items = _of_list(tape)
    else:
        items = enumerate(_of_object(tape, account), 1)
    for place, item in _named(items, account):
        if isinstance(item, dict):
            account.kept += 1
            yield item
        else:
            account.put_aside(place)


def _is_lines(tape: Tape) -> bool:
    """Whether every line holds a value: the first one does, and it is not the only one, or only the first is broken."""
    tape.next()
    start = [line for line in tape.text[tape.at :].split("\n", 20)[:20] if line.strip()][:3]
    whole = [_is_whole(tape, line) for line in start]
    return len(start) > 1 and (whole[0] or (start[0].startswith("{") and len(start) == 3 and all(whole[1:])))


def _is_whole(tape: Tape, line: str) -> bool:
    doubled = tape.doubled
    try:
        return isinstance(tape.parsed(line), (dict, list))
    except BrokenError:
        return False
    finally:
        tape.doubled = doubled


def _of_lines(tape: Tape, account: Account) -> Iterator[tuple[int, Any]]:
    begin = tape.line + tape.text.count("\n", 0, tape.at)
    for place, line in enumerate(tape.lines(), begin):
        if not line.strip():
            account.blank += 1
            continue
        try:
            yield place, tape.parsed(line)
        except BrokenError:
            yield place, _BROKEN


def _of_list(tape: Tape) -> Iterator[tuple[int, Any]]:
    tape.take("[")
    place = 0
    while not tape.take("]"):
        if place and not tape.take(","):
            raise tape.broken("a comma or the end of the list is missing")
        place += 1
        yield place, tape.value()
    if tape.next():
        raise tape.broken("something stands behind the list")


def _of_object(tape: Tape, account: Account) -> Iterator[Any]:
    """The rows of a text that is one object: a table inside it, columns, rows by key, or a single row."""
    found = tape.value()
    if tape.next():
        raise tape.broken("something stands behind the object")
    if not isinstance(found, dict):
        return iter([found])
    if isinstance(found.get("columns"), list) and _rows_in(found.get("data"), list):
        return iter([[str(name) for name in found["columns"]], *found["data"]])
    tables = [key for key, value in found.items() if _rows_in(value, dict)]
    if len(tables) > 1:
        raise TableError(
            "The file holds more than one table: " + ", ".join(repr(key) for key in tables[:5]),
            remedy="Write each into a file of its own.",
        )
    if tables:
        others = [key for key in found if key not in tables]
        left = ", left out: " + ", ".join(repr(key) for key in others[:5]) if others else ""
        account.notes.append(f"The table was found under {tables[0]!r}{left}.")
        return iter(found[tables[0]])
    return _of_columns(found, account)


def _rows_in(value: object, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], kind)


def _of_columns(found: Record, account: Account) -> Iterator[Any]:
    values = list(found.values())
    if values and all(isinstance(value, list) for value in values):
        lengths = {len(value) for value in values}
        if len(lengths) > 1:
            raise TableError(
                "The lists in the file are not equally long",
                remedy="Write one object a row, or lists of the same length.",
            )
        return (dict(zip(found, row, strict=True)) for row in zip(*values, strict=True))
    if len(values) > 1 and all(isinstance(value, dict) for value in values):
        keys = [str(place) for place in range(len(values[0]))]
        if keys and all(list(value) == keys for value in values):
            return ({name: column[key] for name, column in found.items()} for key in keys)
        if set.intersection(*(set(value) for value in values)):
            account.notes.append("The key of each object became the column 'key'.")
            return ({"key": key, **value} for key, value in found.items())
    return iter([found])


def _named(items: Iterator[tuple[int, Any]], account: Account) -> Iterator[tuple[int, Any]]:
    """Rows written as lists become objects: the first list gives the names when it holds nothing but text."""
    first = next(items, None)
    if first is None or not isinstance(first[1], list):
        return items if first is None else chain([first], items)
    row = first[1]
    if row and all(isinstance(cell, str) for cell in row) and len(set(row)) == len(row):
        account.notes.append(f"The first list gives the names of {amount(len(row), 'column')}.")
        return ((place, _object(item, row)) for place, item in items)
    names = [f"column_{place}" for place in range(1, len(row) + 1)]
    return ((place, _object(item, names)) for place, item in chain([first], items))


def _object(item: Any, names: list[str]) -> Any:
    if not isinstance(item, list) or any(cell is not None for cell in item[len(names) :]):
        return item if not isinstance(item, dict) else _BROKEN
    return dict(zip(names, item, strict=False))
