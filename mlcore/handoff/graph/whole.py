"""A whole stored model, one pipeline or several put together, as one graph."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.handoff.graph.drawing import INT64, Drawing, Refused
from mlcore.handoff.graph.models import both, said, shares, softmax, total
from mlcore.handoff.graph.steps import clipped, encoded, words_of
from mlcore.learning.scoring import LEAST, Scorer


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A model as ONNX: its file, the internal columns of its two inputs, and thresholds by internal column.

    `size` counts the nodes of its trees.
    """

    content: bytes
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    cuts: Mapping[str, Floats]
    size: int


def drawn(scorer: Scorer) -> Drawn:
    """The graph; `Refused` with a sentence that names the member, and why it cannot be drawn."""
    drawing = Drawing(vocabulary(scorer))
    members = []
    for entry, (_, pipeline) in zip(scorer.spec["members"], scorer.members, strict=True):
        try:
            members.append(_member(drawing, entry, pipeline, len(scorer.labels)))
        except Refused as reason:
            raise Refused(f"“{entry['title']}” cannot be written as ONNX: {_titled(str(reason), scorer)}.") from None
    weights = [weight for weight, _ in scorer.members]
    output = _combined(drawing, members, weights, scorer.spec.get("stack"), bool(scorer.labels))
    if scorer.spec.get("calibration") is not None:
        output = _calibrated(drawing, output, scorer.spec["calibration"])
    if not scorer.labels:
        output = drawing.node("Reshape", output, drawing.constant(np.array([-1], dtype=np.int64)))
    columns = {"numbers": list(drawing.columns), "words": list(drawing.vocabulary)}
    told = {"columns": json.dumps(columns), "labels": json.dumps(scorer.labels), "task": str(scorer.spec["task"])}
    content = drawing.model(output, len(scorer.labels), told).SerializeToString()
    return Drawn(
        content=content,
        numbers=tuple(drawing.columns),
        words=tuple(drawing.vocabulary),
        cuts={name: np.unique(np.concatenate(found)) for name, found in drawing.cuts.items()},
        size=drawing.size,
    )


def vocabulary(scorer: Scorer) -> dict[str, list[str]]:
    """By internal column, the words that a step of any member knows."""
    found: dict[str, dict[str, None]] = {}
    for _, pipeline in scorer.members:
        for _, step, places in pipeline.named_steps["encode"].transformers_:
            for name, words in words_of(step, places).items():
                found.setdefault(name, {}).update(dict.fromkeys(words))
    return {name: list(words) for name, words in sorted(found.items())}


def _titled(reason: str, scorer: Scorer) -> str:
    """The reason with the user's names of columns."""
    for field in sorted(scorer.fields, key=lambda field: -len(field["id"])):
        if reason.endswith(f" {field['id']}"):
            return f"{reason.removesuffix(field['id'])}{field['name']!r}"
    return reason


def _member(drawing: Drawing, entry: Mapping[str, Any], pipeline: Any, labels: int) -> str:
    """As `scoring.said_by`."""
    values = said(drawing, pipeline.named_steps["model"], encoded(drawing, pipeline.named_steps["encode"]))
    if not labels:
        return values
    codes = np.asarray(pipeline.classes_, dtype=np.int64)
    if len(codes) != labels:
        spread = np.zeros((len(codes), labels))
        spread[np.arange(len(codes)), codes] = 1.0
        values = drawing.node("MatMul", values, drawing.floats(spread))
    after = entry.get("after")
    return values if after is None else _raised(drawing, values, float(after["power"]))


def _raised(drawing: Drawing, values: str, power: float, bias: Sequence[float] = (0.0,)) -> str:
    """As `scoring.raised`."""
    logs = drawing.node("Mul", _log(drawing, values, LEAST), drawing.floats(power))
    return softmax(drawing, drawing.node("Add", logs, drawing.floats([list(bias)])))


def _calibrated(drawing: Drawing, values: str, calibration: Mapping[str, Any]) -> str:
    """As `scoring.calibrated`: a line in the log-odds, or straight lines between knots."""
    if "power" in calibration:
        return _raised(drawing, values, float(calibration["power"]), calibration["bias"])
    said, meant = (np.asarray(calibration[key], dtype=np.float64) for key in ("said", "meant"))
    if len(said) < 2:
        return both(drawing, drawing.repeated(meant[:1]))
    lengths = np.diff(said)
    slopes = np.divide(np.diff(meant), lengths, out=np.zeros(len(lengths)), where=lengths > 0)
    second = clipped(drawing, drawing.picked(values, [1]), {"a_min": said[0], "a_max": said[-1]})
    passed = drawing.node("Cast", drawing.node("GreaterOrEqual", second, drawing.floats([said[1:-1]])), to=INT64)
    place = total(drawing, passed)
    start, low, slope = (
        drawing.node("Gather", drawing.floats(held), place) for held in (said[:-1], meant[:-1], slopes)
    )
    risen = drawing.node("Mul", drawing.node("Sub", second, start), slope)
    return both(drawing, drawing.node("Add", low, risen))


def _combined(
    drawing: Drawing, members: Sequence[str], weights: Sequence[float], stack: Mapping[str, Any] | None, labels: bool
) -> str:
    """As `Scorer.values_of`: a blend, or a stack."""
    if stack is None:
        total = _sum(drawing, members, weights)
        return shares(drawing, total) if labels else total
    bias = drawing.floats(np.asarray(stack["bias"], dtype=np.float64).reshape(1, -1))
    if not labels:
        return drawing.node("Add", _sum(drawing, members, weights), bias)
    logs = [_log(drawing, member, float(stack["floor"])) for member in members]
    return softmax(drawing, drawing.node("Add", _sum(drawing, logs, weights), bias))


def _log(drawing: Drawing, values: str, least: float) -> str:
    return drawing.node("Log", drawing.node("Max", values, drawing.floats(least)))


def _sum(drawing: Drawing, parts: Sequence[str], weights: Sequence[float]) -> str:
    weighed = [
        part if weight == 1.0 else drawing.node("Mul", part, drawing.floats(weight))
        for part, weight in zip(parts, weights, strict=True)
    ]
    return weighed[0] if len(weighed) == 1 else drawing.node("Sum", *weighed)
