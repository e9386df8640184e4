"""Shapley values of tree ensembles in the user's own columns, compiled.

For an explained row and a background row, a leaf is reached by a coalition of columns exactly when the coalition holds
every column on the leaf's path where only the explained row passes and none where only the background row passes.
Columns are the user's: the encoded columns that come from one of them move together, so one-hot blocks are exact too,
which a sum over encoded columns is not. From these leaves follow, for each pair of rows,

- `exact`: the Shapley values of the margins in closed form (the method of interventional TreeSHAP);
- `cube`: the margins of every coalition, put through the link: exact, for few columns.

For many columns behind a link see `walking`. In both X is (n, e), B is (m, e), and `sizes` is (most leaves of a tree,
longest path in columns, d, k, deepest tree).

One file on purpose: what numba keeps on disk is renewed when this file changes, not when one it imports from does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mlcore.data.delimited.kernels.compiled import Array, compiled

Sizes = tuple[int, int, int, int, int]

IDENTITY, LOGISTIC, SOFTMAX, EXPONENTIAL = 0, 1, 2, 3

MASKED = 16  # columns on a path that are told by bits
PAIR = 30  # steps to find one leaf for one pair of rows, where telling a row by bits takes one for each node


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


class Masks(NamedTuple):
    """Memory of `_by_masks`: the way to a leaf, its columns, and how rows pass them.

    `mine` and `theirs` are the ways of the rows as bits, `kind` the distinct ones of the background with how `often`
    they occur; `line[bits]` is the line of `shares` that belongs to a way, or -1.
    """

    stack: Array
    path: Array
    slot: Array
    mine: Array
    theirs: Array
    line: Array
    kind: Array
    often: Array
    shares: Array


@compiled
def exact(forest: Forest, X: Array, B: Array, sizes: Sizes, share: Array) -> Array:
    """The mean over background rows of each pair's Shapley values on the margins, (n, d, k).

    `share[a, c]` is 1 / (a C(a + c, a)): what each of a columns inside gets of a leaf that c columns must stay out of.
    Where paths are short, rows that a leaf treats alike are counted together (the idea of Woodelf, Nadel 2025), so that
    a row costs the leaves, not the leaves times the background rows.
    """
    values, scratch, masks = np.zeros((len(X), sizes[2], sizes[3])), _scratch(sizes), _masks(sizes, len(X), len(B))
    for t in range(len(forest.roots)):
        start = forest.roots[t]
        end = forest.roots[t + 1] if t + 1 < len(forest.roots) else len(forest.value)
        x_left, b_left = _all_sides(forest, start, end, X), _all_sides(forest, start, end, B)
        into = values[:, :, forest.first[t] :]
        if _pays(forest, start, x_left, b_left, scratch, masks):
            _by_masks(forest, start, x_left, b_left, share, masks, into)
            continue
        for i in range(len(X)):
            for j in range(len(B)):
                count = _leaves(forest, start, start, x_left[i], b_left[j], scratch)
                if count > 1:
                    _share_out(forest, scratch, count, share, into[i])
    return values / len(B)


@compiled
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


@compiled
def _scratch(sizes: Sizes) -> Scratch:
    most, longest, d = sizes[0], sizes[1], sizes[2]
    return Scratch(
        np.zeros((longest + 2, 3), np.int64),
        np.zeros(d, np.int64),
        np.zeros(longest + 1, np.int64),
        np.zeros((most, 2), np.int64),
        np.zeros((most, longest + 1), np.int64),
    )


@compiled
def _sides(forest: Forest, start: int, end: int, row: Array, out: Array) -> None:
    """For nodes `start` to `end`: whether the row goes left there, into `out`."""
    for node in range(start, end):
        if forest.feature[node] >= 0:
            cell = row[forest.feature[node]]
            out[node - start] = forest.missing_left[node] if np.isnan(cell) else cell <= forest.threshold[node]


@compiled
def _all_sides(forest: Forest, start: int, end: int, rows: Array) -> Array:
    out = np.zeros((len(rows), end - start), np.bool_)
    for i in range(len(rows)):
        _sides(forest, start, end, rows[i], out[i])
    return out


@compiled
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


@compiled
def _masks(sizes: Sizes, n: int, m: int) -> Masks:
    return Masks(
        np.zeros((sizes[4] + 2, 2), np.int64),
        np.zeros(sizes[4] + 2, np.int64),
        np.zeros(sizes[4] + 2, np.int64),
        np.zeros(n, np.int64),
        np.zeros(m, np.int64),
        np.full(1 << MASKED, -1, np.int64),
        np.zeros(m, np.int64),
        np.zeros(m, np.int64),
        np.zeros((n, MASKED)),
    )


@compiled
def _pays(forest: Forest, root: int, x_left: Array, b_left: Array, scratch: Scratch, masks: Masks) -> bool:
    """Whether counting rows together takes fewer steps in this tree than going through it with every pair."""
    n, m, leaves, steps = len(x_left), len(b_left), 0, 0
    top = 1
    masks.stack[0, 0], masks.stack[0, 1] = root, 0
    while top > 0:
        top, depth = _next_leaf(forest, top, masks)
        width = _set_slots(forest, masks.path, depth, masks.slot)
        if width > MASKED:
            return False
        steps += depth * (n + m) + min(n, 1 << width) * min(m, 1 << width)
        leaves += 1
    reached, tried = 0, min(n, m, 4)
    for i in range(tried):
        reached += _leaves(forest, root, root, x_left[i], b_left[i], scratch)
    return steps * tried < PAIR * n * m * reached


@compiled
def _next_leaf(forest: Forest, top: int, masks: Masks) -> tuple[int, int]:
    """Go down to the next leaf, its nodes into `path`; what is left on the stack, and the nodes of the path."""
    top -= 1
    node, depth = masks.stack[top, 0], masks.stack[top, 1]
    while True:
        masks.path[depth] = node
        depth += 1
        if forest.column[node] < 0:
            return top, depth
        masks.stack[top, 0], masks.stack[top, 1] = forest.right[node], depth
        top += 1
        node = forest.left[node]


@compiled
def _by_masks(forest: Forest, root: int, x_left: Array, b_left: Array, share: Array, masks: Masks, into: Array) -> None:
    """Give every column of one tree its share, for all rows: by leaf, and by which of its columns a row passes."""
    top = 1
    masks.stack[0, 0], masks.stack[0, 1] = root, 0
    while top > 0:
        top, depth = _next_leaf(forest, top, masks)
        width = _set_slots(forest, masks.path, depth, masks.slot)
        if width == 0:
            continue
        _set_passed(forest, root, depth, width, masks, x_left, masks.mine)
        _set_passed(forest, root, depth, width, masks, b_left, masks.theirs)
        _set_shares(width, share, masks)
        leaf = masks.path[depth - 1]
        for i in range(len(masks.mine)):
            for at in range(width):
                gain = masks.shares[masks.mine[i], at]
                if gain != 0.0:
                    for o in range(forest.value.shape[1]):
                        into[i, masks.slot[at], o] += gain * forest.value[leaf, o]


@compiled
def _set_slots(forest: Forest, path: Array, depth: int, slot: Array) -> int:
    """The distinct columns on the way to a leaf, into `slot`; how many."""
    width = 0
    for at in range(depth - 1):
        column, known = forest.column[path[at]], False
        for before in range(width):
            known |= slot[before] == column
        if not known:
            slot[width] = column
            width += 1
    return width


@compiled
def _set_passed(forest: Forest, root: int, depth: int, width: int, masks: Masks, left: Array, passed: Array) -> None:
    """For each row the columns by which it may reach the leaf, as bits."""
    passed[:] = (1 << width) - 1
    for at in range(depth - 1):
        node, bit = masks.path[at], 0
        while masks.slot[bit] != forest.column[node]:
            bit += 1
        wanted, without = forest.left[node] == masks.path[at + 1], ~(1 << bit)
        for i in range(len(left)):
            if left[i, node - root] != wanted:
                passed[i] &= without


@compiled
def _set_shares(width: int, share: Array, masks: Masks) -> None:
    """What each column gets of a leaf worth 1, summed over the background rows, for each way to pass that occurs.

    In the end `mine` holds for every row the line of `shares` that is its own.
    """
    kinds = _counted(masks)
    full, lines = (1 << width) - 1, 0
    for i in range(len(masks.mine)):
        mine = masks.mine[i]
        if masks.line[mine] < 0:
            masks.line[mine] = lines
            masks.shares[lines, :width] = 0.0
            for kind in range(kinds):
                if mine | masks.kind[kind] == full:
                    _add_share(masks.shares[lines], mine, masks.kind[kind], masks.often[kind], width, share)
            lines += 1
    for i in range(len(masks.mine)):
        masks.mine[i] = masks.line[masks.mine[i]]
    masks.line[: full + 1] = -1


@compiled
def _counted(masks: Masks) -> int:
    """The ways in which background rows pass into `kind`, and how many of them into `often`; how many ways."""
    kinds = 0
    for theirs in masks.theirs:
        at = masks.line[theirs]
        if at < 0:
            at = kinds
            masks.line[theirs], masks.kind[at], masks.often[at] = at, theirs, 0
            kinds += 1
        masks.often[at] += 1
    for at in range(kinds):
        masks.line[masks.kind[at]] = -1
    return kinds


@compiled
def _add_share(into: Array, mine: int, theirs: int, times: int, width: int, share: Array) -> None:
    """Share a leaf between the columns that only one of the two rows passes."""
    inside, outside = 0, 0
    for at in range(width):
        inside += 1 - (theirs >> at & 1)
        outside += 1 - (mine >> at & 1)
    gain, loss = times * share[inside, outside], times * share[outside, inside]
    for at in range(width):
        if not theirs >> at & 1:
            into[at] += gain
        elif not mine >> at & 1:
            into[at] -= loss


@compiled
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


@compiled
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


@compiled
def _add_gains(margins: Array, outputs: Array, gains: Array, link: int, into: Array) -> None:
    """Put the margins of all coalitions through the link and add the Shapley values of the outputs."""
    for s in range(len(margins)):
        put_through(margins[s], link, outputs[s])
    for s in range(len(margins)):
        size = 0
        for column in range(len(gains)):
            size += s >> column & 1
        for column in range(len(gains)):
            if not s >> column & 1:
                for o in range(outputs.shape[1]):
                    into[column, o] += gains[size] * (outputs[s | 1 << column, o] - outputs[s, o])


@compiled
def put_through(margins: Array, link: int, out: Array) -> None:
    """One row of margins through the link."""
    if link == LOGISTIC:
        out[0] = 1.0 / (1.0 + np.exp(-margins[0]))
    elif link == EXPONENTIAL:
        out[0] = np.exp(margins[0])
    elif link == SOFTMAX:
        highest, total = margins.max(), 0.0
        for o in range(len(margins)):
            out[o] = np.exp(margins[o] - highest)
            total += out[o]
        for o in range(len(margins)):
            out[o] /= total
    else:
        out[:] = margins
