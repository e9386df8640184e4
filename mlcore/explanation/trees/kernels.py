"""Shapley values of tree ensembles in the user's own columns, compiled.

For an explained row and a background row, a leaf is reached by a coalition of columns exactly when the coalition holds
every column on the leaf's path where only the explained row passes and none where only the background row passes.
Columns are the user's: the encoded columns that come from one of them move together, so one-hot blocks are exact too,
which a sum over encoded columns is not. From these leaves follow, for each pair of rows,

- `exact`: the Shapley values of the margins in closed form (the method of interventional TreeSHAP);
- `walks`: the margins along permutations of the columns, put through the link before they are subtracted;
- `cube`: the margins of every coalition, put through the link: exact, for few columns.

In all of them X is (n, e), B is (m, e), and `sizes` is (most leaves of a tree, longest path, d, k).

One file on purpose: what numba keeps on disk is renewed when this file changes, not when one it imports from does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])
Array = NDArray[Any]
Sizes = tuple[int, int, int, int]

IDENTITY, LOGISTIC, SOFTMAX, EXPONENTIAL = 0, 1, 2, 3


class Forest(NamedTuple):
    """`arrays.Trees`, with `column` the user's column that a node splits on (-1: a leaf)."""

    left: Array
    right: Array
    column: Array
    feature: Array
    threshold: Array
    missing_left: Array
    value: Array
    roots: Array
    first: Array


class Scratch(NamedTuple):
    """Memory that `_leaves` uses again and again; the leaves it found are in `found` (node, length) and `paths`.

    In `paths` a column c stands as c + 1 when the explained row must give it, as -(c + 1) when the background must.
    """

    stack: Array
    state: Array
    path: Array
    found: Array
    paths: Array


