"""Do a recipe to a stored table, a part at a time, and say what each step did; the raw table stays as it is.

Beside the prepared table lie `account.json` (what each step did), `rows.parquet` (where each row is in the raw table,
-1 for appended ones; absent when every row is there in its place) and `lookups/` (what each join takes, by key).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mlcore import files, records
from mlcore.data import flow, outline, replay
from mlcore.data.dataset import Dataset
from mlcore.data.expressions import no_rows
from mlcore.data.flow import Account, Part
from mlcore.data.guard import guarded
from mlcore.data.kinds import chosen_kind, guess_schema
from mlcore.data.recipe import Recipe, Step
from mlcore.data.repairs.repair import names_of, pairs_of
from mlcore.data.schema import Column, Kind, Schema
from mlcore.errors import TableError

SHOWN = 200
"""Rows before and after that a preview shows."""

LOOKED_AT = 100_000
"""Rows that a preview reads, from the beginning of the table."""

LARGEST_LOOKUP = 5_000_000
_CELLS = 2_000_000
_TYPES = {"float": pa.float64(), "integer": pa.int64(), "text": pa.large_string(), "datetime": pa.timestamp("us")}
_KEPT = ("label", "unit", "meaning", "expected_low", "expected_high", "known")


@dataclass(frozen=True, kw_only=True, eq=False)
class Preview:
    """The first rows `before` and `after` the last step, and what every step did to the rows that were looked at.

    `gone` marks rows of `before` that the last step leaves out. `exact`: all rows were looked at.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    gone: tuple[bool, ...]
    accounts: tuple[Account, ...]
    looked_at: int
    exact: bool


def prepared(raw: Dataset, recipe: Recipe, out: Path, others: Mapping[str, Dataset]) -> Dataset:
    """The card of the table that the recipe makes of `raw`, stored at `out` (see above for what lies beside it).

    `others` are the datasets that steps join or append, by id. Raises a `UserError` for a step that does not fit, and
    when no row or column is left: then nothing is kept at `out`.
    """
    plan = _plan(raw, recipe, others)
    with guarded(out, "Preparing the table"), files.whole(out) as unfinished:
        work = flow.Flow(plan.steps, _lookups(recipe, others, out.parent / "lookups"), plan.appended, out.parent)
        rows = _write(unfinished, work.run(plan.source), plan.last)
    if not len(rows):
        out.unlink()
        raise TableError("No row is left after the recipe", where=_emptied(work.accounts), remedy="Change this step.")
    if len(rows) != raw.rows or not np.array_equal(rows, np.arange(raw.rows)):
        with files.whole(out.with_name("rows.parquet")) as unfinished:
            pq.write_table(pa.table({"row": rows}), unfinished, compression="zstd")
    records.write(out.with_name("account.json"), work.accounts)
    return Dataset(
        name=raw.name,
        path=str(out),
        fingerprint=files.sha256(out),
        rows=len(rows),
        schema=_schema(raw, recipe, out, others, plan.last),
        reading=raw.reading,
        source=raw.source,
        recipe=recipe,
        inputs=raw.schema,
    )


def previewed(raw: Dataset, recipe: Recipe, others: Mapping[str, Dataset], folder: Path) -> Preview:
    """What the last active step does, seen on the first rows of the table; `folder` is for what does not fit memory."""
    plan = _plan(raw, recipe, others)
    last = plan.steps[-1].id if plan.steps else ""
    work = flow.Flow(plan.steps, _lookups(recipe, others, folder / "lookups"), plan.appended, folder, watched=last)
    shown: list[pd.DataFrame] = []
    seen = 0
    for frame, _ in work.run(_up_to(plan.source, LOOKED_AT)):
        if seen < SHOWN:
            shown.append(frame.head(SHOWN - seen))
            seen += len(shown[-1])
    after = pd.concat(shown, ignore_index=True) if shown else no_rows(plan.last)
    before = no_rows(plan.last) if work.before is None else work.before.head(SHOWN)
    return Preview(
        before=before if plan.steps else after,
        after=after,
        gone=tuple(bool(gone) for gone in work.gone[:SHOWN]) if plan.steps else (False,) * len(after),
        accounts=work.accounts,
        looked_at=min(raw.rows, LOOKED_AT),
        exact=raw.rows <= LOOKED_AT,
    )


def accounts(path: Path) -> tuple[Account, ...]:
    """What each step did to the prepared table at `path`."""
    import json

    told = path.with_name("account.json")
    found = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else []
    return tuple(records.from_json(Account, item) for item in found)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    steps: tuple[Step, ...]
    source: Iterator[Part]
    appended: Mapping[str, Iterator[pd.DataFrame]]
    last: Schema


def _plan(raw: Dataset, recipe: Recipe, others: Mapping[str, Dataset]) -> _Plan:
    known = {key: other.schema for key, other in others.items()}
    found = {step.id: schema for step, schema in outline.schemas(recipe, raw.schema, known)}
    appended = {
        step.id: _alike(others[str(step.params["dataset"])], found[step.id])
        for step in recipe.active
        if step.repair == "append"
    }
    last = outline.last_schema(recipe, raw.schema, known)
    return _Plan(steps=recipe.active, source=_parts(raw), appended=appended, last=last)


