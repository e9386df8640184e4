"""What is different between two versions of a table, as findings."""

from __future__ import annotations

from mlcore.data.amounts import amount
from mlcore.data.dataset import Dataset
from mlcore.findings import Finding, Level

_SHOWN = 8
_SHRUNK = 0.8
"""A new version with less than this share of the rows deserves a look."""


def changes(old: Dataset, new: Dataset) -> tuple[Finding, ...]:
    """Columns added, removed, or of another kind, and the number of rows; one note when nothing is different.

    The schemas are compared as the columns were understood by themselves: give both without what a person chose.
    """
    if old.fingerprint == new.fingerprint:
        return (_unchanged(old),)
    added = tuple(name for name in new.schema.names if name not in old.schema)
    removed = tuple(name for name in old.schema.names if name not in new.schema)
    found = [_removed(removed)] if removed else []
    if other := _other_kinds(old, new):
        found.append(_other(other))
    if added:
        found.append(_added(added))
    return (*found, _rows(old.rows, new.rows))


def _other_kinds(old: Dataset, new: Dataset) -> dict[str, tuple[str, str]]:
    both = [name for name in new.schema.names if name in old.schema]
    pairs = {name: (old.schema[name].kind, new.schema[name].kind) for name in both}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _removed(names: tuple[str, ...]) -> Finding:
    return Finding(
        code="columns_removed",
        level="watch",
        title="Columns are gone",
        what=f"{amount(len(names), 'column')} {_are(names)} not there any more: {_listed(names)}.",
        why="A model that was trained on the version before needs them, and so may the goal and the recipe.",
        remedy="Ask whoever makes the table whether that is meant.",
        columns=names,
    )


def _added(names: tuple[str, ...]) -> Finding:
    return Finding(
        code="columns_added",
        level="note",
        title="Columns are new",
        what=f"{amount(len(names), 'column')} {_are(names)} new: {_listed(names)}.",
        why="A model that was trained on the version before does not look at them.",
        remedy="Train again if they may help; leave them out of the goal if they are not known at prediction time.",
        columns=names,
    )


def _other(kinds: dict[str, tuple[str, str]]) -> Finding:
    shown = [f"{name!r} was {one}, is {two}" for name, (one, two) in list(kinds.items())[:_SHOWN]]
    more = f" and {len(kinds) - _SHOWN:,} more" if len(kinds) > _SHOWN else ""
    return Finding(
        code="kind_changed",
        level="watch",
        title="Columns look different",
        what=f"{'; '.join(shown)}{more}.",
        why="Their values changed so much that another kind fits better, often because of a fault in the new table.",
        remedy="Look at these columns; set the kind by hand where the guess is wrong.",
        columns=tuple(kinds),
    )


def _rows(before: int, now: int) -> Finding:
    level: Level = "watch" if now < _SHRUNK * before else "note"
    more = now - before
    what = f"{amount(now, 'row')}, as many as before." if not more else f"{amount(now, 'row')}, {before:,} before."
    return Finding(
        code="rows_changed",
        level=level,
        title="The number of rows",
        what=what,
        why="A table that lost many rows may be incomplete; one that grew has more to learn from.",
        remedy="Nothing to do if that is expected." if level == "note" else "Check that the table is complete.",
    )


def _unchanged(old: Dataset) -> Finding:
    return Finding(
        code="unchanged",
        level="note",
        title="Nothing changed",
        what=f"The table is exactly the version before: {amount(old.rows, 'row')}, every value the same.",
        why="Training again on it would give nothing new.",
        remedy="Nothing to do; this version can be removed.",
    )


def _are(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more
