"""JSON values one after the other, from blocks of text, in bounded memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from mlcore.errors import FileError

LONGEST = 256 * 1024 * 1024
"""Characters a single value may have."""

_SPACE = re.compile(r"[ \t\n\r]*")
_INTEGER_DIGITS = 400


class Digits(str):
    """A whole number too long for Python to read quickly, as it is written."""

    __slots__ = ()


class BrokenError(ValueError):
    """Text that is no JSON, and what is wrong with it."""


class Tape:
    """Blocks of UTF-8 as one text of which only the part around `at` is in memory.

    `line` is where that part begins; `doubled` counts the objects in which a key occurs twice (the last one wins).
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._quick = json.JSONDecoder(strict=False, object_pairs_hook=self._object)
        self._careful = json.JSONDecoder(strict=False, object_pairs_hook=self._object, parse_int=_whole_number)
        self.text, self.at, self.line, self.doubled = "", 0, 1, 0
        self.more()

    def more(self) -> bool:
        """Bring the next block into memory and let go of what was read; False at the end."""
        for block in self._blocks:
            letters = self._decoder.decode(block)
            if letters:
                self.line += self.text.count("\n", 0, self.at)
                self.text, self.at = self.text[self.at :] + letters, 0
                return True
        return False

    def next(self) -> str:
        """The next character that is no space, without taking it; "" at the end."""
        while True:
            self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # it matches nothing too
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, expected: str) -> bool:
        """Whether this character is next; if so it is taken."""
        found = self.next() == expected
        self.at += found
        return found

    def value(self) -> Any:
        """The next value; `FileError` says in which line the text is no JSON."""
        while True:
            self.next()
            try:
                found, end = self._decoded(self.text, self.at)
            except BrokenError as error:
                if len(self.text) - self.at < LONGEST and self.more():
                    continue
                raise self.broken(str(error)) from None
            if end < len(self.text) or not self.more():
                self.at = end
                return found

    def lines(self) -> Iterator[str]:
        """The rest of the text line by line."""
        while True:
            end = self.text.find("\n", self.at)
            if end >= 0:
                line, self.at = self.text[self.at : end], end + 1
                yield line
            elif len(self.text) - self.at > LONGEST:
                raise self.broken("a line is too long")
            elif not self.more():
                break
        if self.at < len(self.text):
            line, self.at = self.text[self.at :], len(self.text)
            yield line

    def parsed(self, line: str) -> Any:
        """The one value a line holds; `BrokenError` when it is none, or more than one."""
        start = _SPACE.match(line).end()  # type: ignore[union-attr]
        found, end = self._decoded(line, start)
        if line[end:].strip():
            raise BrokenError("something stands behind a value")
        return found

    def broken(self, why: str) -> FileError:
        """The error that says where the text is no JSON."""
        line = self.line + self.text.count("\n", 0, self.at)
        return FileError(
            f"The file is not valid JSON from line {line:,} on: {why}",
            remedy="Write it again; JSON Lines, one object a line, is read even when some lines are damaged.",
        )

    def _decoded(self, text: str, start: int) -> tuple[Any, int]:
        try:
            return self._quick.raw_decode(text, start)
        except json.JSONDecodeError as error:
            raise BrokenError(error.msg[:1].lower() + error.msg[1:]) from None
        except RecursionError:
            raise FileError(
                "The JSON is nested too deeply", remedy="Write it as a list of objects with one value a field."
            ) from None
        except ValueError:  # a whole number of thousands of digits
            return self._careful.raw_decode(text, start)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.doubled += len(found) < len(pairs)
        return found


def _whole_number(digits: str) -> int | Digits:
    return int(digits) if len(digits) <= _INTEGER_DIGITS else Digits(digits)
