"""Columns that give the target away: one of them alone predicts it, on rows it was not learned from."""

from __future__ import annotations

from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.data.relations import TargetRelation
from mlcore.findings import Finding, Level

WATCH, STOP = 0.85, 0.975
"""AUC or R² of one column alone from which it is suspicious, and from which it is left out."""


def _findings(look: Look) -> tuple[Finding, ...]:
    names = {column.name for column in look.features}
    strong = [(name, found) for name, found in look.relations.items() if name in names and found.value >= WATCH]
    strong.sort(key=lambda pair: -pair[1].value)
    return tuple(_finding(look, name, found) for name, found in strong)


def _finding(look: Look, name: str, relation: TargetRelation) -> Finding:
    level: Level = "stop" if relation.value >= STOP else "watch"
    nearly = "gives the target away" if level == "stop" else "predicts the target suspiciously well"
    remedy = (
        "It is left out of the model. Keep it only if its value is known before the outcome."
        if level == "stop"
        else "Make sure that its value is known before the outcome; leave it out if it is not."
    )
    return Finding(
        code="leak",
        level=level,
        title=f"'{name}' {nearly}",
        what=f"On its own it predicts '{look.target}' with {relation.measure} {relation.value:.3f} "
        f"(1 is perfect), {look.basis}.",
        why="A column that is filled in with or after the outcome makes a model that fails when it is used.",
        remedy=remedy,
        columns=(name,),
    )


LEAK = Check(
    key="leak",
    title="Columns that give the target away",
    question="Does one column alone predict the target too well to be true?",
    findings=_findings,
)
