"""Load a plug-in for real: import its module, take the models it offers, and check each of them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any, get_args

from mlcore.evaluation.predictions import Task
from mlcore.learning.encode import Intake
from mlcore.learning.models.kind import Config, Family, ModelKind
from mlcore.learning.plugins.source import NAME, Source
from mlcore.params import Param

OBJECT = "models"
"""What a file calls its models; an entry point names them itself."""

MOST_KINDS = 20
RESERVED = ("blend", "stack", "compact")
_LIMITS = ("min_rows", "max_rows", "max_columns", "least_label", "widest")


class Fault(Exception):  # noqa: N818 - a sentence about somebody else's code
    """Why a plug-in, or one of its models, is not offered; goes on where its name ends."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """What a source offers: sound kinds by key, and a sentence for each other one."""

    kinds: Mapping[str, ModelKind]
    faults: tuple[str, ...]


def load_module(source: Source) -> ModuleType:
    """Import the plug-in's module under the name that stored models know it by."""
    if not source.file:
        return importlib.import_module(source.module)
    if source.module in sys.modules:
        return sys.modules[source.module]
    spec = importlib.util.spec_from_file_location(source.module, source.file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[source.module] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[source.module]
        raise
    return module


@cache
def opened(source: Source) -> Opened:
    """Import the source and check what it offers; raises whatever its code raises, or `Fault`."""
    offered = _offered(source)
    if callable(offered) and not isinstance(offered, ModelKind):
        offered = offered()
    found = list(offered)[:MOST_KINDS] if isinstance(offered, (list, tuple)) else [offered]
    if not found:
        raise Fault("offers no model; return at least one ModelKind.")
    kinds: dict[str, ModelKind] = {}
    faults = []
    for one in found:
        fault = fault_of(one) or ("offers a key twice; give each model its own." if one.key in kinds else "")
        if fault:
            faults.append(fault)
        else:
            kinds[one.key] = one
    return Opened(kinds=kinds, faults=tuple(faults))


def _offered(source: Source) -> Any:
    found: Any = load_module(source)
    path = source.entry.partition(":")[2] or OBJECT
    for name in path.split("."):
        if not hasattr(found, name):
            raise Fault(f"has nothing called {name!r}; it must be a ModelKind, a list of them, or a function.")
        found = getattr(found, name)
    return found


def fault_of(kind: Any) -> str:
    """What is wrong with a kind of model that a plug-in offers, as the end of a sentence; empty when it is sound."""
    if not isinstance(kind, ModelKind):
        return f"offers {_shown(kind)}, which is not a ModelKind."
    if not isinstance(kind.key, str) or not NAME.fullmatch(kind.key):
        return f"gives the key {_shown(kind.key)}; a key is made of a–z, 0–9 and _, at most 40 of them."
    where = f"gives the model {kind.key!r} "
    for check in (_words_fault, _limits_fault, _params_fault, _portfolio_fault, _search_fault):
        fault = check(kind)
        if fault:
            return where + fault
    return ""


def _words_fault(kind: ModelKind) -> str:
    texts = {"title": kind.title, "about": kind.about, "package": kind.package}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.strip() or len(text) > 500:
            return f"the {name} {_shown(text)}; it must be a text of at most 500 characters."
    closed = {"family": (kind.family, get_args(Family)), "intake": (kind.intake, get_args(Intake))}
    for name, (value, choices) in closed.items():
        if value not in choices:
            return f"the {name} {_shown(value)}; it must be one of {', '.join(choices)}."
    tasks = get_args(Task)
    if not isinstance(kind.tasks, tuple) or not kind.tasks or not set(kind.tasks) <= set(tasks):
        return f"the tasks {_shown(kind.tasks)}; they must be a tuple of {', '.join(tasks)}."
    if not isinstance(kind.types, tuple) or not all(isinstance(name, str) and "." in name for name in kind.types):
        return f"the types {_shown(kind.types)}; they must be a tuple of full names such as 'package.Class'."
    if not callable(kind.build):
        return "no function `build`."
    grown = kind.plant if kind.grow is None else kind.grow
    if (grown is None) != (kind.rounds is None) or (grown is not None and not callable(grown)):
        return "only one of `grow` (or `plant`) and `rounds`; a model that grows has both."
    return ""


def _limits_fault(kind: ModelKind) -> str:
    for name in _LIMITS:
        value = getattr(kind, name)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            return f"{name} {_shown(value)}; it must be a whole number from 0 on."
    if isinstance(kind.simplicity, bool) or not isinstance(kind.simplicity, int) or not 1 <= kind.simplicity <= 10:
        return f"the simplicity {_shown(kind.simplicity)}; it must be a whole number from 1 (easy to follow) to 10."
    return ""


def _params_fault(kind: ModelKind) -> str:
    if not isinstance(kind.params, tuple) or not all(isinstance(param, Param) for param in kind.params):
        return "params that are not a tuple of Param."
    keys = [param.key for param in kind.params]
    if len(set(keys)) != len(keys) or not all(isinstance(key, str) and NAME.fullmatch(key) for key in keys):
        return "params whose keys are not different words of a–z, 0–9 and _."
    for param in kind.params:
        try:
            param.checked(param.default)
        except Exception as error:  # a bound of a wrong type, too
            return f"a param {param.key!r} whose default does not fit it: {error}"
    return ""


def _portfolio_fault(kind: ModelKind) -> str:
    configs = kind.portfolio
    if not isinstance(configs, tuple) or not configs or not all(isinstance(config, Config) for config in configs):
        return "a portfolio that is not a tuple of at least one Config."
    for config in configs:
        if not isinstance(config.suffix, str) or (config.suffix and not NAME.fullmatch(config.suffix)):
            return f"a configuration with the suffix {_shown(config.suffix)}; it is made of a–z, 0–9 and _."
        if any(_clash(config, other) for other in configs if other is not config):
            return f"two configurations for the same number of rows with the suffix {config.suffix!r}."
        if isinstance(config.turn, bool) or not isinstance(config.turn, int):
            return f"a configuration with the turn {_shown(config.turn)}; it must be a whole number."
        try:
            kind.settings(config.params)
        except KeyError as error:
            return f"a configuration that sets {error}, which is no param of it."
        except Exception as error:
            return f"a configuration that does not fit its params: {error}"
    return ""


def _search_fault(kind: ModelKind) -> str:
    params = {param.key: param for param in kind.params}
    for span in kind.search:
        if span.key not in params or params[span.key].kind not in ("integer", "number"):
            return f"a search over {_shown(span.key)}, which is no number that can be set."
        if not span.low < span.high or (span.log and span.low <= 0):
            return f"a search over {span.key!r} from {span.low} to {span.high}, which is no span of it."
        try:
            kind.settings({span.key: span.low})
            kind.settings({span.key: span.high})
        except Exception as error:
            return f"a search over {span.key!r} that leaves its bounds: {error}"
    return ""


def _clash(one: Config, other: Config) -> bool:
    """Whether both would be tried on some table under the same key."""
    together = one.from_rows <= other.to_rows and other.from_rows <= one.to_rows
    together = together and one.wide == other.wide and bool({*one.tasks} & {*other.tasks})
    return together and one.suffix == other.suffix


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "…"
