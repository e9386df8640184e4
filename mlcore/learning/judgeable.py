"""Whether the rounds in which models are judged can tell anything: checked before the first model is trained."""

from __future__ import annotations

import numpy as np

from mlcore.errors import GoalError
from mlcore.evaluation.predictions import Floats, Integers
from mlcore.findings import Finding
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Validation
from mlcore.learning.split import MOST_JUDGED, Split
from mlcore.learning.target import Target

LEAST_TRAINED = 10
SAMPLED = "judged_on_sample"


def judged(
    parts: Split, target: Target, goal: Goal, validation: Validation, weights: Floats | None = None
) -> tuple[Finding, ...]:
    """What is worth knowing about the rounds; `GoalError` when they could not judge any model.

    Rows whose weight is 0 are not learned from; None: all rows are.
    """
    pairs = list(parts.pairs())
    if not pairs:
        raise GoalError("The rows cannot be parted into a training and a test part", remedy=_unparted(goal))
    if (least := _least(pairs, parts.training)) < LEAST_TRAINED:
        raise GoalError(f"A model would have to learn from {least} rows only", remedy=_unparted(goal))
    if weights is not None:
        pairs = [(train[weights[train] > 0], test) for train, test in pairs]
        if (least := _least(pairs, parts.training[weights[parts.training] > 0])) < LEAST_TRAINED:
            raise GoalError(
                f"A model would have to learn from {least} rows that count, as all others weigh 0",
                where=f"column {goal.weight!r}",
                remedy="Give more rows a weight above 0, at all times and in every group, or train without it.",
            )
    found = () if not target.labels else _labels(parts, pairs, target, goal)
    return (*found, *_fewer(len(pairs), goal, validation), *_sampled(parts))


def _least(pairs: list[tuple[Integers, Integers]], training: Integers) -> int:
    """The fewest rows that a model of a round, or the final one, learns from."""
    return min(min(len(train) for train, _ in pairs), len(training))


def _unparted(goal: Goal) -> str:
    if goal.gap:
        return "Choose a shorter gap, or none."
    if goal.split is not None:
        return "Correct the split column, or train without it."
    return "Too many rows share one time or one group; choose another time or group column, or none."


def _labels(parts: Split, pairs: list[tuple[Integers, Integers]], target: Target, goal: Goal) -> tuple[Finding, ...]:
    codes, count = target.truth.astype(np.int64), len(target.labels)
    seen = np.array([np.bincount(codes[train], minlength=count) > 0 for train, _ in pairs])
    tested = np.array([np.bincount(codes[test], minlength=count) > 0 for _, test in pairs])
    never = [target.labels[code] for code in np.flatnonzero(~(tested & seen).any(axis=0))]
    where = _said(goal)
    if never and (count == 2 or len(never) >= count - 1):
        raise GoalError(
            f"No model could be judged on the label {never[0]!r}, because {where}",
            remedy=_remedy(goal),
        )
    missed = [
        (label, int((~seen[:, code]).sum())) for code, label in enumerate(target.labels) if not seen[:, code].all()
    ]
    locked = np.bincount(codes[parts.holdout & parts.scored], minlength=count) > 0
    gone = [label for code, label in enumerate(target.labels) if not locked[code]] if parts.holdout.any() else []
    found = []
    if missed or never:
        shown = ", ".join(f"{label!r} in {times} of {len(pairs)} rounds" for label, times in missed[:3])
        what = f"Not among the rows learned from: {shown}." if missed else ""
        what += f" Never judged on by a model that knows it: {', '.join(map(repr, never[:3]))}." if never else ""
        found.append(_finding("label_missing_in_round", "Some labels are missing in some rounds", what, where, goal))
    if gone:
        what = f"No locked row has the label {', '.join(map(repr, gone[:3]))}."
        found.append(_finding("label_missing_in_holdout", "The locked rows lack a label", what, where, goal))
    return tuple(found)


def _said(goal: Goal) -> str:
    if goal.split is not None:
        return f"{goal.split!r} leaves all its rows on one side"
    if goal.group is not None:
        return f"all its rows are in too few groups of {goal.group!r}"
    return f"all its rows lie close together in {goal.time!r}" if goal.time is not None else "its rows are too few"


def _remedy(goal: Goal) -> str:
    if goal.split is not None:
        return "Mark rows of every label for learning and for judging, or train without the split column."
    more = "more rows of such labels."
    if goal.group is not None:
        return f"Choose another group column, or none, or bring {more}"
    return f"Choose random rows as their order, or bring {more}" if goal.time is not None else f"Bring {more}"


def _finding(code: str, title: str, what: str, where: str, goal: Goal) -> Finding:
    return Finding(
        code=code,
        level="watch",
        title=title,
        what=what.strip(),
        why=f"What was not learned cannot be said, and what is not there cannot be judged; {where}.",
        remedy=_remedy(goal),
        columns=(goal.target,),
    )


def _fewer(rounds: int, goal: Goal, validation: Validation) -> tuple[Finding, ...]:
    asked = validation.folds * validation.repeats
    if rounds >= asked:
        return ()
    cause = "so many rows share one time" if goal.time is not None else "so many rows belong together"
    return (
        Finding(
            code="fewer_rounds",
            level="watch",
            title="Fewer rounds than planned",
            what=f"{rounds} of {asked} rounds are left, because {'the gap or ' if goal.gap else ''}{cause}.",
            why="Fewer rounds make the scores less sure.",
            remedy="Nothing to do, or choose a shorter gap, or another time or group column.",
        ),
    )


def _sampled(parts: Split) -> tuple[Finding, ...]:
    judged, able = int(parts.judged.sum()), int(((parts.folds[0] >= 0) & ~parts.holdout).sum())
    if judged == able or judged < 0.99 * MOST_JUDGED:
        return ()
    return (
        Finding(
            code=SAMPLED,
            level="note",
            title="Models are judged on a sample",
            what=f"Scored on {judged:,} of {able:,} rows, drawn at random from every round.",
            why="More rows would say the same, and leave less time for models.",
            remedy="Nothing to do.",
        ),
    )
