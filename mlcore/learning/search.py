"""Where the next candidate is looked for once the portfolio is through: near the leaders, within published ranges.

Random local search: take one of the best candidates, the better and quicker the likelier, and move a few of its
settings. For the few dozen fits that a budget of minutes allows, drawing at random around good starting points is as
good as modelling what was seen (Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012;
Wang et al., "FLAML", MLSys 2021, searches locally from good starting points for the same reason). Needs numpy only.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.evaluation.metrics.metric import Metric
from mlcore.learning.folder import ADDED
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.kind import Range
from mlcore.learning.plan import Candidate, Validation
from mlcore.learning.run import Trial, best_first
from mlcore.params import Value

LEADERS = 4  # kinds of models that are varied
FALLING = 0.5  # how much less likely each next leader is taken
MOVED = 0.5  # the chance that a setting is moved
AFRESH = 0.1  # the chance that a moved setting is drawn from its whole range
STEP = 0.25  # the standard deviation of a move, as a share of the range
TRIES = 20


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A candidate and what came of it."""

    candidate: Candidate
    trial: Trial


def proposal(tried: Sequence[Tried], metric: Metric, *, number: int, seed: int, within: float) -> Candidate | None:
    """Candidate `number` of the search, or None when no leader can be varied within so many seconds.

    Equal for an equal seed and equal trials. Its parent is the leader that it varies.
    """
    leaders = _leaders(tried, metric, within)
    if not leaders:
        return None
    chance = np.random.default_rng([seed, number])
    known = {_identity(one.candidate.model, one.candidate.params) for one in tried}
    odds = np.array([FALLING**rank / math.sqrt(cost(one.trial)) for rank, one in enumerate(leaders)])
    for _ in range(TRIES):
        parent = leaders[int(chance.choice(len(leaders), p=odds / odds.sum()))].candidate
        kind = MODELS[parent.model]
        params = {**parent.params, **_moved(kind, parent, chance)}
        if _identity(kind.key, params) not in known:
            return Candidate(
                key=f"{kind.key}{ADDED}{number}",
                model=kind.key,
                title=f"{kind.title}, variation {number}",
                params=params,
                rows=parent.rows,
                parent=parent.key,
            )
    return None


def cost(trial: Trial) -> float:
    """Seconds that one round of folds of this trial takes."""
    return max(trial.round_seconds or trial.seconds, 0.05)


def fit_seconds(trial: Trial, validation: Validation) -> float:
    """Seconds that one fit of this trial takes: a round has one for each fold, and the last."""
    return cost(trial) / (validation.folds + 1)


def _leaders(tried: Sequence[Tried], metric: Metric, within: float) -> list[Tried]:
    """The best trial of each kind that can be varied, best first."""
    able = {one.trial.key: one for one in tried if MODELS[one.trial.model].search and cost(one.trial) <= within}
    best: dict[str, Tried] = {}
    for trial in best_first((one.trial for one in able.values()), metric):
        best.setdefault(trial.model, able[trial.key])
    return list(best.values())[:LEADERS]


def _moved(kind: ModelKind, parent: Candidate, chance: np.random.Generator) -> dict[str, Value]:
    """New values for at least one of the settings that are worth searching."""
    present = kind.settings(parent.params)
    chosen = [place for place in kind.search if chance.random() < MOVED]
    chosen = chosen or [kind.search[int(chance.integers(len(kind.search)))]]
    return {place.key: _drawn(place, present[place.key], kind, chance) for place in chosen}


def _drawn(place: Range, present: Value, kind: ModelKind, chance: np.random.Generator) -> Value:
    own = _scaled(place, float(present or 0.0))  # of a configuration for wide tables it may lie beyond the range
    low, high = _scaled(place, place.low), _scaled(place, place.high)
    if present:
        low, high = min(low, own), max(high, own)
    if chance.random() < AFRESH:
        at = chance.uniform(low, high)
    else:
        at = np.clip(own + chance.normal(0, STEP * (high - low)), low, high)
    value = float(math.exp(at)) if place.log else float(at)
    (param,) = [param for param in kind.params if param.key == place.key]
    return round(value) if param.kind == "integer" else float(f"{value:.3g}")


def _scaled(place: Range, value: float) -> float:
    return math.log(max(value, 1e-12)) if place.log else value


def _identity(model: str, params: Any) -> tuple[Any, ...]:
    return (model, *sorted(MODELS[model].settings(params).items()))
