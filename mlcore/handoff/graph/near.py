"""Nearest neighbours as nodes: each row compared with every row learned from."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlcore.handoff.graph.drawing import DOUBLE, Drawing, Numbers, Refused


def near(drawing: Drawing, model: Any, given: Numbers) -> tuple[str, str]:
    """Of the nearest rows what each counts and its place among those learned from, both (n, neighbours).

    A row that lies on others counts only those, as in scikit-learn.
    """
    if model.effective_metric_ not in ("manhattan", "cityblock") or model.weights != "distance":
        raise Refused("it measures distances in a way that is not drawn")
    far, places = _looked_for(drawing, np.asarray(model._fit_X, dtype=np.float64), int(model.n_neighbors), given)
    on = drawing.node("Cast", drawing.node("Equal", far, drawing.floats(0.0)), to=DOUBLE)
    any_on = drawing.node("ReduceMax", on, drawing.constant(np.array([1], dtype=np.int64)), keepdims=1)
    lies = drawing.node("Greater", any_on, drawing.floats(0.0))
    return drawing.node("Where", lies, on, drawing.node("Div", drawing.floats(1.0), far)), places


def _looked_for(drawing: Drawing, rows: Any, count: int, given: Numbers) -> tuple[str, str]:
    """Row by row, so that memory does not grow with the product of both numbers of rows."""
    from onnx import TensorProto, helper

    known = drawing.floats(rows)
    second, number = (drawing.constant(np.array([value], dtype=np.int64)) for value in (1, count))
    body = helper.make_graph(
        [
            helper.make_node("Sub", [known, "row"], ["apart"]),
            helper.make_node("Abs", ["apart"], ["lengths"]),
            helper.make_node("ReduceSum", ["lengths", second], ["sums"], keepdims=0),
            helper.make_node("TopK", ["sums", number], ["far", "places"], axis=0, largest=0, sorted=1),
        ],
        "nearest",
        [helper.make_tensor_value_info("row", TensorProto.DOUBLE, [rows.shape[1]])],
        [
            helper.make_tensor_value_info("far", TensorProto.DOUBLE, [count]),
            helper.make_tensor_value_info("places", TensorProto.INT64, [count]),
        ],
    )
    far, places = drawing.nodes("Scan", given.tensor, outputs=2, body=body, num_scan_inputs=1)
    return far, places
