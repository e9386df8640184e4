"""The steps of an encoder, as nodes: what scikit-learn's fitted steps do to a matrix, and to words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mlcore.handoff.graph.drawing import DOUBLE, Drawing, Numbers, Refused, Words, joined
from mlcore.handoff.graph.lookups import Looked, looked, looked_up, tables_of

FAR = -1e300
"""Stands for a gap where numbers are compared with categories."""

Cells = Numbers | Words
Pick = Callable[[Any], Cells]
"""From what a step of a ColumnTransformer asks for to the tensor, or the words, that it is given."""


def encoded(drawing: Drawing, encode: Any) -> Numbers:
    """What the encoder of a pipeline makes of internal columns."""

    def pick(places: Any) -> Cells:
        if isinstance(places, str):
            raise Refused(f"it reads the words inside {places}")
        names = [str(place) for place in places]
        words = [name in drawing.vocabulary for name in names]
        return Words(names=tuple(names)) if any(words) else drawing.numbers(names)

    return together(drawing, encode, pick)


def together(drawing: Drawing, step: Any, pick: Pick) -> Numbers:
    """What a fitted ColumnTransformer makes: the columns of its parts, side by side."""
    weights: Mapping[str, float] = step.transformer_weights or {}
    made: list[Numbers | Looked] = []
    for name, part, places in step.transformers_:
        if (isinstance(part, str) and part == "drop") or (not isinstance(places, str) and not len(places)):
            continue
        drawn = pick(places) if isinstance(part, str) else _applied(drawing, part, pick(places))
        assert not isinstance(drawn, Words)
        if name in weights:
            plain = _drawn(drawing, drawn)
            scaled = drawing.node("Mul", plain.tensor, drawing.floats(weights[name]))
            drawn = Numbers(tensor=scaled, origins=(None,) * plain.width)
        made.append(drawn)
    return joined(drawing, list(_neighbours(drawing, made)))


def _neighbours(drawing: Drawing, parts: Sequence[Numbers | Looked]) -> Iterator[Numbers]:
    """The parts in their order, words that stand side by side looked up at once."""
    waiting: list[Looked] = []
    for part in parts:
        if isinstance(part, Looked):
            waiting.append(part)
            continue
        if waiting:
            yield looked_up(drawing, waiting)
            waiting = []
        yield part
    if waiting:
        yield looked_up(drawing, waiting)


def applied(drawing: Drawing, step: Any, given: Cells) -> Numbers:
    """What one fitted step makes of columns."""
    return _drawn(drawing, _applied(drawing, step, given))


def _drawn(drawing: Drawing, made: Numbers | Looked) -> Numbers:
    return looked_up(drawing, [made]) if isinstance(made, Looked) else made


def _applied(drawing: Drawing, step: Any, given: Cells) -> Numbers | Looked:
    """The same, before words are looked up: those of neighbours are looked up together."""
    kind = type(step).__name__
    if kind == "Pipeline":
        for _, one in step.steps[:-1]:
            given = applied(drawing, one, given)
        return _applied(drawing, step.steps[-1][1], given)
    if kind in _LOOKED_UP:
        return looked(drawing, step, given) if isinstance(given, Words) else _levels(drawing, step, given)
    if isinstance(given, Words) or kind not in _STEPS:
        raise Refused(f"its step {kind} has no counterpart")
    return _STEPS[kind](drawing, step, given)


def _filled(drawing: Drawing, step: Any, given: Numbers) -> Numbers:
    if step.add_indicator:
        raise Refused("it adds columns that say what was missing")
    names = getattr(step, "feature_names_in_", None)
    empty = np.full((1, given.width), np.nan)
    fill = np.asarray(step.transform(empty if names is None else pd.DataFrame(empty, columns=names)), dtype=np.float64)
    gaps = drawing.node("IsNaN", given.tensor)
    return Numbers(tensor=drawing.node("Where", gaps, drawing.floats(fill), given.tensor), origins=given.origins)


def _scaled(drawing: Drawing, step: Any, given: Numbers) -> Numbers:
    centre = getattr(step, "mean_" if hasattr(step, "with_mean") else "center_", None)
    tensor = given.tensor
    wanted = step.with_mean if hasattr(step, "with_mean") else step.with_centering
    if wanted and centre is not None:
        tensor = drawing.node("Sub", tensor, drawing.floats(np.reshape(centre, (1, -1))))
    if step.scale_ is not None:
        tensor = drawing.node("Div", tensor, drawing.floats(np.reshape(step.scale_, (1, -1))))
    return Numbers(tensor=tensor, origins=(None,) * given.width)


def _function(drawing: Drawing, step: Any, given: Numbers) -> Numbers:
    if step.func is None:
        return given
    name = step.func.__name__
    if name not in _FUNCTIONS:
        raise Refused(f"its function {name} has no counterpart")
    tensor = _FUNCTIONS[name](drawing, given.tensor, step.kw_args or {})
    return Numbers(tensor=tensor, origins=(None,) * given.width)


def _bent(drawing: Drawing, x: str, _: Any) -> str:
    """arcsinh: sign(x) log(|x| + sqrt(x² + 1))."""
    size = drawing.node("Abs", x)
    root = drawing.node("Sqrt", drawing.node("Add", drawing.node("Mul", x, x), drawing.floats(1.0)))
    return drawing.node("Mul", drawing.node("Sign", x), drawing.node("Log", drawing.node("Add", size, root)))


def clipped(drawing: Drawing, x: str, ends: Mapping[str, Any]) -> str:
    """Drawn in to `a_min` and `a_max`."""
    low, high = ends["a_min"], ends["a_max"]
    return drawing.node("Clip", x, drawing.floats(low), drawing.floats(high))


_FUNCTIONS: Mapping[str, Callable[[Drawing, str, Mapping[str, Any]], str]] = {
    "arcsinh": _bent,
    "sin": lambda drawing, x, _: drawing.node("Sin", x),
    "cos": lambda drawing, x, _: drawing.node("Sin", drawing.node("Add", x, drawing.floats(np.pi / 2))),
    "clip": clipped,
}


def _cut(drawing: Drawing, step: Any, given: Numbers) -> Numbers:
    """One column of 0 and 1 for each part: at least its low end, and below its high one."""
    if "onehot" not in step.encode:
        raise Refused("its bins are numbered")
    places, lows, highs = [], [], []
    for place, edges in enumerate(step.bin_edges_):
        inner = [float(edge) for edge in edges[1:-1]]
        _note(drawing, given.origins[place], np.array(inner))
        places += [place] * (len(inner) + 1)
        lows += [-np.inf, *inner]
        highs += [*inner, np.inf]
    cells = drawing.picked(given.tensor, places)
    above = drawing.node("GreaterOrEqual", cells, drawing.floats([lows]))
    below = drawing.node("Less", cells, drawing.floats([highs]))
    tensor = drawing.node("Cast", drawing.node("And", above, below), to=DOUBLE)
    return Numbers(tensor=tensor, origins=(None,) * len(places))


def _note(drawing: Drawing, origin: str | None, cuts: Any) -> None:
    if origin is not None:
        drawing.cuts.setdefault(origin, []).append(np.asarray(cuts, dtype=np.float64))


def _levels(drawing: Drawing, step: Any, given: Numbers) -> Numbers:
    """Numbers taken for categories, such as months: compared with each that the step knows."""
    every = [np.asarray(levels, dtype=np.float64) for levels in step.categories_]
    known = [np.append(levels[~np.isnan(levels)], np.nan) for levels in every]
    strange = [float(np.nanmax(np.append(levels, 0.0))) + 1.5 for levels in every]
    rows = max(map(len, known)) + 1
    cells = [[*levels, *[other] * (rows - len(levels))] for levels, other in zip(known, strange, strict=True)]
    names = getattr(step, "feature_names_in_", range(given.width))
    tables = tables_of(step, pd.DataFrame(dict(zip(names, cells, strict=True))))
    spare = np.concatenate([table[-1] for table in tables])
    block = np.zeros((sum(map(len, known)), len(spare)))
    row = column = 0
    for levels, table in zip(known, tables, strict=True):
        block[row : row + len(levels), column : column + table.shape[1]] = table[: len(levels)] - table[-1]
        row, column = row + len(levels), column + table.shape[1]
    places = [place for place, levels in enumerate(known) for _ in levels]
    full = drawing.node("Where", drawing.node("IsNaN", given.tensor), drawing.floats(FAR), given.tensor)
    wanted = np.nan_to_num(np.concatenate(known), nan=FAR)
    same = drawing.node("Equal", drawing.picked(full, places), drawing.floats(wanted[None, :]))
    moved = drawing.node("MatMul", drawing.node("Cast", same, to=DOUBLE), drawing.floats(block))
    return Numbers(tensor=drawing.node("Add", moved, drawing.floats(spare[None, :])), origins=(None,) * len(spare))


_LOOKED_UP = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
_STEPS: Mapping[str, Callable[[Drawing, Any, Numbers], Numbers]] = {
    "SimpleImputer": _filled,
    "StandardScaler": _scaled,
    "RobustScaler": _scaled,
    "FunctionTransformer": _function,
    "KBinsDiscretizer": _cut,
    "ColumnTransformer": lambda drawing, step, given: together(
        drawing, step, lambda places: _columns(drawing, given, places)
    ),
}


def _columns(drawing: Drawing, given: Numbers, places: Any) -> Numbers:
    chosen = [int(place) for place in np.atleast_1d(places)]
    origins = tuple(given.origins[place] for place in chosen)
    return Numbers(tensor=drawing.picked(given.tensor, chosen), origins=origins)


def words_of(step: Any, places: Any) -> dict[str, list[str]]:
    """The words that a step of an encoder knows, by internal column; none when it looks at numbers or texts."""
    if isinstance(step, str) or isinstance(places, str):
        return {}
    if hasattr(step, "steps"):
        return words_of(step.steps[0][1], places)
    if type(step).__name__ not in _LOOKED_UP:
        return {}
    found = zip(places, step.categories_, strict=True)
    return {str(name): [str(word) for word in words] for name, words in found if np.asarray(words).dtype.kind in "OUT"}
