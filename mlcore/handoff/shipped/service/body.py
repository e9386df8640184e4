"""The body of a request: JSON to rows, or one sentence about what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from mlcore.handoff.shipped.rows import NotJson, RowsError, shown

MOST_REASONS = 20


class RequestError(Exception):
    """A request that is not answered as asked: the status, one sentence, and the cells it is about."""

    def __init__(self, status: int, detail: str, problems: Sequence[dict[str, Any]] = (), *, more: int = 0) -> None:
        self.status = status
        self.content: dict[str, Any] = {"detail": detail}
        if problems:
            self.content |= {"problems": list(problems), "more": more}
        super().__init__(detail)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Rows to score, and how many reasons of each are wanted."""

    rows: list[Any]
    reasons: int


def asked(body: bytes, most: int) -> Asked:
    """What a body asks for; `RequestError` when it is no JSON (400) or not as the contract has it (422)."""
    content = _parsed(body)
    if not isinstance(content, dict) or not isinstance(content.get("rows"), list):
        raise RequestError(422, 'Send {"rows": [{"column": value, …}, …]}: an object with a list of rows.')
    if unknown := [name for name in content if name not in ("rows", "reasons")]:
        raise RequestError(
            422, f"There is no option {shown(unknown[0])!r}. A request has `rows`, and may have `reasons`."
        )
    reasons = content.get("reasons", 0)
    if type(reasons) is float and reasons.is_integer():
        reasons = int(reasons)
    if type(reasons) is not int or not 0 <= reasons <= MOST_REASONS:
        raise RequestError(422, f"`reasons` cannot be {shown(reasons)}. Give a whole number from 0 to {MOST_REASONS}.")
    found: list[Any] = content["rows"]
    if len(found) > most:
        raise RequestError(422, f"{len(found):,} rows are more than the {most:,} of one request. Send them in parts.")
    return Asked(rows=found, reasons=reasons)


def declined(error: RowsError) -> RequestError:
    """The answer to rows that cannot be taken."""
    first = error.problems[0]
    place = f"row {first.row}" + (f", column {shown(first.column)!r}" if first.column else "")
    value = f" instead of {first.value}" if first.value else ""
    detail = f"{error}. The first: {place}: expected {first.expected}{value}. {first.remedy}"
    more = error.count - len(error.problems)
    return RequestError(422, detail, [asdict(problem) for problem in error.problems], more=more)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _leniently(body, str(error))


def _leniently(body: bytes, why: str) -> Any:
    """What is JSON but for NaN and Infinity, for which cells are then refused by name, and for very long numbers."""
    try:
        text = body.decode("utf-8")
        content = json.loads(text, parse_constant=NotJson)
        json.dumps(content, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair is no character
    except UnicodeError:
        raise RequestError(400, "The body is not UTF-8 text. Send JSON in UTF-8.") from None
    except (ValueError, RecursionError):
        raise RequestError(400, f"The body is not JSON: {why[:200]}.") from None
    return content
