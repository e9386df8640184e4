"""Classes of the target with very few rows, and targets in which one answer is rare."""

from __future__ import annotations

from mlcore.data.amounts import amount, percent
from mlcore.data.checks import fixes
from mlcore.data.checks.check import Check
from mlcore.data.look import Look
from mlcore.findings import Finding

FEWEST = 10
"""Rows a class should have at least."""

_UNEVEN, _VERY_UNEVEN = 0.1, 0.01
OTHER = "other"


def _rare(look: Look) -> tuple[Finding, ...]:
    rare = [(label, count) for label, count in look.labels.items() if count < FEWEST]
    if not rare or look.target is None or len(look.labels) < 2:
        return ()
    shown = ", ".join(f"'{label}' ({amount(count, 'row')})" for label, count in rare[:5])
    more = f" and {len(rare) - 5:,} more" if len(rare) > 5 else ""
    names = [label for label, _ in rare]
    merged = fixes.respell(look.target, dict.fromkeys(names, OTHER), f"Merge them into '{OTHER}'")
    text = look.schema[look.target].storage == "text"
    return (
        Finding(
            code="rare_class",
            level="watch",
            title="Classes with very few rows",
            what=f"Fewer than {FEWEST} rows each: {shown}{more}.",
            why="A class with so few rows can neither be learned nor be judged.",
            remedy="Merge it with a similar class or leave its rows out, or bring more of them.",
            columns=(look.target,),
            fixes=(
                *((merged,) if text and len(names) > 1 and len(names) < len(look.labels) - 1 else ()),
                fixes.make_missing([look.target], names, "Leave their rows out of training"),
            ),
        ),
    )


def _uneven(look: Look) -> tuple[Finding, ...]:
    total = sum(look.labels.values())
    if look.target is None or len(look.labels) != 2 or total < 50:
        return ()
    label, count = min(look.labels.items(), key=lambda pair: pair[1])
    share = count / total
    if share >= _UNEVEN:
        return ()
    return (
        Finding(
            code="imbalance",
            level="watch" if share < _VERY_UNEVEN or count < 50 else "note",
            title="One answer is rare",
            what=f"'{label}' is the answer in {amount(count, 'row')} of {total:,} ({percent(share, 1)}).",
            why="Always giving the other answer would nearly always be right, so accuracy says nothing here.",
            remedy="Nothing to do: models are ranked by how well they find the rare answer, the threshold decides how "
            "often to say it, and rows are never copied.",
            columns=(look.target,),
        ),
    )


RARE_CLASS = Check(
    key="rare_class",
    title="Rare classes",
    question="Does any class of the target have too few rows to be learned?",
    area="enough",
    findings=_rare,
)

IMBALANCE = Check(
    key="imbalance",
    title="Uneven answers",
    question="Is one of two answers rare?",
    area="enough",
    findings=_uneven,
    unfixed="copying or dropping rows would falsify every probability; the threshold does the rest",
)
