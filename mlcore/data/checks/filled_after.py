"""Gaps that tell the outcome: columns filled in only once it is known, and columns more often empty for one answer."""

from __future__ import annotations

from mlcore.data.chance import adjusted
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check, listed
from mlcore.data.checks.leak import LEFT_OUT, STOP, WATCH, WHY
from mlcore.data.gaps import Gaps
from mlcore.data.look import Look
from mlcore.findings import Finding

_APART = 0.15
"""How far apart the shares of gaps of two answers are before they are worth a word (0.4: before they are a warning)."""

_SHIFT = 0.5
"""The same for a target of numbers: standard deviations between rows with and without a value."""


def _after(look: Look) -> tuple[Finding, ...]:
    return tuple(_afterwards(look, gaps) for gaps in look.gaps if gaps.value >= WATCH or gaps.only)


def _by_target(look: Look) -> tuple[Finding, ...]:
    milder = [gaps for gaps in look.gaps if gaps.value < WATCH and not gaps.only]
    sure = adjusted([gaps.chance for gaps in milder]) < 0.001
    least = _APART if look.is_classes else _SHIFT
    found = [gaps for gaps, is_sure in zip(milder, sure, strict=True) if is_sure and gaps.apart >= least]
    if not found:
        return ()
    found.sort(key=lambda gaps: -gaps.apart)
    names = [gaps.name for gaps in found]
    strong = found[0].apart >= (0.4 if look.is_classes else 1.0)
    return (
        Finding(
            code="missing_by_target",
            level="watch" if strong else "note",
            title="Gaps that go with the target",
            what=f"How often {listed(names)} {'is' if len(names) == 1 else 'are'} empty differs with '{look.target}': "
            f"{found[0].said}, {look.basis}.",
            why="If a value is missing because of how the outcome was recorded, the gap itself gives the target away.",
            remedy="Find out when these values are entered; leave out what is entered with or after the outcome.",
            columns=tuple(names),
            fixes=(fixes.leave_out(names),),
        ),
    )


def _afterwards(look: Look, gaps: Gaps) -> Finding:
    perfect = gaps.value >= STOP
    seen = (
        f"filled in {gaps.filled:,} rows, nearly all of them with '{look.target}' = '{gaps.only}'" if gaps.only else ""
    )
    measure = "AUC" if look.is_classes else "R²"
    alone = f"whether it is filled predicts '{look.target}' with {measure} {gaps.value:.3f} (1 is perfect)"
    return Finding(
        code="filled_after",
        level="stop" if perfect else "watch",
        title=f"'{gaps.name}' is filled in only after the outcome",
        what=f"It is {seen}; {alone}, {look.basis}." if seen else f"{alone[0].upper()}{alone[1:]}, {look.basis}.",
        why=WHY,
        remedy=LEFT_OUT if perfect else "Leave it out unless its value is known before the outcome.",
        columns=(gaps.name,),
        fixes=(fixes.leave_out([gaps.name]),),
    )


FILLED_AFTER = Check(
    key="filled_after",
    title="Columns filled in after the outcome",
    question="Is any column filled only where the outcome is known to have happened?",
    area="leakage",
    findings=_after,
)

MISSING_BY_TARGET = Check(
    key="missing_by_target",
    title="Gaps that go with the target",
    question="Is any column empty more often for one answer than for another?",
    area="leakage",
    findings=_by_target,
)
