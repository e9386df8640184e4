"""Rows dealt at random: whole blocks, every stratum spread evenly."""

from __future__ import annotations

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.learning.split.rows import Rows

CAREFUL = 2_000  # so many of the largest blocks are dealt one by one


def part(rows: Rows, chosen: Integers, share: float, generator: np.random.Generator) -> Integers:
    """About `share` of the chosen rows, whole blocks, by strata."""
    taken: Integers = chosen[deal(rows, chosen, np.array([share, 1 - share]), generator) == 0]
    return taken


def deal(rows: Rows, chosen: Integers, shares: Floats, generator: np.random.Generator) -> Integers:
    """Each chosen row's hand, 0 … len(shares) - 1: whole blocks, hands of the asked size, strata spread evenly."""
    _, block, sizes = np.unique(rows.blocks[chosen], return_inverse=True, return_counts=True)
    if sizes.max(initial=1) == 1:
        return _deal_singles(rows.strata[chosen], shares, generator)
    _, stratum = np.unique(rows.strata[chosen], return_inverse=True)
    counts = np.zeros((len(sizes), int(stratum.max()) + 1), dtype=np.int64)
    np.add.at(counts, (block, stratum), 1)
    shuffled = generator.permutation(len(sizes))
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    one_by_one = min(int((sizes > 1).sum()), CAREFUL)
    hands = np.empty(len(sizes), dtype=np.int64)
    held = _deal_blocks(counts, order[:one_by_one], shares, hands)
    rest = generator.permutation(order[one_by_one:])
    kinds = counts[rest].argmax(axis=1)
    for kind in np.unique(kinds):
        members = rest[kinds == kind]
        wanted = shares * counts[:, kind].sum() - held[:, kind]
        hands[members] = _fill(len(members), np.maximum(wanted, 0), generator)
    return hands[block]


def _deal_blocks(counts: Integers, order: Integers, shares: Floats, hands: Integers) -> Floats:
    """Give each block of several rows, largest first, to the hand that lacks its strata most; returns what is held."""
    totals = counts.sum(axis=0)
    target = np.outer(shares, totals).astype(np.float64)
    held = np.zeros_like(target)
    scale = np.maximum(totals, 1)
    size = np.maximum(shares * totals.sum(), 1)
    for block in order:
        need = ((target - held) / scale) @ counts[block] / counts[block].sum() / shares
        fullness = held.sum(axis=1) / size
        hand = int(np.argmax(need - 0.5 * fullness))
        hands[block] = hand
        held[hand] += counts[block]
    return held


def _deal_singles(strata: Integers, shares: Floats, generator: np.random.Generator) -> Integers:
    """Two hands of any share, or several even ones: every stratum in proportion, remainders run on to the next."""
    hands = np.empty(len(strata), dtype=np.int64)
    shuffled = generator.permutation(len(strata))
    order = shuffled[np.argsort(strata[shuffled], kind="stable")]
    start = generator.random()
    if len(shares) == 2:
        steps = np.floor(np.arange(len(order) + 1) * shares[0] + start)
        hands[order] = np.where(np.diff(steps) > 0, 0, 1)
    else:
        hands[order] = (np.arange(len(order)) + int(start * len(shares))) % len(shares)
    return hands


def _fill(n: int, wanted: Floats, generator: np.random.Generator) -> Integers:
    """n hands in proportion to what each still wants."""
    total = wanted.sum()
    shares = wanted / total if total > 0 else np.full(len(wanted), 1 / len(wanted))
    edges = np.floor(np.cumsum(shares) * n + generator.random())
    edges[-1] = n
    return np.searchsorted(np.minimum(edges, n), np.arange(n), side="right").astype(np.int64)
