"""What a recipe means without looking at rows: its text, the columns after each step, and where a column comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd

from mlcore.data import formula, replay
from mlcore.data.expressions import columns_of, no_rows
from mlcore.data.recipe import Recipe, Step
from mlcore.data.repairs import REPAIRS
from mlcore.data.repairs.join import check_other
from mlcore.data.repairs.repair import names_of, pairs_of
from mlcore.data.schema import Column, Kind, Schema, Storage
from mlcore.errors import UserError

KINDS: Mapping[str, Kind] = {"float": "numeric", "integer": "integer", "text": "categorical", "datetime": "datetime"}


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What a learning step does to one column of the prepared table, fitted inside each fold.

    `do` is "fill" (`how` median, mean or most_frequent), "cap" (`share` on each side, 0 to 1; `missing`: beyond it
    becomes missing) or "merge" (levels with less than `share` of the rows become `other`).
    """

    do: str
    how: str = ""
    share: float = 0.0
    missing: bool = False
    other: str = ""


@dataclass(frozen=True, kw_only=True)
class Needed:
    """What must be done to raw rows to score them: the `steps` in order, and the raw `columns` they start from."""

    steps: tuple[Step, ...] = ()
    columns: tuple[str, ...] = ()


def recipe_text(recipe: Recipe, titles: Mapping[str, str] | None = None) -> str:
    """The recipe as numbered sentences, switched-off steps in brackets. `titles`: names of other datasets by id."""
    lines = []
    for number, step in enumerate(recipe.steps, 1):
        said = sentence(step, titles)
        lines.append(f"{number}. {said}" if step.on else f"{number}. (off) {said}")
    return "\n".join(lines)


def sentence(step: Step, titles: Mapping[str, str] | None = None) -> str:
    """What one step does; another dataset is called by its title where it is known."""
    said = REPAIRS[step.repair].sentence(step.params)
    title = (titles or {}).get(str(step.params.get("dataset", "")))
    return said.replace("another dataset", f"“{title}”") if title else said


def plain(step: Step) -> dict[str, Any]:
    """The step as the executor and recipe.json know it, every default filled in."""
    return {"id": step.id, "repair": step.repair, "params": REPAIRS[step.repair].filled(step.params)}


def datasets_of(recipe: Recipe) -> tuple[str, ...]:
    """The ids of the other datasets that the recipe uses."""
    found = [str(step.params["dataset"]) for step in recipe.active if step.params.get("dataset")]
    return tuple(dict.fromkeys(found))


def check_recipe(recipe: Recipe, schema: Schema, others: Mapping[str, Schema]) -> None:
    """Raise a `UserError` that names the first step which does not fit the table as the steps before it leave it."""
    for _ in schemas(recipe, schema, others):
        pass


def schemas(recipe: Recipe, schema: Schema, others: Mapping[str, Schema]) -> Iterator[tuple[Step, Schema]]:
    """Each active step with the columns that it finds. Kinds of new columns are a first guess from their storage.

    Raises a `UserError` at the first step that does not fit.
    """
    for step in recipe.active:
        yield step, schema
        schema = after(step, schema, others)


def last_schema(recipe: Recipe, schema: Schema, others: Mapping[str, Schema]) -> Schema:
    """The columns after the last step."""
    for step in recipe.active:
        schema = after(step, schema, others)
    return schema


def after(step: Step, schema: Schema, others: Mapping[str, Schema]) -> Schema:
    """The columns after one step: it is done to a table of this schema that has no rows."""
    entry = REPAIRS[step.repair]
    try:
        entry.check(step.params, schema)
        other = _other(step, others)
        if step.repair == "join" and other is not None:
            check_other(entry.filled(step.params), other)
        table = replay.done(no_rows(schema), plain(step), {step.id: lookup_of(step, other)} if other else {})
    except replay.ReplayError as error:
        raise UserError(str(error), where=f"step “{entry.title}”", remedy="Change or switch off this step.") from error
    before = {**{column.name: column for column in schema}, **_moved(step, schema), **_taken(step, other)}
    kinds: dict[str, Any] = dict.fromkeys(names_of(step.params.get("columns")), step.params.get("kind") or "numeric")
    chosen = kinds if step.repair == "change_kind" else {}
    return Schema(
        columns=tuple(
            _column(str(name), replay.storage_of_type(kind), before.get(str(name)), chosen.get(str(name)))
            for name, kind in table.dtypes.items()
        )
    )


def lookup_of(step: Step, other: Schema) -> replay.Lookup:
    """The lookup of a join without any row."""
    taken = no_rows(other)[list(names_of(step.params.get("take")))]
    keys = {f"key_{place}": pd.Series([], dtype="str") for place, _ in enumerate(pairs_of(step.params.get("keys")))}
    return replay.Lookup(pd.DataFrame({**keys, **{name: taken[name] for name in taken.columns}}))


