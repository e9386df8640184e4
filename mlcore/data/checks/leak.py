"""Columns that give the target away: one of them alone predicts it, on rows it was not learned from."""

from __future__ import annotations

from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.data.relations import TargetRelation
from mlcore.findings import Finding

WATCH, STOP = 0.85, 0.975
"""AUC or R² of one column alone from which it is suspicious, and from which it is left out."""

WHY = "A column that is filled in with or after the outcome makes a model that fails when it is used."


def _findings(look: Look) -> tuple[Finding, ...]:
    names = {column.name for column in look.features}
    strong = [(name, found) for name, found in look.relations.items() if name in names and found.value >= WATCH]
    strong.sort(key=lambda pair: -pair[1].value)
    suspicious = [pair for pair in strong if pair[1].value < STOP]
    certain = tuple(_certain(look, name, found) for name, found in strong if found.value >= STOP)
    return (*certain, _suspicious(look, suspicious)) if suspicious else certain


def _certain(look: Look, name: str, relation: TargetRelation) -> Finding:
    return Finding(
        code="leak",
        level="stop",
        title=f"'{name}' gives the target away",
        what=f"On its own it predicts '{look.target}' with {relation.measure} {relation.value:.3f} "
        f"(1 is perfect), {look.basis}.",
        why=WHY,
        remedy="It is left out of the model. Keep it only if its value is known before the outcome.",
        columns=(name,),
    )


def _suspicious(look: Look, found: list[tuple[str, TargetRelation]]) -> Finding:
    """One finding for all of them: a table whose columns are simply good would otherwise bury the rest."""
    (first, relation), more = found[0], len(found) - 1
    each = f"On its own '{first}' predicts '{look.target}' with {relation.measure} {relation.value:.3f} (1 is perfect)"
    others = f"; {more} more {'column is' if more == 1 else 'columns are'} above {WATCH}" if more else ""
    return Finding(
        code="leak",
        level="watch",
        title=f"'{first}' predicts the target suspiciously well"
        if not more
        else f"{more + 1} columns each predict the target suspiciously well",
        what=f"{each}{others}, {look.basis}.",
        why=WHY,
        remedy="Make sure that these values are known before the outcome; leave out those that are not.",
        columns=tuple(name for name, _ in found),
    )


LEAK = Check(
    key="leak",
    title="Columns that give the target away",
    question="Does one column alone predict the target too well to be true?",
    findings=_findings,
)
