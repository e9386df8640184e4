"""Columns in which most cells are numbers or dates and some are words, and words that are written in several ways."""

from __future__ import annotations

import polars as pl

from mlcore.data.amounts import amount
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.checks.disguised_missing import WORDS
from mlcore.data.look import Look
from mlcore.data.schema import Column
from mlcore.findings import Finding

_MOST = 0.8
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_CODE = r"^[+-]?0\d"
_DATE = r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}.*)?$"
_LONGEST_NUMBER = 15


def _mixed(look: Look) -> tuple[Finding, ...]:
    text = [column for column in look.features if column.storage == "text" and column.kind in ("categorical", "text")]
    return tuple(found for column in text if (found := _mixture(look, column)) is not None)


def _mixture(look: Look, column: Column) -> Finding | None:
    cells = look.sample[column.name].drop_nulls().str.strip_chars()
    if len(cells) < 20:
        return None
    for pattern, what, step in ((_NUMBER, "numbers", "change_kind"), (_DATE, "dates", "parse_date")):
        fitting = cells.str.contains(pattern)
        if _MOST <= float(fitting.mean() or 0) < 1 and not (what == "numbers" and _are_codes(cells.filter(fitting))):  # type: ignore[arg-type]
            return _told(look, column, cells.filter(~fitting), what, step)
    return None


def _are_codes(cells: pl.Series) -> bool:
    return bool(cells.str.contains(_CODE).any()) or bool((cells.str.len_chars() > _LONGEST_NUMBER).any())


def _told(look: Look, column: Column, strange: pl.Series, what: str, step: str) -> Finding:
    common = strange.rename("value").value_counts(sort=True)["value"].head(3).to_list()
    shown = ", ".join(f"'{value[:40]}'" for value in common)
    fix = (
        fixes.repair("Take it as numbers; the rest becomes missing", step, columns=[column.name], kind="numeric")
        if step == "change_kind"
        else fixes.repair("Read it as dates; the rest becomes missing", step, columns=[column.name], form="year_first")
    )
    return Finding(
        code="mixed_types",
        level="watch",
        title=f"'{column.name}' mixes {what} with other words",
        what=f"Nearly all cells are {what}, but {amount(len(strange), 'cell')} "
        f"{'is' if len(strange) == 1 else 'are'} not, such as {shown}, {look.basis}.",
        why=f"As long as one cell is a word, the {what} count as words too, and their order is lost.",
        remedy="Correct these cells, or make them missing.",
        columns=(column.name,),
        fixes=(fix,),
    )


def _spelled(look: Look) -> tuple[Finding, ...]:
    columns = [c for c in look.schema if c.kind in ("categorical", "boolean", "ordinal") and c.storage == "text"]
    return tuple(
        _variants(column, same)
        for column in columns
        if column.role != "excluded" and (same := _other_spellings(column.categories))
    )


def _other_spellings(categories: tuple[str, ...]) -> dict[str, str]:
    """Values that differ from a more frequent one in capitals and spaces alone, with that one."""
    first: dict[str, str] = {}
    found: dict[str, str] = {}
    for value in categories:
        plain = " ".join(value.split()).casefold()
        if plain in WORDS or len(plain) < 2:
            continue
        if plain in first:
            found[value] = first[plain]
        else:
            first[plain] = value
    return found


def _variants(column: Column, same: dict[str, str]) -> Finding:
    shown = ", ".join(f"'{old}' and '{new}'" for old, new in list(same.items())[:3])
    return Finding(
        code="spelling",
        level="watch",
        title=f"'{column.name}' writes the same value in several ways",
        what=f"{amount(len(same), 'value')} of {column.distinct:,} {'differs' if len(same) == 1 else 'differ'} from "
        f"another in capitals or spaces alone: {shown}{' and more' if len(same) > 3 else ''}.",
        why="A model takes them for different values, each with fewer rows.",
        remedy="Write them in one way, the most frequent.",
        columns=(column.name,),
        fixes=(fixes.respell(column.name, same, "Write them in one way"),),
    )


MIXED_TYPES = Check(
    key="mixed_types",
    title="Numbers or dates mixed with words",
    question="Does any column hold numbers or dates in most cells and words in the others?",
    area="readable",
    findings=_mixed,
)

SPELLING = Check(
    key="spelling",
    title="Values written in several ways",
    question="Do values of any column differ in capitals or spaces alone?",
    area="consistent",
    findings=_spelled,
)
