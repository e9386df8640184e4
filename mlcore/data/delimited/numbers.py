"""Which text columns are numbers, in which style; and the expression that reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.delimited import cells
from mlcore.data.delimited.cells import COMMA, POINT, Marks, Style

EXACT = 2**53
"""From here on float64 skips whole numbers."""

_TOO_LONG = "its numbers are too long to be stored exactly, so it was kept as text."


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a column of numbers looks like. `style` None: not all cells are numbers, `odd` of `valid` are not.

    `telling` says that its cells show the decimal mark beyond doubt. `why` is half a sentence for a person.
    `plain` columns are read without looking for thousands marks and signs; in `clean` ones every cell is a finite
    number or empty, without spaces. `rewritten` says that negative numbers are written otherwise than -5, and `signed`
    that currency or per cent signs stand beside the numbers. `thousands` is the mark between groups of digits, if any.
    """

    style: Style | None = None
    whole: bool = False
    plain: bool = True
    clean: bool = False
    telling: bool = False
    rewritten: bool = False
    signed: bool = False
    thousands: str = ""
    valid: int = 0
    odd: int = 0
    why: str = ""


def decide(
    frame: pl.LazyFrame,
    sources: list[str],
    decimal: str | None,
    batch: int,
    *,
    thousands: str | None = None,
    usual: str = ".",
) -> dict[str, Numbers]:
    """For each of these text columns whether it holds numbers, by all its cells.

    `decimal` and `thousands` are the marks a person chose; None finds them. `usual` is the decimal mark of columns such
    as 1,234 that fit both, when no other column of the file tells.
    """
    marks = Marks(decimal=decimal, thousands=thousands, usual=usual)
    found: dict[str, Numbers] = {}
    for start in range(0, len(sources), batch):
        found |= _cleanly(frame, sources[start : start + batch])
    others = [source for source in sources if source not in found]
    for start in range(0, len(others), batch):
        found |= _plain(frame, others[start : start + batch])
    styled = [s for s, numbers in found.items() if numbers.odd and not numbers.why]
    counts = {s: _counts(frame, s, marks) for s in styled}
    fractions = [s for s, n in found.items() if n.style == POINT and n.telling]
    doubtful = fractions if _some_comma(counts, marks) else []
    regrouped = {s: _counts(frame, s, marks) for s in doubtful}
    for source in doubtful:
        found[source] = replace(found[source], telling=regrouped[source]["comma"] < regrouped[source]["valid"])
    mark = _mark(found, counts, marks)
    found |= {s: _styled(found[s], counts[s], mark, marks) for s in styled}
    return found | {s: _regrouped(found[s], regrouped[s], mark, marks) for s in doubtful}


def parsed(source: str, numbers: Numbers) -> pl.Expr:
    """The column as float64 or int64; what is no finite number is missing."""
    style = numbers.style or POINT
    if numbers.clean and numbers.plain:
        value = pl.col(source).cast(pl.Int64 if numbers.whole else pl.Float64, strict=False)
    elif numbers.plain:
        value = _text(source).cast(pl.Int64 if numbers.whole else pl.Float64, strict=False)
    else:
        bare = _bare(source, numbers.rewritten, numbers.signed)
        if style.thousands:
            bare = bare.str.replace_all(f"[{style.thousands}]", "")
        value = bare.str.replace(style.decimal, ".", literal=True).cast(pl.Float64, strict=False)
        if numbers.whole:
            value = value.cast(pl.Int64, strict=False)
    return value if numbers.whole or (numbers.clean and numbers.plain) else pl.when(value.is_finite()).then(value)


def readable(source: str) -> pl.Expr:
    """Whether each cell is a number in any style."""
    bare = _bare(source, rewritten=True, signed=True)
    return bare.str.contains(POINT.pattern) | bare.str.contains(COMMA.pattern)


def _text(source: str) -> pl.Expr:
    return pl.col(source).str.strip_chars()


def _bare(source: str, rewritten: bool, signed: bool) -> pl.Expr:
    """The cells as plain programs write numbers, but for the marks; a minus as long as it is part of no number."""
    text = _text(source)
    for pattern, plain in (*(cells.REWRITTEN if rewritten else ()), *(cells.UNSIGNED if signed else ())):
        text = text.str.replace(pattern, plain)
    return text


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
        "whole": (text.str.contains(r"^[+-]?[0-9]+$") & valid).sum(),
        "zeros": text.str.contains(cells.LEADING_ZERO).sum(),
        "infinite": value.is_infinite().sum(),
        "long": (text.str.contains(r"^[+-]?[0-9]{16,}$") & (value.abs() >= EXACT)).sum(),
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
    if count["long"]:
        return replace(found, why=_TOO_LONG)
    whole, infinite = count["whole"] == valid, count["infinite"]
    why = f"{amount(infinite, 'infinite value')} read as missing." if infinite else ""
    return replace(found, style=POINT, whole=whole, telling=not whole, why=why)


