"""Shapley values of any function of rows, by its outputs for mixtures of a row and background rows.

The value of a coalition of columns is the mean output over the background rows after the coalition's columns were set
to the explained row's. With few columns all coalitions are evaluated: exact. With more, columns join one by one in
random orders, each order also backwards (antithetic: for pairwise interactions the two errors cancel), other orders for
every background row. Either way the contributions add up to output - base by construction.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.part import Contributions

Outputs = Callable[[Floats], Floats]

CELLS = 4_000_000  # of a block of mixtures: 32 MB


def orders(backgrounds: int, pairs: int, columns: int, seed: int) -> Integers:
    """Random orders of the columns, (backgrounds, pairs, columns); the same for a row alone and in a crowd."""
    random = np.random.default_rng(seed)
    straight = np.broadcast_to(np.arange(columns), (backgrounds, pairs, columns))
    return np.ascontiguousarray(random.permuted(straight, axis=-1), dtype=np.int64)


def gains(columns: int) -> Floats:
    """For s = 0 … d - 1: the weight of a coalition of s other columns, s! (d - s - 1)! / d!."""
    return np.array([1 / (columns * math.comb(columns - 1, size)) for size in range(columns)])


def coalitions(columns: int) -> NDArray[np.bool_]:
    """All 2^d coalitions, (2^d, d); coalition number s holds column c when bit c of s is set."""
    return (np.arange(1 << columns)[:, None] >> np.arange(columns) & 1).astype(bool)


def from_coalitions(outputs: Floats) -> Floats:
    """The Shapley values, (…, d, k), of outputs for all coalitions, (…, 2^d, k), numbered as in `coalitions`."""
    columns = outputs.shape[-2].bit_length() - 1
    inside, gain = coalitions(columns), gains(columns)
    values = []
    for column in range(columns):
        without = np.flatnonzero(~inside[:, column])
        steps = outputs[..., without | 1 << column, :] - outputs[..., without, :]
        values.append(np.einsum("...sk,s->...k", steps, gain[inside[without].sum(axis=1)]))
    return np.stack(values, axis=-2)


def walk_places(order: Integers) -> Integers:
    """For orders (…, d): the place of each column in the order and in its reverse, (…, 2, d)."""
    place = np.argsort(order, axis=-1)
    return np.stack((place, order.shape[-1] - 1 - place), axis=-2)


def from_walks(outputs: Floats, places: Integers) -> Floats:
    """The mean of each antithetic pair, (…, r, d, k), of outputs (…, r, 2, d + 1, k) along the walks of `places`."""
    steps = np.diff(outputs, axis=-2)
    return np.asarray(np.take_along_axis(steps, places[..., None], axis=-2).mean(axis=-3))


def enumerated(outputs: Outputs, X: Floats, B: Floats, origins: Integers, columns: int) -> Contributions:
    """Exact values from all coalitions."""
    inside = coalitions(columns)[None, :, origins]
    values = np.zeros((len(X), columns, 0))
    for block in _blocks(len(B), inside.size):
        masks = np.broadcast_to(inside, (len(block), *inside.shape[1:]))
        found = [from_coalitions(_mixed(outputs, x, B[block], masks)).sum(axis=0) for x in X]
        values = np.array(found) + (values if values.shape[-1] else 0)
    return Contributions(values=values / len(B))


def sampled(outputs: Outputs, X: Floats, B: Floats, origins: Integers, order: Integers) -> Contributions:
    """Values from walks along `order`, (m, r, d); their squared standard error from the spread within the r pairs."""
    backgrounds, pairs, columns = order.shape
    sums: list[Floats | float] = [0.0] * len(X)
    spreads: list[Floats | float] = [0.0] * len(X)
    for block in _blocks(backgrounds, pairs * 2 * (columns + 1) * max(1, len(origins))):
        places = walk_places(order[block])
        steps = np.arange(columns + 1)[:, None]
        masks = (places[..., None, :] < steps)[..., origins]
        masks = masks.reshape(len(block), math.prod(masks.shape[1:-1]), len(origins))  # no -1: origins may be empty
        for i, x in enumerate(X):
            along = _mixed(outputs, x, B[block], masks).reshape(*places.shape[:-1], columns + 1, -1)
            found = from_walks(along, places)
            sums[i] = sums[i] + found.mean(axis=1).sum(axis=0)
            spreads[i] = spreads[i] + found.var(axis=1, ddof=1).sum(axis=0) / pairs
    return Contributions(values=np.array(sums) / backgrounds, variance=np.array(spreads) / backgrounds**2)


def _mixed(outputs: Outputs, x: Floats, B: Floats, masks: NDArray[np.bool_]) -> Floats:
    """The outputs, (m, c, k), of each background row with the cells of `masks`, (m, c, e), taken from `x`."""
    mixtures = np.where(masks, x, B[:, None, :])
    count, width = masks.shape[0] * masks.shape[1], masks.shape[2]
    said = outputs(mixtures.reshape(count, width))
    return said.reshape(*masks.shape[:2], said.shape[1])


def _blocks(backgrounds: int, cells: int) -> Iterator[Integers]:
    size = max(1, CELLS // max(1, cells))
    for start in range(0, backgrounds, size):
        yield np.arange(start, min(backgrounds, start + size))
