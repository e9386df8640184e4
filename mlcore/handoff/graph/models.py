"""Fitted models as nodes: probabilities of their classes, (n, k), or one column of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mlcore.evaluation.predictions import Floats
from mlcore.explanation.trees import read
from mlcore.explanation.trees.arrays import NotReadable
from mlcore.handoff.graph.drawing import DOUBLE, Drawing, Numbers, Refused
from mlcore.handoff.graph.forest import margins
from mlcore.handoff.graph.near import near
from mlcore.handoff.graph.steps import applied, clipped


def said(drawing: Drawing, model: Any, given: Numbers) -> str:
    """What the model says of rows; `Refused` when it is of a kind that cannot be drawn."""
    kind = type(model).__name__
    if kind == "Pipeline":
        for _, step in model.steps[:-1]:
            given = applied(drawing, step, given)
        return said(drawing, model.steps[-1][1], given)
    if kind in _MODELS:
        return _MODELS[kind](drawing, model, given)
    try:
        trees = read(model)
    except NotReadable as reason:
        raise Refused(f"it is of the type {kind}: {reason}") from None
    return _LINKS[trees.link](drawing, margins(drawing, trees, given))


def yes_or_no(drawing: Drawing, margin: str) -> str:
    """Two probabilities from the log-odds of the second label."""
    return both(drawing, drawing.node("Sigmoid", margin))


def both(drawing: Drawing, second: str) -> str:
    """Two probabilities from that of the second label."""
    made = drawing.node("Concat", drawing.node("Sub", drawing.floats(1.0), second), second, axis=1)
    drawing.ones.add(made)
    return made


def shares(drawing: Drawing, values: str) -> str:
    """Values of several labels, made to add up to 1."""
    if values in drawing.ones:
        return values
    return drawing.node("Div", values, total(drawing, values))


def total(drawing: Drawing, values: str, axis: int = 1) -> str:
    """The sum along an axis that stays."""
    return drawing.node("ReduceSum", values, drawing.constant(np.array([axis], dtype=np.int64)), keepdims=1)


def softmax(drawing: Drawing, values: str) -> str:
    """Shares of the powers."""
    return drawing.node("Softmax", values, axis=1)


def weighed(drawing: Drawing, given: str, weights: Any, constants: Any) -> str:
    """Weighted sums of columns: weights (w, k), constants (k,); 32-bit weights are kept as such."""
    weights = np.asarray(weights)
    single = weights.dtype == np.float32
    held = drawing.constant(weights) if single else drawing.floats(weights)
    matrix = drawing.node("Cast", held, to=DOUBLE) if single else held
    product = drawing.node("MatMul", given, matrix)
    return drawing.node("Add", product, drawing.floats(np.reshape(constants, (1, -1))))


_LINKS: Mapping[str, Callable[[Drawing, str], str]] = {
    "identity": lambda _, margin: margin,
    "logistic": yes_or_no,
    "softmax": softmax,
    "exponential": lambda drawing, margin: drawing.node("Exp", margin),
}


def _logistic(drawing: Drawing, model: Any, given: Numbers) -> str:
    margin = weighed(drawing, given.tensor, model.coef_.T, model.intercept_)
    return softmax(drawing, margin) if len(model.classes_) > 2 else yes_or_no(drawing, margin)


def _ridge(drawing: Drawing, model: Any, given: Numbers) -> str:
    return weighed(drawing, given.tensor, np.reshape(model.coef_, (1, -1)).T, model.intercept_)


def _net(drawing: Drawing, model: Any, given: Numbers) -> str:
    if model.activation != "relu":
        raise Refused(f"its units are of the kind {model.activation}")
    tensor, last = given.tensor, len(model.coefs_) - 1
    for place, (weights, constants) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        tensor = weighed(drawing, tensor, weights, constants)
        tensor = tensor if place == last else drawing.node("Relu", tensor)
    ends = {"identity": _LINKS["identity"], "logistic": yes_or_no, "softmax": softmax}
    return ends[model.out_activation_](drawing, tensor)


def _votes(drawing: Drawing, model: Any, given: Numbers) -> str:
    tensor = given.tensor
    if model.binarize is not None:
        above = drawing.node("Greater", tensor, drawing.floats(float(model.binarize)))
        tensor = drawing.node("Cast", above, to=DOUBLE)
    absent = np.log1p(-np.exp(model.feature_log_prob_))
    constants = model.class_log_prior_ + absent.sum(axis=1)
    return softmax(drawing, weighed(drawing, tensor, (model.feature_log_prob_ - absent).T, constants))


def _calibrated(drawing: Drawing, model: Any, given: Numbers) -> str:
    if len(model.calibrated_classifiers_) != 1 or model.method != "sigmoid":
        raise Refused("its calibration is no sigmoid of one model")
    inner = model.calibrated_classifiers_[0]
    if hasattr(inner.estimator, "decision_function"):
        raise Refused("its calibration is one of margins")
    values = said(drawing, inner.estimator, given)
    if len(inner.calibrators) == 1:
        values = drawing.picked(values, [1])
    slopes, starts = ([[getattr(one, name) for one in inner.calibrators]] for name in ("a_", "b_"))
    line = drawing.node("Add", drawing.node("Mul", values, drawing.floats(slopes)), drawing.floats(starts))
    each = drawing.node("Sigmoid", drawing.node("Neg", line))
    return both(drawing, each) if len(inner.calibrators) == 1 else shares(drawing, each)


def _shares_of_labels(drawing: Drawing, model: Any, given: Numbers) -> str:
    del given
    if model.strategy != "prior":
        raise Refused(f"it says what it says by {model.strategy}")
    return drawing.repeated(np.asarray(model.class_prior_, dtype=np.float64))


def _same_number(drawing: Drawing, model: Any, given: Numbers) -> str:
    del given
    return drawing.repeated(np.asarray(model.constant_, dtype=np.float64).reshape(-1))


def _transformed(drawing: Drawing, model: Any, given: Numbers) -> str:
    """The inner model, then what its transformer undoes, last step first."""
    values = said(drawing, model.regressor_, given)
    made = model.transformer_
    for step in reversed([step for _, step in made.steps] if hasattr(made, "steps") else [made]):
        values = _undone(drawing, step, values)
    return values


def _undone(drawing: Drawing, step: Any, values: str) -> str:
    if type(step).__name__ == "StandardScaler":
        longer = drawing.node("Mul", values, drawing.floats(float(step.scale_[0])))
        return drawing.node("Add", longer, drawing.floats(float(step.mean_[0])))
    name = getattr(getattr(step, "inverse_func", None), "__name__", None)
    if name == "clip":
        return clipped(drawing, values, step.inv_kw_args)
    if name in ("exp", "expm1"):
        power = drawing.node("Exp", values)
        return power if name == "exp" else drawing.node("Sub", power, drawing.floats(1.0))
    raise Refused("what is done to its target cannot be undone in a graph")


def _near_labels(drawing: Drawing, model: Any, given: Numbers) -> str:
    weights, places = near(drawing, model, given)
    hot: Floats = np.eye(len(model.classes_))[np.asarray(model._y)]
    votes = drawing.node("Gather", drawing.floats(hot), places, axis=0)  # (n, neighbours, k)
    last = drawing.constant(np.array([2], dtype=np.int64))
    counted = drawing.node("Mul", votes, drawing.node("Unsqueeze", weights, last))
    second = drawing.constant(np.array([1], dtype=np.int64))
    return shares(drawing, drawing.node("ReduceSum", counted, second, keepdims=0))


def _near_numbers(drawing: Drawing, model: Any, given: Numbers) -> str:
    weights, places = near(drawing, model, given)
    truth = drawing.node("Gather", drawing.floats(np.asarray(model._y).reshape(-1)), places, axis=0)
    return drawing.node("Div", total(drawing, drawing.node("Mul", truth, weights)), total(drawing, weights))


def _smooth(drawing: Drawing, model: Any, given: Numbers) -> str:
    """Rows learned from, weighed by exp(-gamma times the squared distance), which is told by products of rows."""
    if model.kernel != "rbf":
        raise Refused(f"its kernel is of the kind {model.kernel}")
    known = np.asarray(model.X_fit_, dtype=np.float64)
    squares = total(drawing, drawing.node("Mul", given.tensor, given.tensor))
    mixed = drawing.node("MatMul", given.tensor, drawing.floats(-2.0 * known.T))
    apart = drawing.node("Add", drawing.node("Add", mixed, squares), drawing.floats((known**2).sum(axis=1)[None, :]))
    bounded = drawing.node("Max", apart, drawing.floats(0.0))
    alike = drawing.node("Exp", drawing.node("Mul", bounded, drawing.floats(-float(model.gamma))))
    return drawing.node("MatMul", alike, drawing.floats(np.reshape(model.dual_coef_, (-1, 1))))


_MODELS: Mapping[str, Callable[[Drawing, Any, Numbers], str]] = {
    "LogisticRegression": _logistic,
    "Ridge": _ridge,
    "MLPClassifier": _net,
    "MLPRegressor": _net,
    "BernoulliNB": _votes,
    "CalibratedClassifierCV": _calibrated,
    "DummyClassifier": _shares_of_labels,
    "DummyRegressor": _same_number,
    "TransformedTargetRegressor": _transformed,
    "KernelRidge": _smooth,
    "KNeighborsClassifier": _near_labels,
    "KNeighborsRegressor": _near_numbers,
}
