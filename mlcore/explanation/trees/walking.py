"""Walks along permutations of the columns, for trees behind a link, compiled: what `kernels` is for margins.

A leaf is reached by a coalition when the coalition holds every column by which only the explained row passes the way to
the leaf and none by which only the background row does. So each row is told, once, by the columns at which it fails on
the way to each leaf, as bits; for a pair of rows a leaf counts when no column fails both, and then, along any walk, for
one run of coalitions: from the last of the columns that only the explained row passes to the first of those that only
the background row does. No tree is descended for a pair.

What numba keeps on disk is renewed when this file changes: a change of what it imports from `kernels` needs one here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mlcore.data.delimited.kernels.compiled import Array, compiled, inlined, lowest
from mlcore.explanation.trees.kernels import Forest, Sizes, put_through

WALKS = 4  # two orders and their reverses: the fewest that have a spread
NARROW, WIDE = 15, 62
"""Columns on the way to a leaf that two and eight bytes tell."""


class Leaves(NamedTuple):
    """A forest by its L leaves, one tree after the other.

    `order` are the nodes, parents first, and `bit` is that of a node's column on the ways through it. `leaf` says which
    leaf a node is, or -1. On the way to leaf l lie `width[l]` columns, `columns[l]`, a bit each in that order; it adds
    `value[l]` to the margins from `first[l]` on.
    """

    order: Array
    bit: Array
    leaf: Array
    width: Array
    columns: Array
    value: Array
    first: Array


@compiled
def laid_out(forest: Forest, sizes: Sizes) -> tuple[Array, Array, Array, Array, Array, Array]:
    """`order`, the place of each node's column among those of its way, `leaf`, `width`, `columns` and `first`."""
    nodes, longest, deepest = len(forest.value), sizes[1], sizes[4]
    order, slot, leaf = np.zeros(nodes, np.int32), np.zeros(nodes, np.int32), np.full(nodes, -1, np.int32)
    leaves = 0
    for node in range(nodes):
        leaves += forest.column[node] < 0
    width, columns = np.zeros(leaves, np.int32), np.zeros((leaves, longest + 1), np.int32)
    first = np.zeros(leaves, np.int32)
    stack, path = np.zeros((deepest + 2, 2), np.int32), np.zeros(longest + 1, np.int32)
    seen, count = 0, 0
    for t in range(len(forest.roots)):
        stack[0, 0], stack[0, 1] = forest.roots[t], 0
        top = 1
        while top > 0:
            top -= 1
            node, long = stack[top, 0], stack[top, 1]
            while True:
                order[seen] = node
                seen += 1
                column = forest.column[node]
                if column < 0:
                    break
                at = 0
                while at < long and path[at] != column:
                    at += 1
                if at == long:
                    path[long] = column
                    long += 1
                slot[node] = at
                stack[top, 0], stack[top, 1] = forest.right[node], long
                top += 1
                node = forest.left[node]
            leaf[node], width[count], first[count] = count, long, forest.first[t]
            for at in range(long):
                columns[count, at] = path[at]
            count += 1
    return order[:seen], slot, leaf, width[:count], columns[:count], first[:count]


@compiled
def failing(forest: Forest, leaves: Leaves, rows: Array) -> Array:
    """For each row and leaf the columns at which the row fails on the way, as bits, (n, L)."""
    found = np.zeros((len(rows), len(leaves.width)), leaves.bit.dtype)
    here = np.zeros(len(forest.value), leaves.bit.dtype)
    for root in forest.roots:
        here[root] = 0
    for i in range(len(rows)):
        for node in leaves.order:
            if leaves.leaf[node] >= 0:
                found[i, leaves.leaf[node]] = here[node]
                continue
            cell = rows[i, forest.feature[node]]
            to_left = forest.missing_left[node] if np.isnan(cell) else cell <= forest.threshold[node]
            left, right = forest.left[node], forest.right[node]
            here[left] = here[node] if to_left else here[node] | leaves.bit[node]
            here[right] = here[node] | leaves.bit[node] if to_left else here[node]
    return found


