"""The paper: nodes and constants are put on it, and a whole ONNX model comes off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats

OPSET, ML_OPSET, IR = 20, 3, 9
"""Versions of the operator sets and of the file that every ONNX Runtime from 1.17 on reads."""

ML = "ai.onnx.ml"
MOST_BYTES = 1_900_000_000
"""A protobuf file ends at 2 GB."""


class Refused(Exception):  # noqa: N818  # a model that cannot be drawn is a result with a reason
    """Why something cannot be drawn: the rest of a sentence that begins with what it is."""


class Late(Refused):
    """It can be drawn, but not in time."""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """A tensor of the graph, (n, w) of 64-bit floats.

    `origins` has for each column the internal column that it is, gaps and scale aside, where it is one: there the
    thresholds of trees and bins can be aimed at. `exact` says that it is that column's own number.
    """

    tensor: str
    origins: tuple[str | None, ...]

    @property
    def width(self) -> int:
        """Its columns."""
        return len(self.origins)


@dataclass(frozen=True, kw_only=True)
class Words:
    """Internal columns of categories."""

    names: tuple[str, ...]


class Drawing:
    """Nodes and constants, each kept once. `vocabulary` has the words that any step knows of each column of words.

    `cuts` collects, by internal column, the thresholds that it is compared with; `size` counts nodes of trees; `ones`
    has the tensors whose rows add up to exactly 1: a share and what is left of 1 do, in 64 bits, too.
    """

    def __init__(self, vocabulary: Mapping[str, Sequence[str]]) -> None:
        self.vocabulary = vocabulary
        self.columns: dict[str, int] = {}
        self.cuts: dict[str, list[Floats]] = {}
        self.size = 0
        self.ones: set[str] = set()
        self._picked: dict[tuple[int, ...], str] = {}
        self._nodes: list[Any] = []
        self._made: dict[Any, tuple[str, ...]] = {}
        self._constants: dict[Any, str] = {}
        self._initializers: list[Any] = []

    def constant(self, values: Any) -> str:
        """A tensor that does not change; lists of str become strings, everything else keeps its NumPy type."""
        from onnx import TensorProto, numpy_helper

        array = np.asarray(values)
        text = array.dtype.kind in "UO"
        key = (array.shape, array.dtype.str, tuple(array.ravel()) if text else array.tobytes())
        if key not in self._constants:
            name = f"k{len(self._constants)}"
            if text:
                made = TensorProto(name=name, data_type=TensorProto.STRING, dims=array.shape)
                made.string_data.extend(str(cell).encode("utf-8") for cell in array.ravel())
            else:
                made = numpy_helper.from_array(np.ascontiguousarray(array), name)
            self._constants[key] = name
            self._initializers.append(made)
        return self._constants[key]

    def node(self, op: str, *inputs: str, domain: str = "", **settings: Any) -> str:
        """The one output of an operation; the same operation on the same inputs is there once."""
        return self.nodes(op, *inputs, domain=domain, outputs=1, **settings)[0]

    def nodes(self, op: str, *inputs: str, domain: str = "", outputs: int, **settings: Any) -> tuple[str, ...]:
        """The same with several outputs."""
        from onnx import helper

        key = (op, inputs, tuple((name, _hashable(value)) for name, value in sorted(settings.items())))
        if key not in self._made:
            names = tuple(f"t{len(self._nodes)}_{place}" for place in range(outputs))
            self._nodes.append(helper.make_node(op, list(inputs), list(names), domain=domain, **settings))
            self._made[key] = names
        return self._made[key]

    def add(self, node: Any) -> None:
        """A node made elsewhere."""
        self._nodes.append(node)

    def fresh(self) -> str:
        """A name for the output of a node made elsewhere."""
        return f"x{len(self._nodes)}"

    def floats(self, values: Any) -> str:
        """A constant of 64-bit floats."""
        return self.constant(np.asarray(values, dtype=np.float64))

    def numbers(self, names: Sequence[str]) -> Numbers:
        """Internal columns of numbers, as the graph is given them."""
        places = [self.columns.setdefault(name, len(self.columns)) for name in names]
        tensor = self._picked[tuple(places)] = self.picked(self.node("Cast", "numbers", to=DOUBLE), places)
        return Numbers(tensor=tensor, origins=tuple(names))

    def picked(self, tensor: str, places: Sequence[int]) -> str:
        """Columns of a tensor."""
        return self.node("Gather", tensor, self.constant(np.asarray(places, dtype=np.int64)), axis=1)

    def rows(self) -> str:
        """How many rows the graph was given, (1,) of whole numbers."""
        return self.node("Shape", "numbers", start=0, end=1)

    def repeated(self, row: Floats) -> str:
        """The same numbers (w,) for every row."""
        shape = self.node("Concat", self.rows(), self.constant(np.array([len(row)], dtype=np.int64)), axis=0)
        return self.node("Expand", self.floats(row[None, :]), shape)

    def codes(self) -> tuple[str, dict[str, int]]:
        """The places of words in one list, (n, columns) of whole numbers, and where each column begins in it.

        The list has for each column of the vocabulary the word that nobody knows, and behind it those that it knows.
        One look-up serves all columns: each word is looked up behind the number of its column.
        """
        sizes = [len(words) + 1 for words in self.vocabulary.values()]
        first = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64)
        marks = self.constant([[f"{place}=" for place in range(len(sizes))]])
        every = list(zip(first.tolist(), self.vocabulary.values(), strict=True))
        known = {
            f"{place}={word}": start + 1 + code
            for place, (start, words) in enumerate(every)
            for code, word in enumerate(words)
        }
        code = self.node(
            "LabelEncoder",
            self.node("StringConcat", marks, "words"),
            domain=ML,
            keys_strings=list(known) or ["="],
            values_int64s=list(known.values()) or [0],
            default_int64=0,
        )
        code = self.node("Max", code, self.constant(first[None, :])) if len(first) > 1 else code
        return code, dict(zip(self.vocabulary, first.tolist(), strict=True))

    def model(self, output: str, width: int, said: Mapping[str, str]) -> Any:
        """The whole, whose `values` are that tensor: (n, width), or (n,) where the width is 0."""
        from onnx import TensorProto, helper

        given = [helper.make_tensor_value_info("numbers", TensorProto.FLOAT, ["rows", len(self.columns)])]
        if self.vocabulary:
            given.append(helper.make_tensor_value_info("words", TensorProto.STRING, ["rows", len(self.vocabulary)]))
        shape: tuple[str | int, ...] = ("rows", width) if width else ("rows",)
        made = [helper.make_tensor_value_info("values", TensorProto.DOUBLE, shape)]
        nodes, constants = self._short()
        last = helper.make_node("Identity", [output], ["values"])
        graph = helper.make_graph([*nodes, last], "model", given, made, initializer=constants)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, ML_OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR, producer_name="tablesmith")
        helper.set_model_props(model, dict(said))
        return model

    def _short(self) -> tuple[list[Any], list[Any]]:
        """Nodes and constants, without the node that picks all columns of numbers in their order."""
        needless = self._picked.get(tuple(range(len(self.columns))))
        if needless is None:
            return self._nodes, self._initializers
        node = next(node for node in self._nodes if needless in node.output)
        every, places = node.input
        nodes = [one for one in self._nodes if one is not node]
        for one in nodes:
            one.input[:] = [every if name == needless else name for name in one.input]
        used = any(places in one.input for one in nodes)
        return nodes, [constant for constant in self._initializers if used or constant.name != places]


def joined(drawing: Drawing, parts: Sequence[Numbers]) -> Numbers:
    """Side by side; without any part there are no columns."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return drawing.numbers(())
    tensor = drawing.node("Concat", *(part.tensor for part in parts), axis=1)
    return Numbers(tensor=tensor, origins=tuple(origin for part in parts for origin in part.origins))


FLOAT, INT64, DOUBLE = 1, 7, 11
"""Element types, as ONNX numbers them."""


def _hashable(value: Any) -> Any:
    if hasattr(value, "SerializeToString"):  # a graph inside the graph
        return value.SerializeToString()
    return tuple(value) if isinstance(value, list) else value
