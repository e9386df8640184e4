"""Shapley values of tree ensembles in the user's own columns, compiled.

For an explained row and a background row, a leaf is reached by a coalition of columns exactly when the coalition holds
every column on the leaf's path where only the explained row passes (`inside`) and none where only the background row
passes (`outside`). Columns are the user's: the encoded columns that come from one of them move together, so one-hot
blocks are exact too, which a sum over encoded columns is not. From these leaves follow, for each pair of rows,

- `exact`: the Shapley values of the margins in closed form (the method of interventional TreeSHAP);
- `walks`: the margins along permutations of the columns, put through the link before they are subtracted;
- `cube`: the margins of every coalition, put through the link: exact, for few columns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

IDENTITY, LOGISTIC, SOFTMAX, EXPONENTIAL = 0, 1, 2, 3


def _compiled(function: F) -> F:
    """Compiled on first call; kept on disk for the next process where a folder can be written."""
    try:
        return cast(F, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to keep it in
        return cast(F, numba.njit(nogil=True)(function))


@_compiled
def _goes_left(value, threshold, missing_left):  # type: ignore[no-untyped-def]
    return missing_left if np.isnan(value) else value <= threshold


@_compiled
def _leaves(forest, root, column_of, x, b, stack, state, path, found, paths):  # type: ignore[no-untyped-def]
    """Write the leaves that some coalition reaches to `found` (leaf, length) and their columns to `paths`.

    In `paths` a column c stands as c + 1 when the explained row must give it, as -(c + 1) when the background must.
    """
    left, right, feature, threshold, missing_left = forest
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
            state[abs(sign) - 1] = 1 if sign > 0 else -1
            length += 1
        while feature[node] >= 0:
            split = feature[node]
            column = column_of[split]
            of_x = _goes_left(x[split], threshold[node], missing_left[node])
            of_b = _goes_left(b[split], threshold[node], missing_left[node])
            known = state[column]
            if of_x == of_b or known == 1:
                node = left[node] if of_x else right[node]
            elif known == -1:
                node = left[node] if of_b else right[node]
            else:
                stack[top, 0] = left[node] if of_b else right[node]
                stack[top, 1], stack[top, 2] = length, -(column + 1)
                top += 1
                path[length] = column + 1
                state[column] = 1
                length += 1
                node = left[node] if of_x else right[node]
        found[count, 0], found[count, 1] = node, length
        for at in range(length):
            paths[count, at] = path[at]
        count += 1
    for at in range(length):
        state[abs(path[at]) - 1] = 0
    return count


@_compiled
def _linked(margins, link, out):  # type: ignore[no-untyped-def]
    """Put one row of margins through the link."""
    if link == LOGISTIC:
        out[0] = 1.0 / (1.0 + np.exp(-margins[0]))
    elif link == EXPONENTIAL:
        out[0] = np.exp(margins[0])
    elif link == SOFTMAX:
        out[:] = np.exp(margins - margins.max())
        out /= out.sum()
    else:
        out[:] = margins


@_compiled
def exact(forest, value, roots, first, column_of, X, B, sizes, share):  # type: ignore[no-untyped-def]
    """The mean over background rows of each pair's Shapley values on the margins, (n, d, k).

    `sizes` is (most leaves of a tree, longest path, d, k); `share` is (longest path + 1) squared: 1 / (a C(a + c, a)).
    """
    most, longest, d, k = sizes
    values = np.zeros((len(X), d, k))
    stack, state = np.zeros((longest + 2, 3), np.int64), np.zeros(d, np.int64)
    path, found = np.zeros(longest + 1, np.int64), np.zeros((most, 2), np.int64)
    paths = np.zeros((most, longest + 1), np.int64)
    width = value.shape[1]
    for i in range(len(X)):
        for t in range(len(roots)):
            for j in range(len(B)):
                count = _leaves(forest, roots[t], column_of, X[i], B[j], stack, state, path, found, paths)
                if count == 1:
                    continue
                for e in range(count):
                    leaf, length = found[e, 0], found[e, 1]
                    inside = 0
                    for at in range(length):
                        inside += paths[e, at] > 0
                    outside = length - inside
                    for at in range(length):
                        column = paths[e, at]
                        weight = share[inside, outside] if column > 0 else -share[outside, inside]
                        for o in range(width):
                            values[i, abs(column) - 1, first[t] + o] += weight * value[leaf, o]
    return values / len(B)


@_compiled
def walks(forest, value, roots, first, column_of, X, B, sizes, orders, base, link):  # type: ignore[no-untyped-def]
    """Along `orders`, (m, r, d) permutations for each background row, forwards and backwards.

    Returns the mean contribution, (n, d, k), and its squared standard error, from the spread of the r antithetic pairs
    within a background row.
    """
    most, longest, d, k = sizes
    r = orders.shape[1]
    values, errors = np.zeros((len(X), d, k)), np.zeros((len(X), d, k))
    stack, state = np.zeros((longest + 2, 3), np.int64), np.zeros(d, np.int64)
    path, found = np.zeros(longest + 1, np.int64), np.zeros((most, 2), np.int64)
    paths = np.zeros((most, longest + 1), np.int64)
    place = np.zeros((2 * r, d), np.int64)
    steps, pairs = np.zeros((2 * r, d + 2, k)), np.zeros((r, d, k))
    before, after = np.zeros(k), np.zeros(k)
    for j in range(len(B)):
        for w in range(r):
            for at in range(d):
                place[2 * w, orders[j, w, at]] = at
                place[2 * w + 1, orders[j, w, at]] = d - 1 - at
        for i in range(len(X)):
            steps[:] = 0.0
            for t in range(len(roots)):
                count = _leaves(forest, roots[t], column_of, X[i], B[j], stack, state, path, found, paths)
                for e in range(count):
                    _add_steps(steps, place, paths[e], found[e, 1], value[found[e, 0]], first[t])
            _differences(steps, orders[j], base, link, pairs, before, after)
            for column in range(d):
                for o in range(k):
                    mean = pairs[:, column, o].mean()
                    values[i, column, o] += mean
                    if r > 1:
                        errors[i, column, o] += ((pairs[:, column, o] - mean) ** 2).sum() / (r * (r - 1))
    return values / len(B), errors / len(B) ** 2


@_compiled
def _add_steps(steps, place, columns, length, leaf_value, first):  # type: ignore[no-untyped-def]
    """Add a leaf to the coalitions of each walk that reach it: a run of consecutive ones, as differences."""
    d = place.shape[1]
    for w in range(len(place)):
        start, end = 0, d
        for at in range(length):
            column = columns[at]
            if column > 0:
                start = max(start, place[w, column - 1] + 1)
            else:
                end = min(end, place[w, -column - 1])
        if start <= end:
            for o in range(len(leaf_value)):
                steps[w, start, first + o] += leaf_value[o]
                steps[w, end + 1, first + o] -= leaf_value[o]


@_compiled
def _differences(steps, orders, base, link, pairs, before, after):  # type: ignore[no-untyped-def]
    """What each column adds to the output when it joins, mean of a walk and its reverse."""
    pairs[:] = 0.0
    d = orders.shape[1]
    for w in range(len(steps)):
        margins = base + steps[w, 0]
        _linked(margins, link, before)
        for at in range(d):
            margins += steps[w, at + 1]
            _linked(margins, link, after)
            column = orders[w // 2, at] if w % 2 == 0 else orders[w // 2, d - 1 - at]
            pairs[w // 2, column] += 0.5 * (after - before)
            before[:] = after


@_compiled
def cube(forest, value, roots, first, column_of, X, B, sizes, base, link, gain):  # type: ignore[no-untyped-def]
    """From all 2^d coalitions: the mean over background rows of each pair's Shapley values on the output, (n, d, k).

    `gain` is (d,): the weight of a coalition of that many other columns, s! (d - s - 1)! / d!.
    """
    most, longest, d, k = sizes
    values = np.zeros((len(X), d, k))
    stack, state = np.zeros((longest + 2, 3), np.int64), np.zeros(d, np.int64)
    path, found = np.zeros(longest + 1, np.int64), np.zeros((most, 2), np.int64)
    paths = np.zeros((most, longest + 1), np.int64)
    margins, outputs = np.zeros((1 << d, k)), np.zeros((1 << d, k))
    bits = np.zeros(1 << d, np.int64)
    for s in range(1, 1 << d):
        bits[s] = bits[s >> 1] + (s & 1)
    for i in range(len(X)):
        for j in range(len(B)):
            margins[:] = base
            for t in range(len(roots)):
                count = _leaves(forest, roots[t], column_of, X[i], B[j], stack, state, path, found, paths)
                for e in range(count):
                    _add_coalitions(margins, paths[e], found[e, 1], value[found[e, 0]], first[t], (1 << d) - 1)
            for s in range(1 << d):
                _linked(margins[s], link, outputs[s])
            for s in range(1 << d):
                for column in range(d):
                    if not s >> column & 1:
                        values[i, column] += gain[bits[s]] * (outputs[s | 1 << column] - outputs[s])
    return values / len(B)


@_compiled
def _add_coalitions(margins, columns, length, leaf_value, first, everyone):  # type: ignore[no-untyped-def]
    """Add a leaf to every coalition that reaches it: all subsets of the columns that do not matter to it."""
    inside, free = 0, everyone
    for at in range(length):
        bit = 1 << (abs(columns[at]) - 1)
        free &= ~bit
        if columns[at] > 0:
            inside |= bit
    chosen = free
    while True:
        for o in range(len(leaf_value)):
            margins[inside | chosen, first + o] += leaf_value[o]
        if chosen == 0:
            break
        chosen = (chosen - 1) & free
    return


@_compiled
def margins(forest, value, roots, first, X, base):  # type: ignore[no-untyped-def]
    """The ensemble's own margins for the rows, (n, k): to see that the trees were read right."""
    left, right, feature, threshold, missing_left = forest
    out = np.zeros((len(X), len(base))) + base
    for i in range(len(X)):
        for t in range(len(roots)):
            node = roots[t]
            while feature[node] >= 0:
                split = feature[node]
                goes_left = _goes_left(X[i, split], threshold[node], missing_left[node])
                node = left[node] if goes_left else right[node]
            for o in range(value.shape[1]):
                out[i, first[t] + o] += value[node, o]
    return out
