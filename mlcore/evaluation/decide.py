"""From costs and a capacity to a threshold, and what the decision is worth beside doing nothing, all, or as before.

Where probabilities can be believed the threshold follows from the costs alone (Elkan, "The foundations of
cost-sensitive learning", 2001). Else the one that would have been worth most on rows the model had not seen is taken,
and what it gained by being chosen on them is taken off its value (the optimism of Efron 1983, estimated by choosing
again in every draw). A capacity raises the threshold to the score that no more cases pass than can be seen to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlcore.data.amounts import percent
from mlcore.errors import UserError
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.policy import Band, Capacity, check_costs
from mlcore.evaluation.predictions import Floats
from mlcore.evaluation.worth import Drawn, Mask, Sure, believable, worth_at_cuts, worth_of

By = Literal["costs", "rows", "capacity", "you"]

WHY: dict[By, str] = {
    "costs": "it follows from your amounts, as its probabilities can be taken at their word",
    "rows": "it was worth most on rows the model had not seen, as its probabilities are off and cannot be taken "
    "at their word",
    "capacity": "no more cases can be seen to",
    "you": "you chose it",
}


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A threshold, why it is that, and by how much its value flatters because it was chosen on the same rows."""

    threshold: float
    by: By
    optimism: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Option:
    """A way to decide: `share` of cases called yes, what a case is `worth`, and by how much the model is `better`."""

    key: Literal["model", "nobody", "everybody", "present"]
    title: str
    share: float
    worth: Sure
    better: Sure | None = None


@dataclass(frozen=True, kw_only=True)
class Even:
    """Where the decision stops paying. Each is None where no amount or share would make a difference.

    `prevalence` is the share of yes cases below which doing nothing is worth as much, `upper` that above which calling
    everybody is; `false_yes` what a false yes may be worth at the least.
    """

    prevalence: Sure | None
    upper: Sure | None
    false_yes: Sure | None


