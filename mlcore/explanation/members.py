"""From a stored model to the parts that explainers explain: one for each member, on one common output scale."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.part import Matrix, Part
from mlcore.learning import encode
from mlcore.learning.model import Model
from mlcore.learning.scoring import Scorer, calibrated, said_by

Compared = tuple[Part, Matrix, Floats]
"""A part, the encoded background rows, (m, e), and what it says about them, (m, k)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """The rows to explain and the background rows, with the model's internal columns.

    `kept` holds by member what does not change for the next rows that are compared with the same ones.
    """

    explained: pd.DataFrame
    background: pd.DataFrame
    kept: dict[int, Compared] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Member:
    """A part with its weight in the model, the rows encoded for it, (n, e), and the background rows, (m, e).

    `background` is what it says about the background rows, (m, k).
    """

    weight: float
    part: Part
    X: Matrix
    B: Matrix
    background: Floats


def separable(scorer: Scorer) -> bool:
    """Whether what the model says is the weighted sum of what its members say.

    It is not where logarithms are added up, nor where the whole is calibrated, unless there is one member whose
    probabilities are raised and moved: those of its margins are, too.
    """
    if not scorer.labels:
        return True
    calibration = scorer.spec.get("calibration")
    alone = len(scorer.members) == 1 and "power" in (calibration or {})
    return "stack" not in scorer.spec and (calibration is None or alone)


def chosen_codes(scorer: Scorer) -> tuple[int, ...]:
    """The label codes whose probabilities are explained: all, or only the positive one; one code for a number."""
    if scorer.spec["task"] == "binary":
        return (scorer.labels.index(scorer.spec["positive"]),)
    return tuple(range(len(scorer.labels))) or (0,)


def outputs(scorer: Scorer, frame: pd.DataFrame) -> Floats:
    """What the whole model says about conformed rows, (n, k), only the explained outputs."""
    values = scorer.values_of(frame)
    return values[:, list(chosen_codes(scorer))] if scorer.labels else values[:, None]


def outputs_of(model: Model, rows: pd.DataFrame) -> Floats:
    """The same about rows of the prepared table."""
    values = model.scorer.values(rows)
    return values[:, list(chosen_codes(model.scorer))] if model.labels else values[:, None]


def member_of(scorer: Scorer, rows: Rows, index: int) -> tuple[Member, Callable[[], Member]]:
    """The member on encoded rows, and how to make the same member on the user's own cells, its encoders included."""
    weight, pipeline = scorer.members[index]
    entry = scorer.spec["members"][index]
    title = str(entry.get("title") or entry.get("key") or "The model")

    def raw() -> Member:
        return _raw(scorer, rows, weight, title, _said(pipeline, scorer, entry))

    return _encoded(scorer, rows, index, title) or raw(), raw


def whole(scorer: Scorer, rows: Rows) -> Member:
    """The model as one function of the user's cells: always possible, slow."""
    return _raw(scorer, rows, 1.0, "The whole model", lambda frame: outputs(scorer, frame))


def _encoded(scorer: Scorer, rows: Rows, index: int, title: str) -> Member | None:
    """None when an encoded column cannot be traced to one of the user's."""
    weight, pipeline = scorer.members[index]
    if index not in rows.kept:
        found = _compared(scorer, rows.background, index, title)
        if found is None:
            return None
        rows.kept[index] = found
    part, B, background = rows.kept[index]
    return Member(weight=weight, part=part, X=pipeline[:-1].transform(rows.explained), B=B, background=background)


def _compared(scorer: Scorer, rows: pd.DataFrame, index: int, title: str) -> Compared | None:
    """The part, the encoded background rows, and what it says about them."""
    _, pipeline = scorer.members[index]
    entry = scorer.spec["members"][index]
    B = pipeline[:-1].transform(rows)
    origins = np.asarray(encode.origins(pipeline, scorer.fields), dtype=np.int64)
    if B.shape[1] != len(origins):
        return None
    calibration = scorer.spec.get("calibration") or {}
    part = Part(
        title=title,
        estimator=pipeline[-1],
        outputs=_said(pipeline[-1], scorer, entry),
        origins=origins,
        columns=len(scorer.fields),
        classes=len(scorer.labels),
        chosen=chosen_codes(scorer),
        power=float((entry.get("after") or {"power": 1.0})["power"]) * float(calibration.get("power", 1.0)),
        bias=tuple(calibration.get("bias", ())),
    )
    return part, B, part.outputs(B)


def _said(estimator: Any, scorer: Scorer, entry: Mapping[str, Any]) -> Callable[[Any], Floats]:
    chosen, classes, calibration = list(chosen_codes(scorer)), len(scorer.labels), scorer.spec.get("calibration")

    def said(rows: Any) -> Floats:
        dense = rows.toarray() if hasattr(rows, "toarray") else rows
        values = said_by(entry, estimator, dense, classes)
        values = values if calibration is None else calibrated(values, calibration)
        return values[:, chosen] if classes else values[:, None]

    return said


def _raw(scorer: Scorer, rows: Rows, weight: float, title: str, said: Callable[[Any], Floats]) -> Member:
    """Cells are told by the number of the row they come from, so that text columns fit into a matrix."""
    stack = pd.concat([rows.explained, rows.background], ignore_index=True)
    columns = [stack[name].to_numpy() for name in stack.columns]
    n, m, width = len(rows.explained), len(rows.background), len(columns)

    def from_numbers(numbers: Floats) -> Floats:
        cells = numbers.astype(np.int64)
        taken = {
            name: values[cells[:, at]] for at, (name, values) in enumerate(zip(stack.columns, columns, strict=True))
        }
        return said(pd.DataFrame(taken))

    part = Part(
        title=title,
        estimator=None,
        outputs=from_numbers,
        origins=_internal_origins(scorer.fields, [str(name) for name in stack.columns]),
        columns=len(scorer.fields),
        classes=len(scorer.labels),
        chosen=chosen_codes(scorer),
    )
    numbers = np.broadcast_to(np.arange(n + m, dtype=np.float64)[:, None], (n + m, width))
    B = numbers[n:]
    return Member(weight=weight, part=part, X=numbers[:n], B=B, background=from_numbers(B))


def _internal_origins(fields: Sequence[Any], names: Sequence[str]) -> Integers:
    places = {field["id"]: index for index, field in enumerate(fields)}
    return np.array([places[name.split("_", 1)[0]] for name in names], dtype=np.int64)