def _compiled(function: F) -> F:
    """Compiled on first call; kept on disk for the next process where a folder can be written."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to keep it in
        return cast(F, numba.njit(nogil=True)(function))


@_compiled
def exact(forest: Forest, X: Array, B: Array, sizes: Sizes, share: Array) -> Array:
    """The mean over background rows of each pair's Shapley values on the margins, (n, d, k).

    `share[a, c]` is 1 / (a C(a + c, a)): what each of a columns inside gets of a leaf that c columns must stay out of.
    """
    values, scratch = np.zeros((len(X), sizes[2], sizes[3])), _scratch(sizes)
    for t in range(len(forest.roots)):
        start = forest.roots[t]
        end = forest.roots[t + 1] if t + 1 < len(forest.roots) else len(forest.value)
        x_left, b_left = np.zeros(end - start, np.bool_), _all_sides(forest, start, end, B)
        for i in range(len(X)):
            _sides(forest, start, end, X[i], x_left)
            for j in range(len(B)):
                count = _leaves(forest, start, start, x_left, b_left[j], scratch)
                if count > 1:
                    _share_out(forest, scratch, count, share, values[i, :, forest.first[t] :])
    return values / len(B)


@_compiled
def walks(
    forest: Forest, X: Array, B: Array, sizes: Sizes, orders: Array, base: Array, link: int
) -> tuple[Array, Array]:
    """Along `orders`, (m, r, d) permutations for each background row, forwards and backwards.

    Returns the mean contribution, (n, d, k), and its squared standard error, from the spread of the r antithetic pairs
    within a background row.
    """
    d, k, r = sizes[2], sizes[3], orders.shape[1]
    values, errors, scratch = np.zeros((len(X), d, k)), np.zeros((len(X), d, k)), _scratch(sizes)
    steps, pairs, place = np.zeros((2 * r, d + 2, k)), np.zeros((r, d, k)), np.zeros((2 * r, d), np.int64)
    x_left, b_left = _all_sides(forest, 0, len(forest.value), X), np.zeros(len(forest.value), np.bool_)
    for j in range(len(B)):
        _sides(forest, 0, len(forest.value), B[j], b_left)
        _set_places(orders[j], place)
        for i in range(len(X)):
            steps[:] = 0.0
            for t in range(len(forest.roots)):
                count = _leaves(forest, forest.roots[t], 0, x_left[i], b_left, scratch)
                for e in range(count):
                    node, length = scratch.found[e, 0], scratch.found[e, 1]
                    _add_steps(steps, place, scratch.paths[e, :length], forest.value[node], forest.first[t])
            _set_pairs(steps, orders[j], base, link, pairs)
            _add_moments(pairs, values[i], errors[i])
    return values / len(B), errors / len(B) ** 2


@_compiled
def cube(forest: Forest, X: Array, B: Array, sizes: Sizes, gains: Array, base: Array, link: int) -> Array:
    """From all 2^d coalitions: the mean over background rows of each pair's Shapley values on the output, (n, d, k).

    `gains` is (d,): the weight of a coalition of that many other columns, s! (d - s - 1)! / d!.
    """
    d, k = sizes[2], sizes[3]
    values, scratch = np.zeros((len(X), d, k)), _scratch(sizes)
    margins, outputs = np.zeros((1 << d, k)), np.zeros((1 << d, k))
    x_left = np.zeros(len(forest.value), np.bool_)
    b_left = _all_sides(forest, 0, len(forest.value), B)
    for i in range(len(X)):
        _sides(forest, 0, len(forest.value), X[i], x_left)
        for j in range(len(B)):
            margins[:] = base
            for t in range(len(forest.roots)):
                count = _leaves(forest, forest.roots[t], 0, x_left, b_left[j], scratch)
                for e in range(count):
                    node, length = scratch.found[e, 0], scratch.found[e, 1]
                    _add_coalitions(margins, scratch.paths[e, :length], forest.value[node], forest.first[t])
            _add_gains(margins, outputs, gains, link, values[i])
    return values / len(B)


@_compiled
def _scratch(sizes: Sizes) -> Scratch:
    most, longest, d = sizes[0], sizes[1], sizes[2]
    return Scratch(
        np.zeros((longest + 2, 3), np.int64),
        np.zeros(d, np.int64),
        np.zeros(longest + 1, np.int64),
        np.zeros((most, 2), np.int64),
        np.zeros((most, longest + 1), np.int64),
    )


@_compiled
def _sides(forest: Forest, start: int, end: int, row: Array, out: Array) -> None:
    """For nodes `start` to `end`: whether the row goes left there, into `out`."""
    for node in range(start, end):
        if forest.feature[node] >= 0:
            cell = row[forest.feature[node]]
            out[node - start] = forest.missing_left[node] if np.isnan(cell) else cell <= forest.threshold[node]


@_compiled
def _all_sides(forest: Forest, start: int, end: int, rows: Array) -> Array:
    out = np.zeros((len(rows), end - start), np.bool_)
    for i in range(len(rows)):
        _sides(forest, start, end, rows[i], out[i])
    return out


@_compiled
def _leaves(forest: Forest, root: int, shift: int, x_left: Array, b_left: Array, scratch: Scratch) -> int:
    """Find the leaves of a tree that some coalition reaches; how many.

    `x_left` and `b_left` say which way the two rows go, from node `shift` on. Where they part, the explained row's side
    is followed and the other one put on the stack, with the length of the path to come back to.
    """
    stack, state, path = scratch.stack, scratch.state, scratch.path
    count, length, top = 0, 0, 1
    stack[0, 0], stack[0, 1], stack[0, 2] = root, 0, 0
    while top > 0:
        top -= 1
        node, keep, sign = stack[top, 0], stack[top, 1], stack[top, 2]
        while length > keep:
            length -= 1
            state[abs(path[length]) - 1] = 0
        if sign != 0:
            path[length] = sign
            state[-sign - 1] = -1
            length += 1
        while forest.column[node] >= 0:
            of_x, of_b = x_left[node - shift], b_left[node - shift]
            column = forest.column[node]
            if of_x != of_b and state[column] == 0:
                stack[top, 0] = forest.left[node] if of_b else forest.right[node]
                stack[top, 1], stack[top, 2] = length, -(column + 1)
                top += 1
                path[length] = column + 1
                state[column] = 1
                length += 1
            side = of_b if state[column] == -1 else of_x
            node = forest.left[node] if side else forest.right[node]
        scratch.found[count, 0], scratch.found[count, 1] = node, length
        for at in range(length):
            scratch.paths[count, at] = path[at]
        count += 1
    for at in range(length):
        state[abs(path[at]) - 1] = 0
    return count


@_compiled
def _share_out(forest: Forest, scratch: Scratch, count: int, share: Array, into: Array) -> None:
    """Give every column on the path of a leaf its share of the leaf's value."""
    for e in range(count):
        node, length = scratch.found[e, 0], scratch.found[e, 1]
        inside = 0
        for at in range(length):
            inside += scratch.paths[e, at] > 0
        gain, loss = share[inside, length - inside], share[length - inside, inside]
        for at in range(length):
            column = scratch.paths[e, at]
            weight = gain if column > 0 else -loss
            for o in range(forest.value.shape[1]):
                into[abs(column) - 1, o] += weight * forest.value[node, o]


