"""An unfitted scikit-learn object as the Python that makes it: only what differs from its defaults."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

WIDTH = 100
HOUSE = "mlcore."
"""How the modules of estimators of our own begin, which learn what stock ones cannot: their code travels along."""


class Source:
    """Writes objects down, and remembers what must be imported for it.

    `columns` gives the code for a list of columns, or for one. `own` are the classes of ours that were needed, `turns`
    says whether angles were. `weights` is the code for what each row counts; empty when they count alike.
    """

    def __init__(self, columns: Callable[[Any], str]) -> None:
        self._columns = columns
        self.imported: set[tuple[str, str]] = set()
        self.own: dict[str, type] = {}
        self.turns = False
        self.weights = ""

    def of(self, value: Any) -> str:
        """The Python expression, over several lines where it is long."""
        if hasattr(value, "get_params") and not isinstance(value, type):
            return self._estimator(value)
        name = getattr(value, "__name__", "")
        if callable(value) and name and getattr(np, name, None) is value:
            return f"np.{name}"
        if isinstance(value, np.generic):
            return repr(value.item())
        if isinstance(value, np.ndarray):
            return self.of(value.tolist())
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, Mapping):
            return wrapped("{", [f"{self.of(key)}: {self.of(item)}" for key, item in value.items()], "}")
        if isinstance(value, (list, tuple)):
            return self._row(value)
        return repr(value) if not isinstance(value, float) or np.isfinite(value) else f'float("{value}")'

    def _row(self, value: Sequence[Any]) -> str:
        parts = [self.of(item) for item in value]
        if isinstance(value, list):
            words = all(isinstance(item, (str, int, float)) for item in value)
            return filled("[", parts, "]") if words else wrapped("[", parts, "]")
        return f"({parts[0]},)" if len(parts) == 1 else wrapped("(", parts, ")")

    def _estimator(self, value: Any) -> str:
        stock = _STOCK.get(type(value).__name__) if type(value).__module__.startswith(HOUSE) else None
        if stock is not None:
            return stock(self, value)
        if type(value).__name__ == "ColumnTransformer":
            return self._encoder(value)
        name = self.named(type(value))
        params, usual = value.get_params(deep=False), _defaults(type(value))
        told = {key: one for key, one in params.items() if key not in usual or repr(usual[key]) != repr(one)}
        return wrapped(f"{name}(", [f"{key}={self.of(told[key])}" for key in sorted(told)], ")")

    def _encoder(self, value: Any) -> str:
        steps = [
            wrapped("(", [quoted(name), self.of(step), self._columns(places)], ")")
            for name, step, places in value.transformers
        ]
        told = {"sparse_threshold": value.sparse_threshold, "transformer_weights": value.transformer_weights}
        more = [f"{key}={self.of(one)}" for key, one in told.items() if one not in (None, 0.3)]
        return wrapped(f"{self.named(type(value))}(", [wrapped("[", steps, "]"), *more], ")")

    def named(self, kind: type) -> str:
        """The name of a class, which is imported from where people import it."""
        if kind.__module__.startswith(HOUSE):
            self.own[kind.__name__] = kind
            return kind.__name__
        self.imported.add((_public(kind), kind.__name__))
        return kind.__name__

    def filler(self) -> str:
        """What fills gaps with medians."""
        self.imported.add(("sklearn.impute", "SimpleImputer"))
        return 'SimpleImputer(strategy="median", keep_empty_features=True)'

    def angle(self, rounds: Sequence[float]) -> str:
        """What makes angles of parts of a date, by the function `turned` of the script."""
        self.imported.add(("sklearn.preprocessing", "FunctionTransformer"))
        self.turns = True
        return f'FunctionTransformer(turned, kw_args={{"rounds": {self.of(tuple(map(float, rounds)))}}})'


_STOCK: dict[str, Callable[[Source, Any], str]] = {
    "Shares": lambda source, value: f"{source.named(type(value))}({source.weights})",
    "Filler": lambda source, _: source.filler(),
    "Coded": lambda source, value: source.of(value.step),
    "Angle": lambda source, value: source.angle(value.rounds),
}
"""Ours that are but quicker than the stock step: that is written instead."""


def wrapped(start: str, parts: Sequence[str], end: str) -> str:
    """On one line when it fits, else a line for each part."""
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    inner = "".join(f"{textwrap.indent(part, '    ')},\n" for part in parts)
    return f"{start}\n{inner}{end}"


def filled(start: str, parts: Sequence[str], end: str) -> str:
    """On one line when it fits, else as many parts on each line as it takes."""
    line = f"{start}{', '.join(parts)}{end}"
    if len(line) <= WIDTH:
        return line
    lines = [""]
    for part in parts:
        if lines[-1] and len(lines[-1]) + len(part) > WIDTH - 6:
            lines.append("")
        lines[-1] += f"{part}, "
    inner = "".join(f"    {one.rstrip()}\n" for one in lines)
    return f"{start}\n{inner}{end}"


def quoted(text: str) -> str:
    """As people write strings: between double quotes, where nothing in it needs more."""
    return f'"{text}"' if text.isprintable() and not {'"', "\\"} & set(text) else repr(text)


def _defaults(kind: type) -> dict[str, Any]:
    try:
        usual: dict[str, Any] = kind().get_params(deep=False)
    except TypeError:  # something must be given
        parameters = inspect.signature(kind).parameters.values()
        return {one.name: one.default for one in parameters if one.default is not one.empty}
    return usual


def _public(kind: type) -> str:
    """The package that offers the class: `sklearn.linear_model` rather than `sklearn.linear_model._logistic`."""
    parts = kind.__module__.split(".")
    return ".".join(parts[:2]) if parts[0] == "sklearn" else parts[0]


def imports(found: set[tuple[str, str]]) -> str:
    """Import lines, sorted, one a package."""
    packages: dict[str, set[str]] = {}
    for package, name in found:
        packages.setdefault(package, set()).add(name)
    return "\n".join(f"from {package} import {', '.join(sorted(packages[package]))}" for package in sorted(packages))