def _counts(frame: pl.LazyFrame, source: str, marks: Marks) -> dict[str, int]:
    """How many cells fit each style, and how signs and negative numbers are written."""
    text, valid = _text(source), _valid(source)
    seen = frame.filter(valid).select(
        valid=pl.len(),
        boxed=text.str.contains(r"^\(.*\)$").sum(),
        rewritten=text.str.contains(r"^[(−]|[−-]$").sum(),
        signs=text.str.extract(f"({cells.SIGNS})").n_unique(),
        signed=text.str.contains(cells.SIGNS).sum(),
    )
    first = {key: int(n or 0) for key, n in seen.collect(engine="streaming").row(0, named=True).items()}
    bare = _bare(source, first["rewritten"] > 0, first["signed"] > 0)
    point, comma = _fits(bare, marks.point), _fits(bare, marks.comma)
    then = frame.filter(valid).select(
        point=point.sum(),
        comma=comma.sum(),
        neither=(~point & ~comma).sum(),
        whole_point=(~bare.str.contains(r"[.eE]")).sum(),
        whole_comma=(~bare.str.contains(r"[,eE]")).sum(),
        zeros=bare.str.contains(cells.LEADING_ZERO).sum(),
        long_point=_digits(bare, ".").max(),
        long_comma=_digits(bare, ",").max(),
        **{f"mark {kind[0]}": bare.str.contains(f"[{kind}]").sum() for kind in cells.MARKS},
    )
    return first | {key: int(n or 0) for key, n in then.collect(engine="streaming").row(0, named=True).items()}


def _fits(bare: pl.Expr, style: Style | None) -> pl.Expr:
    return bare.str.contains(style.pattern) if style is not None else bare.is_null()


def _digits(bare: pl.Expr, decimal: str) -> pl.Expr:
    """How many digits a cell without a fraction has."""
    return bare.str.extract(f"^([^{decimal}eE]*)$").str.replace_all("[^0-9]", "").str.len_bytes()


def _some_comma(counts: dict[str, dict[str, int]], marks: Marks) -> bool:
    """Whether fractions could be written with a comma in this file."""
    if marks.comma is None:
        return False
    open_to_it = marks.decimal == "," or marks.thousands == "." or marks.usual == ","
    return open_to_it or any(c["comma"] == c["valid"] > c["point"] for c in counts.values())


def _mark(found: dict[str, Numbers], counts: dict[str, dict[str, int]], marks: Marks) -> str:
    """The decimal mark that a person chose or more columns show beyond doubt; "" when nothing tells."""
    if marks.decimal or marks.point is None or marks.comma is None:
        return marks.decimal or ("," if marks.point is None else ".")
    comma = sum(c["comma"] == c["valid"] > c["point"] for c in counts.values())
    point = sum(c["point"] == c["valid"] > c["comma"] for c in counts.values())
    point += sum(numbers.telling for numbers in found.values())
    return "," if comma > point else "." if point else "," if marks.thousands == "." else ""


def _styled(numbers: Numbers, count: dict[str, int], mark: str, marks: Marks) -> Numbers:
    valid = count["valid"]
    uneven = count["signs"] > 1 or 0 < count["signed"] < valid
    fits = {".": count["point"] == valid, ",": count["comma"] == valid}
    if uneven or not any(fits.values()) or count["zeros"] or count["boxed"] == valid:
        odd = count["neither"] or valid - max(count["point"], count["comma"])
        why = "" if odd else "its numbers are not all written alike, so it was kept as text."
        return replace(numbers, style=None, odd=odd, why=why)
    doubtful = not mark and all(fits.values()) and count["mark ,"] + count["mark ."] > 0
    wanted = mark or marks.usual
    chosen = wanted if fits[wanted] else {".": ",", ",": "."}[wanted]
    style, name = (marks.comma, "comma") if chosen == "," else (marks.point, "point")
    if count[f"long_{name}"] > 15:
        return replace(numbers, style=None, why=_TOO_LONG)
    read = replace(
        numbers,
        style=style,
        whole=count[f"whole_{name}"] == valid,
        plain=False,
        odd=0,
        telling=not all(fits.values()),
        rewritten=count["rewritten"] > 0,
        signed=count["signed"] > 0,
        thousands=_grouping(style or POINT, count),
    )
    return replace(read, why=_style_words(read, doubtful))


def _grouping(style: Style, count: dict[str, int]) -> str:
    return next((kind[0] for kind in cells.MARKS if kind[0] in style.thousands and count[f"mark {kind[0]}"]), "")


def _regrouped(numbers: Numbers, count: dict[str, int], mark: str, marks: Marks) -> Numbers:
    """A column such as 1.234 in a file whose fractions are, or may be, written with a comma: thousands or fractions."""
    if count["comma"] == count["valid"] and marks.comma is not None:
        if not mark and marks.thousands is None:
            words = "read with a decimal point; thousands marks would fit as well, say so if they are meant."
            return replace(numbers, why=words)
        if mark != ",":
            return numbers
        words = "points are read as thousands marks, as the file writes fractions with a comma."
        whole = count["whole_comma"] == count["valid"]
        return replace(numbers, style=marks.comma, whole=whole, plain=False, telling=False, thousands=".", why=words)
    if marks.point is None:
        return replace(numbers, style=None, why="its numbers are written with a decimal point; kept as text.")
    return numbers


def _style_words(read: Numbers, doubtful: bool) -> str:
    comma = read.style is not None and read.style.decimal == ","
    mark = "" if read.whole else " with a decimal " + ("comma" if comma else "point")
    parts = [f"read as numbers{mark}"]
    if read.thousands:
        parts.append("thousands marks removed")
    if read.signed:
        parts.append("currency or per cent signs removed")
    if read.rewritten:
        parts.append("parentheses or a minus of another kind read as a minus")
    other = "thousands marks" if comma else "a decimal comma"
    doubt = f"; {other} would fit as well, say so if that is meant" if doubtful else ""
    return ", ".join(parts) + doubt + "."