@_compiled
def _set_places(orders: Array, place: Array) -> None:
    """The place of each column in each order, then in its reverse."""
    r, d = orders.shape
    for w in range(r):
        for at in range(d):
            place[2 * w, orders[w, at]] = at
            place[2 * w + 1, orders[w, at]] = d - 1 - at


@_compiled
def _add_steps(steps: Array, place: Array, path: Array, leaf: Array, first: int) -> None:
    """Add a leaf to the coalitions of each walk that reach it: a run of consecutive ones, kept as differences."""
    for w in range(len(place)):
        start, end = 0, place.shape[1]
        for at in range(len(path)):
            if path[at] > 0:
                start = max(start, place[w, path[at] - 1] + 1)
            else:
                end = min(end, place[w, -path[at] - 1])
        if start <= end:
            for o in range(len(leaf)):
                steps[w, start, first + o] += leaf[o]
                steps[w, end + 1, first + o] -= leaf[o]


@_compiled
def _set_pairs(steps: Array, orders: Array, base: Array, link: int, pairs: Array) -> None:
    """What each column adds to the output when it joins, mean of a walk and its reverse."""
    pairs[:] = 0.0
    d = orders.shape[1]
    before, after = np.zeros(len(base)), np.zeros(len(base))
    for w in range(len(steps)):
        margins = base + steps[w, 0]
        _put_through(margins, link, before)
        for at in range(d):
            for o in range(len(base)):
                margins[o] += steps[w, at + 1, o]
            _put_through(margins, link, after)
            column = orders[w // 2, at] if w % 2 == 0 else orders[w // 2, d - 1 - at]
            for o in range(len(base)):
                pairs[w // 2, column, o] += 0.5 * (after[o] - before[o])
                before[o] = after[o]


@_compiled
def _add_moments(pairs: Array, values: Array, errors: Array) -> None:
    """Add the mean over the r pairs (two or more), and the squared standard error of that mean."""
    r = len(pairs)
    for column in range(values.shape[0]):
        for o in range(values.shape[1]):
            mean, square = 0.0, 0.0
            for w in range(r):
                mean += pairs[w, column, o] / r
            for w in range(r):
                square += (pairs[w, column, o] - mean) ** 2
            values[column, o] += mean
            errors[column, o] += square / (r * (r - 1))


@_compiled
def _add_coalitions(margins: Array, path: Array, leaf: Array, first: int) -> None:
    """Add a leaf to every coalition that reaches it: any of the columns that do not matter to it may join."""
    inside, free = 0, len(margins) - 1
    for at in range(len(path)):
        bit = 1 << (abs(path[at]) - 1)
        free &= ~bit
        if path[at] > 0:
            inside |= bit
    chosen = free
    while chosen >= 0:
        for o in range(len(leaf)):
            margins[inside | chosen, first + o] += leaf[o]
        chosen = (chosen - 1) & free if chosen > 0 else -1


@_compiled
def _add_gains(margins: Array, outputs: Array, gains: Array, link: int, into: Array) -> None:
    """Put the margins of all coalitions through the link and add the Shapley values of the outputs."""
    for s in range(len(margins)):
        _put_through(margins[s], link, outputs[s])
    for s in range(len(margins)):
        size = 0
        for column in range(len(gains)):
            size += s >> column & 1
        for column in range(len(gains)):
            if not s >> column & 1:
                for o in range(outputs.shape[1]):
                    into[column, o] += gains[size] * (outputs[s | 1 << column, o] - outputs[s, o])


@_compiled
def _put_through(margins: Array, link: int, out: Array) -> None:
    """One row of margins through the link."""
    if link == LOGISTIC:
        out[0] = 1.0 / (1.0 + np.exp(-margins[0]))
    elif link == EXPONENTIAL:
        out[0] = np.exp(margins[0])
    elif link == SOFTMAX:
        out[:] = np.exp(margins - margins.max())
        out /= out.sum()
    else:
        out[:] = margins
