"""Which text columns are numbers, in which style; and the expression that reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.delimited import cells
from mlcore.data.delimited.cells import COMMA, POINT, Style

EXACT = 2**53
"""From here on float64 skips whole numbers."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a column of numbers looks like. `style` None: not all cells are numbers, `odd` of `valid` are not.

    `telling` says that its cells show the decimal mark beyond doubt. `why` is half a sentence for a person.
    `plain` columns are read without looking for thousands marks and signs; in `clean` ones every cell is a finite
    number or empty, without spaces.
    """

    style: Style | None = None
    whole: bool = False
    plain: bool = True
    clean: bool = False
    telling: bool = False
    valid: int = 0
    odd: int = 0
    why: str = ""


def decide(frame: pl.LazyFrame, sources: list[str], decimal: str | None, batch: int) -> dict[str, Numbers]:
    """For each of these text columns whether it holds numbers. `decimal` forces the mark; None finds it."""
    found: dict[str, Numbers] = {}
    for start in range(0, len(sources), batch):
        found |= _cleanly(frame, sources[start : start + batch])
    others = [source for source in sources if source not in found]
    for start in range(0, len(others), batch):
        found |= _plain(frame, others[start : start + batch])
    styled = [s for s, numbers in found.items() if numbers.odd and not numbers.why]
    counts = {s: _counts(frame, s) for s in styled}
    doubtful = [s for s, n in found.items() if n.style == POINT and n.telling] if _some_comma(counts, decimal) else []
    regrouped = {s: _counts(frame, s) for s in doubtful}
    for source in doubtful:
        certain = regrouped[source]["comma"] < regrouped[source]["valid"]
        found[source] = replace(found[source], telling=certain)
    mark = decimal or _mark(found, counts)
    for source in styled:
        found[source] = _styled(found[source], counts[source], mark, forced=decimal is not None)
    if mark == ",":
        found |= {s: _regrouped(found[s], regrouped[s], forced=decimal is not None) for s in doubtful}
    return found


def parsed(source: str, numbers: Numbers) -> pl.Expr:
    """The column as float64 or int64; what is no finite number is missing."""
    style = numbers.style or POINT
    if numbers.clean and numbers.plain:
        value = pl.col(source).cast(pl.Int64 if numbers.whole else pl.Float64, strict=False)
    elif numbers.plain:
        value = _text(source).cast(pl.Int64 if numbers.whole else pl.Float64, strict=False)
    else:
        bare = _bare(source).str.replace_all(f"[{style.thousands}]", "")
        value = bare.str.replace(style.decimal, ".", literal=True).cast(pl.Float64, strict=False)
        if numbers.whole:
            value = value.cast(pl.Int64, strict=False)
    return value if numbers.whole or (numbers.clean and numbers.plain) else pl.when(value.is_finite()).then(value)


def readable(source: str) -> pl.Expr:
    """Whether each cell is a number in any style."""
    bare = _bare(source)
    return bare.str.contains(POINT.pattern) | bare.str.contains(COMMA.pattern)


def _text(source: str) -> pl.Expr:
    return pl.col(source).str.strip_chars()


def _bare(source: str) -> pl.Expr:
    return _text(source).str.replace_all(cells.SIGNS, "").str.strip_chars()


def _valid(source: str) -> pl.Expr:
    text = _text(source)
    return text.is_not_null() & ~text.str.contains(cells.AMONG_PATTERN)


def _cleanly(frame: pl.LazyFrame, sources: list[str]) -> dict[str, Numbers]:
    """The columns of which every cell is a finite number or empty: most columns, and quick to tell."""
    counts = frame.select(expression for s in sources for expression in _clean_counts(s)).collect(engine="streaming")
    values = counts.row(0)
    found = {s: _clean_numbers(*values[place * 5 : place * 5 + 5]) for place, s in enumerate(sources)}
    return {source: numbers for source, numbers in found.items() if numbers is not None}


def _clean_counts(source: str) -> tuple[pl.Expr, ...]:
    text = pl.col(source)
    value = text.cast(pl.Float64, strict=False)
    counts = {
        "cells": (text.str.len_bytes() > 0).sum(),
        "finite": value.is_finite().sum(),
        "whole": text.cast(pl.Int64, strict=False).count(),
        "zeros": text.str.contains(cells.LEADING_ZERO).any(),
        "largest": value.abs().max(),
    }
    return tuple(expression.alias(f"{source} {key}") for key, expression in counts.items())


def _clean_numbers(count: int, finite: int, whole: int, zeros: bool, largest: float | None) -> Numbers | None:
    integers = whole == count
    if not count or finite < count or zeros or (largest or 0) >= EXACT:
        return None
    return Numbers(style=POINT, whole=integers, telling=not integers, valid=count, clean=True)


def _plain(frame: pl.LazyFrame, sources: list[str]) -> dict[str, Numbers]:
    counts = frame.select(expression for s in sources for expression in _plain_counts(s)).collect(engine="streaming")
    row = counts.row(0, named=True)
    return {s: _plainly({key.removeprefix(s): n for key, n in row.items() if key.split()[0] == s}) for s in sources}


def _plain_counts(source: str) -> tuple[pl.Expr, ...]:
    text, valid = _text(source), _valid(source)
    value = text.cast(pl.Float64, strict=False)
    counts = {
        "valid": valid.sum(),
        "numbers": (value.is_not_null() & valid).sum(),
        "whole": (text.str.contains(r"^[+-]?\d+$") & valid).sum(),
        "zeros": text.str.contains(cells.LEADING_ZERO).sum(),
        "infinite": value.is_infinite().sum(),
        "largest": value.abs().fill_nan(None).max(),
    }
    return tuple(expression.alias(f"{source} {key}") for key, expression in counts.items())


def _plainly(counts: dict[str, Any]) -> Numbers:
    count = {key.strip(): value or 0 for key, value in counts.items()}
    valid, odd = count["valid"], count["valid"] - count["numbers"]
    found = Numbers(valid=valid, odd=odd)
    if count["zeros"]:
        return replace(found, why="some numbers begin with a zero, so it was kept as text.")
    if odd:
        return found
    whole = count["whole"] == valid
    if whole and count["largest"] >= EXACT:
        return replace(found, why="its numbers are too long to be stored exactly, so it was kept as text.")
    infinite = count["infinite"]
    why = f"{amount(infinite, 'infinite value')} read as missing." if infinite else ""
    return replace(found, style=POINT, whole=whole, telling=not whole, why=why)


def _counts(frame: pl.LazyFrame, source: str) -> dict[str, int]:
    """How many cells fit each style, and whether currency or percent signs are used alike."""
    bare, valid = _bare(source), _valid(source)
    digits = bare.str.contains(r"\d")
    point, comma = bare.str.contains(POINT.pattern) & digits, bare.str.contains(COMMA.pattern) & digits
    sign = _text(source).str.extract(f"({cells.SIGNS})")
    counts = frame.filter(valid).select(
        valid=pl.len(),
        point=point.sum(),
        comma=comma.sum(),
        neither=(~point & ~comma).sum(),
        whole_point=(~bare.str.contains(r"[.eE]")).sum(),
        whole_comma=(~bare.str.contains(r"[,eE]")).sum(),
        signs=sign.n_unique(),
        signed=sign.is_not_null().sum(),
        zeros=bare.str.contains(cells.LEADING_ZERO).sum(),
        longest=bare.str.replace_all(r"\D", "").str.len_bytes().max(),
    )
    return {key: int(value or 0) for key, value in counts.collect(engine="streaming").row(0, named=True).items()}


def _some_comma(counts: dict[str, dict[str, int]], decimal: str | None) -> bool:
    """Whether fractions could be written with a comma in this file."""
    return decimal == "," or (decimal is None and any(c["comma"] == c["valid"] > c["point"] for c in counts.values()))


def _mark(found: dict[str, Numbers], counts: dict[str, dict[str, int]]) -> str:
    """The decimal mark that more columns show beyond doubt."""
    comma = sum(c["comma"] == c["valid"] > c["point"] for c in counts.values())
    point = sum(c["point"] == c["valid"] > c["comma"] for c in counts.values())
    point += sum(numbers.telling for numbers in found.values())
    return "," if comma > point else "."


def _styled(numbers: Numbers, count: dict[str, int], mark: str, forced: bool) -> Numbers:
    valid = count["valid"]
    uneven = count["signs"] > 1 or 0 < count["signed"] < valid
    fits = {".": count["point"] == valid, ",": count["comma"] == valid}
    if uneven or not any(fits.values()) or count["zeros"] or (forced and not fits[mark]):
        odd = count["neither"] or valid - max(count["point"], count["comma"])
        why = "" if odd else "its numbers are not all written alike, so it was kept as text."
        return replace(numbers, style=None, odd=odd, why=why)
    chosen = mark if fits[mark] else {".": ",", ",": "."}[mark]
    style = COMMA if chosen == "," else POINT
    whole = count["whole_comma" if chosen == "," else "whole_point"] == valid and count["longest"] <= 15
    return replace(
        numbers,
        style=style,
        whole=whole,
        plain=False,
        odd=0,
        telling=not all(fits.values()),
        why=_style_words(style, whole, count["signed"] > 0),
    )


def _regrouped(numbers: Numbers, count: dict[str, int], forced: bool) -> Numbers:
    """A column such as 1.234 in a file whose fractions are written with a comma: thousands, not fractions."""
    if count["comma"] == count["valid"]:
        whole = count["whole_comma"] == count["valid"] and count["longest"] <= 15
        words = "points are read as thousands marks, as the file writes fractions with a comma."
        return replace(numbers, style=COMMA, whole=whole, plain=False, telling=False, why=words)
    if forced:
        return replace(numbers, style=None, why="its numbers are written with a decimal point; kept as text.")
    return numbers


def _style_words(style: Style, whole: bool, signed: bool) -> str:
    mark = "" if whole else " with a decimal " + ("comma" if style is COMMA else "point")
    signs = "; currency or percent signs were removed" if signed else ""
    return f"read as numbers{mark}, thousands marks removed{signs}."