def lineage(recipe: Recipe, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For each column of the prepared table the raw columns among `names` that it is made from."""
    sources: dict[str, tuple[str, ...]] = {name: (name,) for name in names}
    for step in recipe.active:
        change = REPAIRS[step.repair].changes(step.params, list(sources))
        made = {new: _union(sources.get(old, ()) for old in olds) for new, olds in change.made.items()}
        sources = {name: raw for name, raw in sources.items() if name not in change.gone} | made
    return sources


def chosen_by(recipe: Recipe, names: Sequence[str], target: str) -> tuple[Step, ...]:
    """The steps that leave out rows by a raw column that `target` is made from.

    A filter that only asks whether such a column is empty is none of them: rows without a target teach nothing anyway.
    """
    of_target = set(lineage(recipe, names).get(target, ()))
    found = []
    for place, step in enumerate(recipe.active):
        sources = lineage(Recipe(steps=recipe.active[:place]), names)
        if of_target & {raw for name in _chooses(step) for raw in sources.get(name, ())}:
            found.append(step)
    return tuple(found)


def _chooses(step: Step) -> tuple[str, ...]:
    """The columns by whose values the step leaves rows out."""
    if step.repair == "join" and step.params.get("unmatched") == "drop":
        return tuple(ours for ours, _ in pairs_of(step.params.get("keys")))
    if step.repair != "filter_rows":
        return ()
    try:
        return formula.looked_into(formula.parsed(str(step.params.get("expression", ""))))
    except formula.FormulaError:
        return ()


def same_columns(recipe: Recipe, names: Sequence[str]) -> dict[str, str]:
    """The columns of the prepared table that are a raw column still: repaired or renamed, not made from others."""
    found = {name: name for name in names}
    for step in recipe.active:
        change = REPAIRS[step.repair].changes(step.params, list(found))
        moved = {new: found[old] for old, new in _renamed(step) if old in found}
        made_anew = {new for new, olds in change.made.items() if olds != (new,) and step.repair != "rename"}
        found = {name: raw for name, raw in found.items() if name not in change.gone and name not in made_anew} | moved
    return found


def lessons(recipe: Recipe, names: Sequence[str]) -> dict[str, tuple[Lesson, ...]]:
    """For each column of the prepared table what the learning steps do to it, in their order."""
    found: dict[str, tuple[Lesson, ...]] = dict.fromkeys(names, ())
    for step in recipe.active:
        entry = REPAIRS[step.repair]
        change = entry.changes(step.params, list(found))
        moved = {new: found[old] for old, new in _renamed(step) if old in found}
        new = dict.fromkeys((name for name in change.made if name not in found and name not in moved), ())
        found = {name: told for name, told in found.items() if name not in change.gone} | moved | new
        if entry.learns(step.params):
            lesson = _lesson(entry.key, entry.filled(step.params))
            found |= {name: (*found[name], lesson) for name in names_of(step.params["columns"]) if name in found}
    return {name: told for name, told in found.items() if told}


def needed(recipe: Recipe, features: Sequence[str], names: Sequence[str]) -> Needed:
    """The steps and raw columns (among `names`) that the features of the prepared table need.

    A filter is there when the columns it looks at are: rows to score that it would leave out are flagged.
    """
    places = [list(names)]
    for step in recipe.active:
        change = REPAIRS[step.repair].changes(step.params, places[-1])
        kept = [name for name in places[-1] if name not in change.gone]
        places.append([*kept, *(name for name in change.made if name not in kept)])
    wanted, steps = set(features), list[Step]()
    for step, before in zip(reversed(recipe.active), reversed(places[:-1]), strict=True):
        entry = REPAIRS[step.repair]
        change = entry.changes(step.params, before)
        made = wanted & set(change.made)
        if made and not entry.learns(step.params):
            steps.append(step)
            wanted = (wanted - made) | {old for new in made for old in change.made[new]}
        elif step.repair == "drop" or (step.repair == "filter_rows" and _reads(step, before) <= wanted):
            steps.append(step)
    return Needed(steps=tuple(reversed(steps)), columns=tuple(name for name in names if name in wanted))


def _reads(step: Step, names: Sequence[str]) -> set[str]:
    return set(columns_of(str(step.params.get("expression", "")), names))


def _renamed(step: Step) -> tuple[tuple[Any, Any], ...]:
    return pairs_of(step.params.get("pairs")) if step.repair == "rename" else ()


def _moved(step: Step, schema: Schema) -> dict[str, Column]:
    return {new: replace(schema[old], name=new) for old, new in _renamed(step) if old in schema}


def _other(step: Step, others: Mapping[str, Schema]) -> Schema | None:
    if "dataset" not in step.params:
        return None
    found = others.get(str(step.params["dataset"]))
    if found is None:
        raise UserError(
            "The other dataset is not there (any more)",
            where=f"step “{REPAIRS[step.repair].title}”",
            remedy="Choose another one, or switch off this step.",
        )
    return found


def _taken(step: Step, other: Schema | None) -> dict[str, Column]:
    if other is None or step.repair != "join":
        return {}
    prefix = str(step.params.get("prefix") or "")
    return {f"{prefix}{name}": replace(other[name], name=f"{prefix}{name}") for name in names_of(step.params["take"])}


def _column(name: str, stored: str, before: Column | None, chosen: Kind | None) -> Column:
    storage = cast("Storage", stored)
    if before is None or before.storage != storage:
        before = Column(name=name, kind=KINDS[storage], storage=storage)
    return before if chosen is None else replace(before, kind=chosen, reason="set in the recipe", confidence=1.0)


def _lesson(key: str, params: Mapping[str, Any]) -> Lesson:
    if key == "fill":
        return Lesson(do="fill", how=params["how"])
    share = float(params["share"]) / 100
    if key == "cap":
        return Lesson(do="cap", share=share, missing=params["outside"] == "missing")
    return Lesson(do="merge", share=share, other=str(params["other"]))


def _union(parts: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part))