def _parts(table: Dataset, columns: Sequence[str] | None = None) -> Iterator[Part]:
    names = list(columns or table.schema.names)
    storages = {column.name: column.storage for column in table.schema}
    start = 0
    with pq.ParquetFile(table.path) as stored:
        for batch in stored.iter_batches(batch_size=max(1_000, _CELLS // max(1, len(names))), columns=names):
            frame = replay.typed(batch.to_pandas()[names], storages)
            yield frame, np.arange(start, start + len(frame))
            start += len(frame)


def _up_to(parts: Iterator[Part], rows: int) -> Iterator[Part]:
    for frame, places in parts:
        if rows <= 0:
            return
        yield frame.head(rows), places[:rows]
        rows -= len(frame)


def _alike(other: Dataset, schema: Schema) -> Iterator[pd.DataFrame]:
    """The rows of another dataset under the columns of this one."""
    shared = [name for name in schema.names if name in other.schema]
    if not shared:
        raise TableError("The two datasets have no column in common", where="Append", remedy="Rename columns first.")
    empty = no_rows(schema)
    for frame, _ in _parts(other, shared):
        columns = {
            column.name: replay.cast(frame[column.name], column.storage)
            if column.name in shared
            else pd.Series([None] * len(frame), dtype=empty[column.name].dtype)
            for column in schema
        }
        yield pd.DataFrame(columns)


def _lookups(recipe: Recipe, others: Mapping[str, Dataset], folder: Path) -> dict[str, flow.Taken]:
    """What each join takes from its dataset, stored beside the prepared table: it travels with the model."""
    found = {}
    for step in recipe.active:
        if step.repair == "join":
            found[step.id] = taken = _taken(step, others[str(step.params["dataset"])])
            with files.whole(folder / f"{step.id}.parquet") as unfinished:
                taken.frame.to_parquet(unfinished, compression="zstd", index=False)
    return found


def _taken(step: Step, other: Dataset) -> flow.Taken:
    theirs, take = [str(their) for _, their in pairs_of(step.params["keys"])], list(names_of(step.params["take"]))
    pieces: list[pd.DataFrame] = []
    seen: Any = pd.Index([], dtype=object)
    repeated = 0
    for frame, _ in _parts(other, [*theirs, *take]):
        keys = {f"key_{place}": replay.as_text(frame[name]) for place, name in enumerate(theirs)}
        words = pd.Series(replay.joined_keys(list(keys.values())))
        known = words.duplicated() | words.isin(seen)
        repeated += int((known & (words != "")).sum())
        new = (~known & (words != "")).to_numpy()
        seen = seen.append(pd.Index(words[new]))
        pieces.append(pd.DataFrame({**keys, **{name: frame[name] for name in take}})[new])
        if len(seen) > LARGEST_LOOKUP:
            raise TableError(
                f"The other dataset has more than {LARGEST_LOOKUP:,} different keys",
                where="Join",
                remedy="Join a smaller one: its columns travel with the model.",
            )
    return flow.Taken(frame=pd.concat(pieces, ignore_index=True), repeated=repeated)


def _write(path: Path, parts: Iterator[Part], schema: Schema) -> Any:
    """Write the parts as they come; where each row is in the raw table."""
    kinds = pa.schema([(column.name, _TYPES[column.storage]) for column in schema])
    places: list[Any] = [np.empty(0, dtype=np.int64)]
    with pq.ParquetWriter(path, kinds, compression="zstd") as writer:
        for frame, rows in parts:
            if len(frame):
                writer.write_table(
                    pa.Table.from_pandas(frame, schema=kinds, preserve_index=False).replace_schema_metadata()
                )
                places.append(rows)
    return np.concatenate(places)


def _emptied(told: Sequence[Account]) -> str:
    first = next((account for account in told if account.before and not account.after), None)
    return f"step {first.step}" if first is not None else "recipe"


def _schema(raw: Dataset, recipe: Recipe, out: Path, others: Mapping[str, Dataset], last: Schema) -> Schema:
    """The columns as they are now; what people said about a column stays with it through repairs and new names."""
    guessed = guess_schema(out)
    before: dict[str, Column] = {
        new: raw.schema[old] for new, old in outline.same_columns(recipe, raw.schema.names).items()
    }
    before |= _joined(recipe, others)
    for column in guessed:
        known, chosen = before.get(column.name), _chosen(last[column.name], before.get(column.name))
        if chosen is not None:
            guessed = chosen_kind(guessed, column.name, chosen, out)
            guessed = guessed.with_column(
                replace(guessed[column.name], reason=last[column.name].reason or "chosen by you")
            )
        if known is not None:
            told: dict[str, Any] = {name: getattr(known, name) for name in _KEPT}
            same = known.storage == column.storage
            guessed = guessed.with_column(
                replace(guessed[column.name], **told, day_first=known.day_first if same else None)
            )
    return guessed


def _chosen(column: Column, known: Column | None) -> Kind | None:
    """The kind that the recipe or a person said the column has."""
    if column.reason == "set in the recipe":
        return column.kind
    said = known is not None and known.reason == "chosen by you" and known.storage == column.storage
    return cast("Column", known).kind if said else None


def _joined(recipe: Recipe, others: Mapping[str, Dataset]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for step in recipe.active:
        if step.repair == "join":
            schema, prefix = others[str(step.params["dataset"])].schema, str(step.params.get("prefix") or "")
            found |= {f"{prefix}{name}": schema[name] for name in names_of(step.params["take"])}
    return found
