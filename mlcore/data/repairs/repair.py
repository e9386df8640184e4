"""What an entry of the repairs catalogue is: what it asks, whether the answers fit, and what it does to the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from mlcore.data.schema import Schema, Storage
from mlcore.errors import ColumnError, UserError

AskKind = Literal["column", "columns", "choice", "number", "text", "switch", "expression", "dataset", "pairs"]

Params = Mapping[str, Any]

LONGEST_TEXT = 2_000
MOST_PAIRS = 1_000
LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One setting of a repair: enough to draw a field of a form and to check its value.

    `kind` says what the value is: `column` one name; `columns` a list of names; `choice` a key of `choices` (key and
    title); `number`; `text` (with `lines` one answer a line); `switch`; `expression` a formula; `dataset` an id;
    `pairs` a list of [old, new]. `storages` are those of the columns that fit (none: all). `of` "dataset": the columns
    are those of the other dataset. A field that is not `needed` may be left out, empty or None. `when` names another
    setting and the values of it for which this one means something; otherwise it is neither shown nor checked.
    """

    key: str
    title: str
    kind: AskKind
    help: str = ""
    default: Any = None
    choices: tuple[tuple[str, str], ...] = ()
    storages: tuple[Storage, ...] = ()
    needed: bool = True
    lines: bool = False
    of: Literal["table", "dataset"] = "table"
    low: float | None = None
    high: float | None = None
    when: tuple[str, tuple[Any, ...]] | None = None

    def asked(self, params: Params) -> bool:
        """Whether the other answers make this setting mean something."""
        return self.when is None or params.get(self.when[0]) in self.when[1]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a step does to the columns: `made` (new or changed) with the columns each is made from, and `gone`.

    A column of neither passes on as it is.
    """

    made: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


def _never(_: Params) -> bool:
    return False


def _nothing(_: Params, __: Schema) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Repair:
    """An entry of the catalogue. `rows`: it may change which rows there are.

    `say`, `change`, `learn` and `fit` get settings with every default filled in.
    """

    key: str
    title: str
    help: str
    icon: str
    asks: tuple[Ask, ...]
    say: Callable[[Params], str]
    change: Callable[[Params, Sequence[str]], Change]
    rows: bool = False
    learn: Callable[[Params], bool] = _never
    fit: Callable[[Params, Schema], None] = _nothing

    def filled(self, params: Params) -> dict[str, Any]:
        """The settings with the defaults of those that were left out."""
        return {ask.key: params[ask.key] if params.get(ask.key) is not None else ask.default for ask in self.asks}

    def sentence(self, params: Params) -> str:
        """What the step does, as one sentence."""
        return self.say(self.filled(params))

    def learns(self, params: Params) -> bool:
        """Whether it is fitted on data, and so inside each fold only."""
        return self.learn(self.filled(params))

    def changes(self, params: Params, names: Sequence[str]) -> Change:
        """What it does to a table with these columns."""
        return self.change(self.filled(params), names)

    def check(self, params: Params, schema: Schema) -> None:
        """Raise a `UserError` when the settings do not fit a table of this schema."""
        strange = sorted(set(params) - {ask.key for ask in self.asks})
        if strange:
            raise UserError(f"{self.title} has no setting {strange[0]!r}", remedy="Make the step anew.")
        filled = self.filled(params)
        for ask in self.asks:
            if ask.asked(filled):
                check_value(ask, filled[ask.key], schema, self.title)
        self.fit(filled, schema)


def check_value(ask: Ask, value: Any, schema: Schema, where: str) -> None:
    """Raise a `UserError` when `value` is no answer to `ask`."""
    if value is None or value == "" or value == [] or value == ():
        if ask.needed:
            remedy = "Choose at least one column." if ask.kind == "columns" else "Fill it in."
            raise UserError(f"Nothing is given for “{ask.title}”", where=where, remedy=remedy)
        return
    _CHECKS[ask.kind](ask, value, schema, where)


def names_of(value: Any) -> tuple[str, ...]:
    """A list of names, however it was kept."""
    return tuple(str(name) for name in value or ())


def pairs_of(value: Any) -> tuple[tuple[Any, Any], ...]:
    """A list of pairs, however it was kept."""
    return tuple((pair[0], pair[1]) for pair in value or ())


def lines_of(value: Any) -> tuple[str, ...]:
    """The lines of a text that are not empty."""
    return tuple(line for line in str(value or "").splitlines() if line.strip())


def check_new_name(name: str, schema: Schema, *, may_replace: bool = False) -> None:
    """Raise a `UserError` when no column can be called so."""
    if not name.strip() or name != name.strip() or any(ord(letter) < 32 for letter in name):
        raise UserError(f"A column cannot be called {name!r}", remedy="Give it a name without spaces around it.")
    if len(name) > LONGEST_NAME:
        raise UserError("The name is too long", remedy=f"At most {LONGEST_NAME} characters.")
    if name in schema and not may_replace:
        raise UserError(f"There is a column {name!r} already", remedy="Give another name, or drop that one first.")


def quoted(names: Sequence[Any], most: int = 3) -> str:
    """Names as they stand in a sentence: “a”, “b” and 4 more."""
    shown = [f"“{name}”" for name in names[:most]]
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def same(params: Params, names: Sequence[str]) -> Change:
    """The change of a step that repairs columns where they are."""
    return Change(made={name: (name,) for name in names_of(params["columns"]) if name in names})


def _column(ask: Ask, value: Any, schema: Schema, where: str) -> None:
    if ask.of == "dataset":
        return
    if not isinstance(value, str) or value not in schema:
        raise ColumnError(str(value), schema.names, where=where)
    if ask.storages and schema[value].storage not in ask.storages:
        wanted = " or ".join(_WORDS[storage] for storage in ask.storages)
        raise UserError(
            f"The column {value!r} holds {_WORDS[schema[value].storage]}",
            where=where,
            remedy=f"Choose a column of {wanted}, or change its kind first.",
        )


def _columns(ask: Ask, value: Any, schema: Schema, where: str) -> None:
    if not isinstance(value, (list, tuple)):
        raise UserError(f"{ask.title} must be a list of columns", where=where, remedy="Choose them again.")
    for name in value:
        _column(ask, name, schema, where)


def _choice(ask: Ask, value: Any, _: Schema, where: str) -> None:
    if value not in [key for key, _ in ask.choices]:
        shown = ", ".join(title for _, title in ask.choices)
        raise UserError(f"{ask.title} cannot be {value!r}", where=where, remedy=f"Choose one of: {shown}.")


def _number(ask: Ask, value: Any, _: Schema, where: str) -> None:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < float("inf")
    if not good or (ask.low is not None and value < ask.low) or (ask.high is not None and value > ask.high):
        low, high = ("any" if bound is None else f"{bound:g}" for bound in (ask.low, ask.high))
        raise UserError(f"{ask.title} cannot be {value!r}", where=where, remedy=f"A number from {low} to {high}.")


def _text(ask: Ask, value: Any, _: Schema, where: str) -> None:
    if not isinstance(value, str) or len(value) > (LONGEST_TEXT * 10 if ask.lines else LONGEST_TEXT):
        raise UserError(f"{ask.title} must be a text", where=where, remedy=f"At most {LONGEST_TEXT:,} characters.")


def _switch(ask: Ask, value: Any, _: Schema, where: str) -> None:
    if not isinstance(value, bool):
        raise UserError(f"{ask.title} must be yes or no", where=where, remedy="Switch it on or off.")


def _expression(ask: Ask, value: Any, schema: Schema, where: str) -> None:
    from mlcore.data.expressions import checked

    _text(ask, value, schema, where)
    checked(value, schema)


def _dataset(ask: Ask, value: Any, schema: Schema, where: str) -> None:
    _text(ask, value, schema, where)


def _pairs(ask: Ask, value: Any, _: Schema, where: str) -> None:
    good = isinstance(value, (list, tuple)) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value
    )
    if not good or len(value) > MOST_PAIRS:
        raise UserError(f"{ask.title} must be pairs", where=where, remedy=f"At most {MOST_PAIRS:,}, each old and new.")


_WORDS: Mapping[Storage, str] = {
    "float": "numbers", "integer": "whole numbers", "text": "text", "datetime": "dates",
}  # fmt: skip
_CHECKS: Mapping[AskKind, Callable[[Ask, Any, Schema, str], None]] = {
    "column": _column, "columns": _columns, "choice": _choice, "number": _number, "text": _text, "switch": _switch,
    "expression": _expression, "dataset": _dataset, "pairs": _pairs,
}  # fmt: skip
