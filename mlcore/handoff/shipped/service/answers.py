"""What is answered about rows, written as JSON column by column: an object a row would take longer than the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

Prediction = dict[str, Any]
Part = bytes | Sequence[bytes]
"""What stands in every row, or what stands in each."""

ENDS = ("low", "high", "decision")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`text` is the JSON of the predictions, joined by commas; `said` and `flags` are what is counted of them.

    `said` has the label of each row; of a number nothing is counted, so it is empty.
    """

    count: int
    text: bytes
    said: Sequence[str]
    flags: Sequence[Sequence[str]]

    def listed(self) -> list[Prediction]:
        """One object a row."""
        found: list[Prediction] = orjson.loads(b"[" + self.text + b"]")
        return found


def written(columns: Mapping[str, Any], labels: Sequence[str], reasons: Sequence[Sequence[str]] | None) -> Answers:
    """From columns as obeying.py gives them, with `flags` as lists, and the reasons of each row where they were asked
    for."""
    said, flags = columns["prediction"].tolist(), columns["flags"]
    parts = _labelled(columns, labels, said) if labels else _numbered(columns)
    parts += [b',"flags":', _lists(flags)]
    if "prediction_set" in columns:
        parts += [b',"prediction_set":', [orjson.dumps(words.split(";")) for words in columns["prediction_set"]]]
    if reasons is not None:
        parts += [b',"reasons":', list(map(orjson.dumps, reasons))]
    text = _rows([*parts, b"}"], len(said))
    return Answers(count=len(said), text=text, said=said if labels else (), flags=flags)


def together(pieces: Sequence[Answers]) -> Answers:
    """Of rows that were answered piece by piece."""
    if len(pieces) == 1:
        return pieces[0]
    return Answers(
        count=sum(one.count for one in pieces),
        text=b",".join(one.text for one in pieces),
        said=[label for one in pieces for label in one.said],
        flags=[codes for one in pieces for codes in one.flags],
    )


def _labelled(columns: Mapping[str, Any], labels: Sequence[str], said: Sequence[str]) -> list[Part]:
    names = {label: orjson.dumps(label) for label in labels}
    parts: list[Part] = [b'{"prediction":', [names[label] for label in said], b',"probabilities"']
    for place, label in enumerate(labels):
        parts += [(b",", b":{")[not place] + names[label] + b":", _numbers(columns[f"probability_{label}"])]
    return [*parts, b"}"]


def _numbered(columns: Mapping[str, Any]) -> list[Part]:
    parts: list[Part] = [b'{"prediction":', _numbers(columns["prediction"])]
    for name in ENDS:
        if name in columns:
            parts += [b',"' + name.encode() + b'":', _numbers(columns[name])]
    return parts


def _numbers(cells: Any) -> list[bytes]:
    return orjson.dumps(cells.tolist())[1:-1].split(b",")


def _lists(words: Sequence[Sequence[str]]) -> Part:
    return [orjson.dumps(some) if some else b"[]" for some in words] if any(words) else b"[]"


def _rows(parts: Sequence[Part], count: int) -> bytes:
    """The parts of each row one after another, the rows joined by commas; the last part stands in every row."""
    kept: list[Part] = []
    for part in [*parts, b","]:
        if isinstance(part, bytes) and kept and isinstance(kept[-1], bytes):
            kept[-1] += part
        else:
            kept.append(part)
    found = [b""] * (count * len(kept))
    for place, part in enumerate(kept):
        found[place :: len(kept)] = [part] * count if isinstance(part, bytes) else part
    return b"".join(found)[:-1]
