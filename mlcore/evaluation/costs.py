"""What answers are worth in practice: a gain or a cost for each way in which a yes or a no can turn out."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What one case gains (above 0) or costs (below 0), in any one unit.

    `tp`: it said yes and it was one. `fp`: it said yes and it was none. `fn`: it missed a yes. `tn`: a right no.
    """

    tp: float = 0.0
    fp: float = 0.0
    fn: float = 0.0
    tn: float = 0.0

    @property
    def finite(self) -> bool:
        """Whether every amount is a finite number; nothing can be decided by others."""
        return all(math.isfinite(amount) for amount in (self.tp, self.fp, self.fn, self.tn))

    @property
    def sensible(self) -> bool:
        """Whether being right is worth more than being wrong, for a yes as for a no; else all get one answer."""
        return self.tp > self.fn and self.tn > self.fp

    @property
    def threshold(self) -> float:
        """The probability from which saying yes is worth more on average: by the costs alone, no row is looked at.

        Elkan, "The foundations of cost-sensitive learning", IJCAI 2001. Holds for probabilities that can be believed.
        """
        false_yes, right_yes = self.tn - self.fp, self.tp - self.fn
        return false_yes / (false_yes + right_yes)
