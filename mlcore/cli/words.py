"""Words of the command line become values, or one sentence that says what would do."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from mlcore import files
from mlcore.errors import FileError, UserError
from mlcore.evaluation.costs import Costs
from mlcore.learning.durations import seconds_in

if TYPE_CHECKING:
    from mlcore.learning.goal import Direction
    from mlcore.learning.weights import ClassWeight


def seconds(text: str) -> float:
    """A budget: at least a second, at most a week."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (1 <= value <= 7 * 86_400):
        raise UserError(f"The budget cannot be {text!r}", remedy="Give a number of seconds from 1 to 604800.")
    return value


def count(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isascii() or not text.isdigit() or int(text) >= 2**31:
        raise UserError(f"{text!r} is not a whole number from 0 on", remedy="Give one, for example 0.")
    return int(text)


def port(text: str) -> int:
    """A TCP port."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise UserError(f"The port cannot be {text!r}", remedy="Give a number from 1 to 65535.")
    return int(text)


def listed(text: str) -> tuple[str, ...]:
    """The parts between commas, at least one."""
    parts = tuple(part.strip() for part in text.split(",") if part.strip())
    if not parts:
        raise UserError(f"{text!r} names nothing", remedy="Give names with commas between them, or leave it out.")
    return parts


def gap(text: str) -> float:
    """A length of time in seconds, such as 7d."""
    return seconds_in(text)


def half_life(text: str) -> float:
    """A length of time in seconds, such as 90d; none is 0."""
    return 0.0 if text.strip().lower() == "none" else seconds_in(text, "half-life")


def class_weight(text: str) -> ClassWeight:
    """ "balanced", or label=weight pairs."""
    return "balanced" if text == "balanced" else numbered(text, "yes=3,no=1")


def numbered(text: str, example: str) -> dict[str, float]:
    """Name=number pairs with commas between them; each name once."""
    found: dict[str, float] = {}
    for pair in listed(text):
        name, mark, number = pair.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not mark or not name.strip() or not math.isfinite(value):
            raise UserError(f"{pair!r} is no name with a number", remedy=f"Write for example {example}.")
        if name.strip() in found:
            raise UserError(f"{name.strip()!r} has two numbers", remedy="Name it once.")
        found[name.strip()] = value
    return found


def costs(text: str) -> Costs:
    """What right and wrong answers are worth, by name; what is not named is worth nothing."""
    found = numbered(text, "tp=90,fp=-10,fn=0,tn=0")
    if unknown := sorted(found.keys() - {"tp", "fp", "fn", "tn"}):
        raise UserError(
            f"{unknown[0]!r} is no outcome", remedy="Use tp, fp, fn and tn: true and false yes, missed, no."
        )
    return Costs(**found)


def directions(text: str) -> dict[str, Direction]:
    """Column:direction pairs with commas between them; each column once."""
    found: dict[str, Direction] = {}
    for pair in listed(text):
        name, _, said = pair.rpartition(":")
        way = _WAYS.get(said.strip().lower())
        if way is None or not name.strip():
            raise UserError(f"{pair!r} is no column with a direction", remedy="Write for example age:up,price:down.")
        if found.setdefault(name.strip(), way) != way:
            raise UserError(f"{name.strip()!r} is to go up and down", remedy="Give it one direction.")
    return found


_WAYS: dict[str, Direction] = {
    **dict.fromkeys(("up", "+", "rises", "increasing"), "up"),
    **dict.fromkeys(("down", "-", "falls", "decreasing"), "down"),
}


def writable(text: str) -> Path:
    """A .csv or .parquet file in a folder that exists."""
    return _writable(text, (".csv", ".parquet"))


def scored_file(text: str) -> Path:
    """A .csv, .parquet or .xlsx file in a folder that exists."""
    return _writable(text, (".csv", ".parquet", ".xlsx"))


def fault_list(text: str) -> Path:
    """A .csv or .json file in a folder that exists."""
    return _writable(text, (".csv", ".json"))


def handling(text: str) -> dict[str, str]:
    """An action for all faults of cells, or kind=action pairs."""
    from mlcore.handoff.batch.handling import HANDLED, Handling

    found = Handling.told(text)
    return {code: found.of(code) for code in HANDLED}


def _writable(text: str, endings: tuple[str, ...]) -> Path:
    path, listed = Path(text), f"{', '.join(endings[:-1])} or {endings[-1]}"
    if path.suffix not in endings:
        raise FileError(f"The output must end in {listed}", where=text, remedy="Give such a name.")
    if path.is_dir() or not path.absolute().parent.is_dir() or not files.can_write(path):
        raise FileError("The output cannot be written there", where=text, remedy="Name a file where you may write.")
    return path