@compiled
def walks(
    leaves: Leaves, mine: Array, theirs: Array, sizes: Sizes, orders: Array, base: Array, link: int
) -> tuple[Array, Array]:
    """Along `orders`, (m, 2, d) permutations for each background row, forwards and backwards: four walks.

    `mine`, (n, L), and `theirs`, (m, L), are what `failing` says of the explained and of the background rows. Returns
    the mean contribution, (n, d, k), and its squared standard error, from the spread of the two antithetic pairs within
    a background row.
    """
    d, k = sizes[2], sizes[3]
    values, errors = np.zeros((len(mine), d, k)), np.zeros((len(mine), d, k))
    steps, pairs, place = np.zeros((WALKS, d + 2, k)), np.zeros((2, d, k)), np.zeros((d, WALKS), np.int64)
    reached, always = np.zeros(mine.shape[1], np.int64), np.zeros(k)
    columns, value, first = leaves.columns, leaves.value, leaves.first
    for j in range(len(theirs)):
        _set_places(orders[j], place)
        for i in range(len(mine)):
            steps[:] = 0.0
            always[:] = base
            for at in range(_reached(mine[i], theirs[j], reached)):
                leaf = reached[at]
                needed, kept_out = np.int64(theirs[j, leaf]), np.int64(mine[i, leaf])
                if needed | kept_out == 0:
                    for o in range(value.shape[1]):
                        always[first[leaf] + o] += value[leaf, o]
                    continue
                starts = _starts(needed, columns[leaf], place)
                ends = _ends(kept_out, columns[leaf], place)
                for w in range(WALKS):
                    if starts[w] <= ends[w]:
                        for o in range(value.shape[1]):
                            steps[w, starts[w], first[leaf] + o] += value[leaf, o]
                            steps[w, ends[w] + 1, first[leaf] + o] -= value[leaf, o]
            _set_pairs(steps, orders[j], always, link, pairs)
            _add_moments(pairs, values[i], errors[i])
    return values / len(theirs), errors / len(theirs) ** 2


@inlined
def _reached(mine: Array, theirs: Array, reached: Array) -> int:
    """The leaves that some coalition reaches, into `reached`; how many."""
    count = 0
    for leaf in range(len(mine)):
        reached[count] = leaf
        count += (mine[leaf] & theirs[leaf]) == 0
    return count


@inlined
def _starts(needed: Any, columns: Array, place: Array) -> tuple[int, int, int, int]:
    """How many columns have joined, along each walk, once all that are needed have."""
    a, b, c, d = 0, 0, 0, 0
    while needed:
        at = columns[lowest(needed)]
        needed &= needed - 1
        a, b = max(a, place[at, 0] + 1), max(b, place[at, 1] + 1)
        c, d = max(c, place[at, 2] + 1), max(d, place[at, 3] + 1)
    return a, b, c, d


@inlined
def _ends(kept_out: Any, columns: Array, place: Array) -> tuple[int, int, int, int]:
    """How many columns have joined, along each walk, before the first that must not."""
    most = len(place)
    a, b, c, d = most, most, most, most
    while kept_out:
        at = columns[lowest(kept_out)]
        kept_out &= kept_out - 1
        a, b = min(a, place[at, 0]), min(b, place[at, 1])
        c, d = min(c, place[at, 2]), min(d, place[at, 3])
    return a, b, c, d


@compiled
def _set_places(orders: Array, place: Array) -> None:
    """The place of each column in each order and in its reverse, (d, 4)."""
    r, d = orders.shape
    for w in range(r):
        for at in range(d):
            place[orders[w, at], 2 * w] = at
            place[orders[w, at], 2 * w + 1] = d - 1 - at


@compiled
def _set_pairs(steps: Array, orders: Array, base: Array, link: int, pairs: Array) -> None:
    """What each column adds to the output when it joins, mean of a walk and its reverse."""
    pairs[:] = 0.0
    d = orders.shape[1]
    before, after = np.zeros(len(base)), np.zeros(len(base))
    for w in range(len(steps)):
        margins = base + steps[w, 0]
        put_through(margins, link, before)
        for at in range(d):
            moved = False
            for o in range(len(base)):
                moved |= steps[w, at + 1, o] != 0.0
                margins[o] += steps[w, at + 1, o]
            if not moved:
                continue
            put_through(margins, link, after)
            column = orders[w // 2, at] if w % 2 == 0 else orders[w // 2, d - 1 - at]
            for o in range(len(base)):
                pairs[w // 2, column, o] += 0.5 * (after[o] - before[o])
                before[o] = after[o]


@compiled
def _add_moments(pairs: Array, values: Array, errors: Array) -> None:
    """Add the mean of the two pairs, and the squared standard error of that mean."""
    for column in range(values.shape[0]):
        for o in range(values.shape[1]):
            values[column, o] += 0.5 * (pairs[0, column, o] + pairs[1, column, o])
            errors[column, o] += 0.25 * (pairs[0, column, o] - pairs[1, column, o]) ** 2