@dataclass(frozen=True, kw_only=True)
class Referred:
    """Cases for a person: their share, and how often the answers are wrong to all others, and to all."""

    share: Sure
    wrong: Sure
    wrong_before: Sure


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A threshold with what it is worth a case, in the unit of the costs, on `n` rows the model had not seen.

    `right` is how often a yes is right, `found` how many of the yes cases are called so.
    """

    cut: Cut
    n: int
    prevalence: float
    right: Sure
    found: Sure
    options: tuple[Option, ...]
    even: Even

    def __getitem__(self, key: str) -> Option:
        for option in self.options:
            if option.key == key:
                return option
        raise KeyError(key)


def cut_for(made: Drawn, costs: Costs, *, capacity: Capacity | None = None, volume: float | None = None) -> Cut:
    """The threshold for these costs and a capacity; `volume` is how many cases come a month."""
    check_costs(costs)
    if believable(made):
        cut = Cut(threshold=costs.threshold, by="costs")
    else:
        worth = worth_at_cuts(made, costs)
        best = _middle(worth[0])
        chosen = worth[1:].argmax(axis=1)
        flattered = worth[1:][np.arange(len(chosen)), chosen] - worth[0][chosen]
        cut = Cut(threshold=float(made.cuts[best]), by="rows", optimism=max(0.0, float(flattered.mean())))
    return cut if capacity is None else _within(made, cut, capacity, volume)


def _middle(worth: Floats) -> int:
    """The place of the highest worth; the middle one of equals."""
    best = np.flatnonzero(worth >= worth.max() - 1e-12 * max(1.0, abs(float(worth.max()))))
    return int(best[len(best) // 2])


def _within(made: Drawn, cut: Cut, capacity: Capacity, volume: float | None) -> Cut:
    if volume is None:
        raise UserError(
            "A capacity needs to know how many cases come", remedy="Say how many cases there are in a month."
        )
    room = capacity.monthly / volume
    if room >= 1.0:
        able = f"You can see to {capacity.monthly:,.0f} cases a month"
        note = f"{able} and only {volume:,.0f} come, so the capacity never binds."
        return Cut(threshold=cut.threshold, by=cut.by, optimism=cut.optimism, notes=(note,))
    weights = made.weights[0].astype(np.float64)
    if float(weights[made.score >= cut.threshold].sum() / weights.sum()) <= room:
        return cut
    ordered = made.score[made.order]
    taken = np.cumsum(weights[made.order]) / weights.sum()
    ends = np.flatnonzero(np.append(np.diff(ordered) != 0, True))
    fits = ends[taken[ends] <= room + 1e-12]
    if not len(fits):
        first = float(taken[ends[0]])
        raise UserError(
            f"The highest probability is shared by {percent(first)} of cases, more than the {percent(room)} that can "
            "be seen to",
            remedy="Raise the capacity, or choose a model that tells cases apart more finely.",
        )
    threshold = float(ordered[fits[-1]])
    share = float(taken[fits[-1]])
    tied = f"Equal probabilities cannot be told apart, so only {percent(share, 1)} of cases are called."
    return Cut(threshold=threshold, by="capacity", notes=(tied,) if share < 0.9 * room else ())


def decision(
    made: Drawn, costs: Costs, cut: Cut, *, says_yes: Mask | None = None, present: Mask | None = None, named: str = ""
) -> Decision:
    """What deciding at this cut is worth, beside doing nothing, calling everybody, and the `present` rule.

    `says_yes` are the cases that the whole policy calls yes, where rules change what the threshold says. `named` says
    what the present rule is.
    """
    check_costs(costs)
    yes = made.score >= cut.threshold if says_yes is None else says_yes
    whole = np.ones(len(made.score), dtype=bool)
    mine = worth_of(made, costs, yes) - cut.optimism
    others: list[tuple[Literal["nobody", "everybody", "present"], str, Mask]] = [
        ("nobody", "Calling nobody", ~whole),
        ("everybody", "Calling everybody", whole),
    ]
    others += [] if present is None else [("present", named or "As it is done now", present)]
    options = [Option(key="model", title="This decision rule", share=_share(made, yes), worth=made.sure(mine))]
    for key, title, mask in others:
        theirs = worth_of(made, costs, mask)
        options.append(
            Option(
                key=key, title=title, share=_share(made, mask), worth=made.sure(theirs), better=made.sure(mine - theirs)
            )
        )
    hits, called = made.mean((yes & made.positive).astype(np.float64)), made.mean(yes.astype(np.float64))
    happened = made.mean(made.positive.astype(np.float64))
    return Decision(
        cut=cut,
        n=made.cases.n,
        prevalence=float(happened[0]),
        right=made.sure(_ratio(hits, called)),
        found=made.sure(_ratio(hits, happened)),
        options=tuple(options),
        even=_even(made, costs, yes),
    )


def _share(made: Drawn, mask: Mask) -> float:
    return float(made.mean(mask.astype(np.float64))[0])


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0))


def rates(made: Drawn, yes: Mask) -> tuple[Floats, Floats]:
    """The share of yes cases called yes, and of the others, (d + 1,) each."""
    happened = made.mean(made.positive.astype(np.float64))
    hits = _ratio(made.mean((yes & made.positive).astype(np.float64)), happened)
    false = _ratio(made.mean((yes & ~made.positive).astype(np.float64)), 1.0 - happened)
    return hits, false


def _even(made: Drawn, costs: Costs, yes: Mask) -> Even:
    hits, false = rates(made, yes)
    gain, loss = costs.tp - costs.fn, costs.tn - costs.fp
    happened = made.mean(made.positive.astype(np.float64))
    lower = _ratio(false * loss, false * loss + hits * gain)
    upper = _ratio((1 - false) * loss, (1 - false) * loss + (1 - hits) * gain)
    least = costs.tn - _ratio(happened * hits * gain, (1 - happened) * false)
    return Even(
        prevalence=_bounded(made.sure(lower)) if np.isfinite(lower[0]) else None,
        upper=_bounded(made.sure(upper)) if np.isfinite(upper[0]) else None,
        false_yes=made.sure(least) if np.isfinite(least[0]) else None,
    )


def _bounded(found: Sure) -> Sure:
    """A share with its bounds inside 0 to 1."""
    return Sure(found.value, max(0.0, found.low), min(1.0, found.high))


def band_for(made: Drawn, threshold: float, share: float) -> Band | None:
    """The probabilities nearest to the threshold that up to this share of cases have; None when it would be empty."""
    far = np.abs(made.score - threshold)
    order = np.argsort(far, kind="stable")
    taken = np.cumsum(made.weights[0][order], dtype=np.float64) / float(made.weights[0].sum(dtype=np.float64))
    ends = np.flatnonzero(np.append(np.diff(far[order]) != 0, True))
    fits = ends[taken[ends] <= share + 1e-9]
    if not len(fits) or share <= 0.0:
        return None
    reach = float(far[order][fits[-1]]) + 1e-9
    low, high = max(0.0, threshold - reach), min(1.0, threshold + reach)
    return Band(low=low, high=high) if low < high else None


def referred(made: Drawn, threshold: float, band: Band) -> Referred:
    """What a band for a person does to how often the answers given are wrong."""
    wrong = (made.score >= threshold) != made.positive
    away = (made.score >= band.low) & (made.score < band.high)
    share = made.mean(away.astype(np.float64))
    left = _ratio(made.mean((wrong & ~away).astype(np.float64)), 1.0 - share)
    return Referred(
        share=_bounded(made.sure(share)),
        wrong=_bounded(made.sure(left)),
        wrong_before=_bounded(made.sure(made.mean(wrong.astype(np.float64)))),
    )
