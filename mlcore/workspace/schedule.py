"""What a run does next: pure decisions from what has been tried, what it took, and the time that is left."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.metrics.metric import Metric
from mlcore.learning.blocks import INTAKES, MOST_CELLS
from mlcore.learning.costs import depth
from mlcore.learning.folder import ADDED
from mlcore.learning.models import MODELS
from mlcore.learning.plan import Candidate, Plan
from mlcore.learning.rounds import LAST_SHARE, SHARE, part_kept
from mlcore.learning.run import Trial, best_first, has_model
from mlcore.learning.search import Tried, cost, proposal

LEAST_SECONDS = 1.0
"""A candidate that would have less than this is not started."""

FIRST_SECONDS = 15.0
"""The baseline gets at least this, so that a run on a slow machine has something to stand on."""

SEARCHED = 0.5
"""The share of the time that is kept free of further rounds of folds when there is a search."""

QUICK, OVERDUE_SECONDS = 1.5, 60.0
"""A model that should cost no more CPU seconds than this is tried after the end, too, while there is none: a yardstick
alone is of no use. Not when the time has been up for a minute."""

LARGEST_SHARE = 0.6
"""A candidate may take this part of the time that is left, and more where few are waiting."""

STOPPED_EARLY = 0.25
"""A boosted model, or a forest, that has this part of its time is still worth having."""

PROMOTED = 2
"""So many of the best candidates that learned from a part of the rows learn from more of them."""

WORTH_IT = 1.5
"""How many times more rows that must be."""

STALE = 60
"""A search ends when so many candidates in a row were no better."""

MORE_ROWS = "-more"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A candidate's turn: the seconds it may take, its fair share, within which it may do more than it must, and how
    many threads it uses."""

    candidate: Candidate
    seconds: float
    fair: float
    threads: int = 1


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a run stands.

    `costs` are the foretold seconds of the candidates by key, `trials` what came of them, of those that have not begun
    "waiting"; `rows` counts the rows to train on; `left` are the seconds until candidates must end, of `whole` when the
    first began, with `lanes` of them side by side.
    """

    plan: Plan
    candidates: Sequence[Candidate]
    costs: Mapping[str, float]
    trials: Mapping[str, Trial]
    rows: int
    left: float
    whole: float
    lanes: int

    def next(self) -> Turn | None:
        """The plan's candidates in their order, those left out that would not end in time; then variations.

        Where candidates learn from a part of the rows, the second half of the time begins with the best of them
        learning from more.
        """
        waiting = [one for one in self.candidates if self.trials[one.key].state == "waiting"]
        if waiting and waiting[0].model == "baseline":
            return self._turn(waiting[0], len(waiting))
        if self.left < LEAST_SECONDS:
            return self._overdue(waiting)
        ready = [one for one in waiting if self._least(one) <= self.left]
        if not ready or self.left < self.whole / 2:
            promoted = self._promoted()
            if promoted is not None:
                return Turn(candidate=promoted, seconds=self.left, fair=0.0, threads=1 if self._busy else self.lanes)
        if ready:
            return self._turn(ready[0], len(waiting))
        varied = self._varied() if self.plan.search and not self._stale() else None
        return self._overdue(waiting) if varied is None else self._turn(varied, 0)

    def _overdue(self, waiting: Sequence[Candidate]) -> Turn | None:
        """The first quick model, whatever time is left, as long as no model has ended well and none is under way."""
        real = [one for one in waiting if MODELS[one.model].family != "baseline" and self.costs[one.key] <= QUICK]
        if not real or has_model(self.trials.values()) or self._under_way or self.left < -OVERDUE_SECONDS:
            return None
        return Turn(candidate=real[0], seconds=FIRST_SECONDS, fair=0.0)

    @property
    def _under_way(self) -> bool:
        running = (trial.model for trial in self.trials.values() if trial.state == "running")
        return any(MODELS[model].family != "baseline" for model in running if model in MODELS)

    @property
    def _busy(self) -> bool:
        """Whether others will run beside: threads that wait for each other on cores they have to share crawl."""
        others = any(trial.state in ("waiting", "running") for trial in self.trials.values())
        return others or self.plan.search

    @property
    def _metric(self) -> Metric:
        return METRICS[self.plan.goal.metric]

    def expected(self, candidate: Candidate) -> float:
        """Seconds that one round of folds of it should take: as foretold, corrected by what its kind took so far, or
        all that was seen as long as nothing of its kind was; what one that is varied took."""
        if candidate.parent and candidate.key not in self.costs:
            return cost(self.trials[candidate.parent])
        timed = (trial for trial in self.trials.values() if trial.round_seconds is not None and trial.key in self.costs)
        seen = [trial for trial in timed if trial.model != "baseline"]  # which takes what starting up takes
        same = [trial for trial in seen if trial.model == candidate.model]
        longer = [cost(trial) / self.costs[trial.key] for trial in same or seen]
        return self.costs[candidate.key] * (statistics.median(longer) if longer else 1.0)

    def _least(self, candidate: Candidate) -> float:
        """Seconds that it cannot do with less of: what grows step by step stops when its time is up."""
        kind, expected = MODELS[candidate.model], self.expected(candidate)
        if kind.grow is None and kind.plant is None:
            return expected
        aside = min(self._aside, expected)
        return max(aside + STOPPED_EARLY * (expected - aside), self._growing(candidate))

    @property
    def _aside(self) -> float:
        """What any candidate needs for reading and scoring: as much as the quickest took that looked at columns."""
        timed = (trial for trial in self.trials.values() if trial.round_seconds is not None and trial.key in self.costs)
        return min((cost(trial) for trial in timed if trial.model != "baseline"), default=0.0)

    def _growing(self, candidate: Candidate) -> float:
        """Seconds until a boosted model has grown enough, from what a round of its kind took in this run; 0 where no
        such round was seen."""
        kind, each, gone = MODELS[candidate.model], list[float](), 0.0
        for one in self.candidates:
            trial = self.trials[one.key]
            if one.model == candidate.model and trial.rounds and one.key in self.costs:
                round_ = max(cost(trial) - self._aside, 0.0) / trial.rounds
                each.append(round_ * depth(candidate) / depth(one))
                gone = max(gone, trial.rounds / max(1, kind.enough(one.params)))
        if not each:
            return 0.0
        kept = part_kept(self.plan.validation, self.rows, len(self.plan.schema.features))
        rounds = kind.enough(candidate.params) * min(1.0, gone)
        return self._aside + statistics.median(each) * rounds / (LAST_SHARE if kept else SHARE)

    def _turn(self, candidate: Candidate, waiting: int) -> Turn:
        """A few fair shares of what is left, at least a good part of it, so that one cannot eat it all; all of it as
        long as there is no model at all."""
        share = self.left * self.lanes / max(1, waiting)
        seconds = min(self.left, max(4 * share, LARGEST_SHARE * self.left, self._least(candidate)))
        if MODELS[candidate.model].family != "baseline" and not has_model(self.trials.values()):
            seconds = self.left
        least = FIRST_SECONDS if candidate.model == "baseline" else LEAST_SECONDS
        fair = share * (1 - SEARCHED) if self.plan.search else share
        return Turn(candidate=candidate, seconds=max(seconds, least), fair=fair)

    def _stale(self) -> bool:
        """Whether so many variations in a row were no better that further ones are not worth anyone's time."""
        trials = (self.trials[one.key] for one in self.candidates)
        ended = [trial for trial in trials if trial.state not in ("waiting", "running")]
        gains = [-math.inf if trial.score is None else self._metric.gain(trial.score, 0.0) for trial in ended]
        return len(gains) > STALE and max(gains[-STALE:]) <= max(gains[:-STALE])

    def _varied(self) -> Candidate | None:
        number = 1 + sum(ADDED in one.key for one in self.candidates)
        tried = [Tried(candidate=one, trial=self.trials[one.key]) for one in self.candidates]
        return proposal(tried, self._metric, number=number, seed=self.plan.seed, within=self.left)

    def _promoted(self) -> Candidate | None:
        """The best of those that learned from a part of the rows, to learn from as many as time allows; one by one."""
        if any(key.endswith(MORE_ROWS) and trial.state == "running" for key, trial in self.trials.items()):
            return None
        able = {one.key: one for one in self.candidates if one.rows and not one.key.endswith(MORE_ROWS)}
        able = {key: one for key, one in able.items() if MODELS[one.model].family != "baseline"}
        ranked = best_first((self.trials[key] for key in able), self._metric)
        for trial in ranked[:PROMOTED]:
            if not self._may_lead(trial, ranked[0]):
                continue
            part = able[trial.key]
            key = f"{part.key}{MORE_ROWS}"
            rows = min(self._most_rows(part), int(part.rows * 0.7 * self.left / cost(trial)))
            if key not in self.trials and rows >= WORTH_IT * part.rows:
                title = f"{part.title}, {'all rows' if rows == self.rows else 'more rows'}"
                return replace(part, key=key, title=title, rows=0 if rows == self.rows else rows, parent=part.key)
        return None

    def _may_lead(self, trial: Trial, best: Trial) -> bool:
        """Whether more rows could make it the best: hardly beyond what it scores on rows that it learned from."""
        if trial.train_score is None or best.score is None:
            return True
        return self._metric.gain(trial.train_score, best.score) > 0

    def _most_rows(self, candidate: Candidate) -> int:
        """All rows for models that are given them in blocks, else as many as may be encoded at once."""
        if MODELS[candidate.model].intake in INTAKES:
            return self.rows
        return min(self.rows, MOST_CELLS // max(1, len(self.plan.schema.features)))
