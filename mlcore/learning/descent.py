"""What is said when a recipe mixes the target with what is to predict it."""

from __future__ import annotations

from collections.abc import Sequence

from mlcore.data.checks.check import listed
from mlcore.data.outline import chosen_by, sentence
from mlcore.data.recipe import Recipe
from mlcore.findings import Finding


def made_from_target(names: Sequence[str], target: str) -> Finding:
    """These columns share a raw column with the target, and are left out."""
    return Finding(
        code="made_from_target",
        level="stop",
        title="Columns that the target is made from, or that are made from it, are left out",
        what=f"{listed(names)} {'shares' if len(names) == 1 else 'share'} a raw column with '{target}' in the recipe.",
        why="Such a column gives the answer away, and is not known when rows are scored.",
        remedy="Nothing to do. Keep the column if it really is known before the target.",
        columns=tuple(names),
    )


def chosen_by_target(recipe: Recipe, names: Sequence[str], target: str) -> tuple[Finding, ...]:
    """Steps that leave rows out by what is not known when rows are scored. `names` are the raw columns."""
    steps = chosen_by(recipe, names, target)
    if not steps:
        return ()
    return (
        Finding(
            code="chosen_by_target",
            level="watch",
            title="Rows are chosen by the outcome",
            what=f"The recipe leaves rows out by a column that '{target}' is made from: "
            f"{' '.join(f'“{sentence(step)}”' for step in steps)}",
            why="When a row is scored its outcome is not known yet, so rows like those left out are scored too. The "
            "scores here say nothing about them.",
            remedy="Switch the step off, or choose rows by what is known before. Keep it if these rows are mistakes.",
            columns=(target,),
        ),
    )
