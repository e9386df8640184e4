"""The ways to explain a member, the most exact first; one that does not add up is never used again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from mlcore.evaluation.predictions import Floats, Integers
from mlcore.explanation.explainers import EXPLAINERS
from mlcore.explanation.members import Member
from mlcore.explanation.part import Contributions, Matrix, Method, NotMine

TOLERANCE = 1e-6  # of base + contributions - output: for probabilities as it is, for numbers times the largest of them
PROBES = ((2, 4), (5, 10), (10, 25), (40, 50))  # rows and background rows by which a way's speed is told
LONG = 0.1  # seconds; after a probe this long there is no larger one, which would tell more


class DoesNotAddUp(Exception):  # noqa: N818  # caught by whoever knows another member to explain instead
    """No way to explain the member adds up to what it says."""


class Ways:
    """One member with what it says about its rows, and the first of its ways that adds up.

    `fallback` makes the same member as a function of the user's cells, in case nothing works on encoded rows.
    """

    def __init__(self, member: Member, fallback: Callable[[], Member], seed: int) -> None:
        self.member = member
        self.output = member.part.outputs(member.X)
        self.background = member.background
        self._left = self._others(member, fallback, seed)
        self._dropped = ""
        self._current = next(self._left)

    def run(self, rows: Integers, backgrounds: Integers) -> Contributions:
        """Contributions, (n, d, k), that add up for these rows against these background rows."""
        while True:
            member, method = self._current
            found = _tried(method, member.X[rows], member.B[backgrounds])
            base = self.background[backgrounds].mean(axis=0)
            if found is not None and adds_up(base, found.values, self.output[rows]):
                return found
            self._dropped = method.words
            try:
                self._current = next(self._left)
            except StopIteration:
                raise DoesNotAddUp(self.member.part.title) from None

    def pair_seconds(self, enough: float) -> float:
        """Seconds for one row and one background row; what happens only once, such as compiling, is not counted.

        With at most `enough` for a pair, nothing beyond one pair is tried to tell it more closely.
        """
        self.run(np.arange(1), np.arange(1))
        least = self._seconds((1, 1))
        if least <= enough:
            return least
        for probe in PROBES:
            spent = self._seconds(probe)
            pairs = min(probe[0], len(self.output)) * min(probe[1], len(self.background))
            if spent > LONG:
                break
        return max(spent - least, 0.1 * spent) / max(1, pairs - 1)

    def _seconds(self, probe: tuple[int, int]) -> float:
        start = time.perf_counter()
        self.run(np.arange(min(probe[0], len(self.output))), np.arange(min(probe[1], len(self.background))))
        return time.perf_counter() - start

    @property
    def words(self) -> str:
        """How the member is explained, and what was dropped before."""
        dropped = f" (dropped, as it did not add up: {self._dropped})" if self._dropped else ""
        return f"{self.member.part.title}: {self._current[1].words}{dropped}"

    @staticmethod
    def _others(member: Member, fallback: Callable[[], Member], seed: int) -> Iterator[tuple[Member, Method]]:
        if member.part.estimator is not None:
            for explainer in EXPLAINERS:
                try:
                    yield member, explainer.method(member.part, seed)
                except NotMine:
                    continue
        raw = fallback()
        yield raw, EXPLAINERS["permutation"].method(raw.part, seed)


def _tried(method: Method, X: Matrix, B: Matrix) -> Contributions | None:
    """None when the way leads nowhere: an estimator of somebody's own may call `coef_` what is something else."""
    try:
        return method.run(X, B)
    except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError):
        return None


def error_of(base: Floats, values: Floats, output: Floats) -> float:
    """The largest |base + sum of contributions - output|; infinite when anything is not a number."""
    error = np.abs(base + values.sum(axis=1) - output)
    return float(error.max(initial=0.0)) if np.isfinite(error).all() else float("inf")


def adds_up(base: Floats, values: Floats, output: Floats) -> bool:
    """Whether the error is within `TOLERANCE`."""
    return error_of(base, values, output) <= TOLERANCE * max(1.0, float(np.abs(output).max(initial=0.0)))
