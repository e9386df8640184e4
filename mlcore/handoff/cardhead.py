"""The head of a model card: what Hugging Face reads of it (https://huggingface.co/docs/hub/model-cards).

YAML, in which every text is written as JSON has it, which YAML reads alike.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcore.evaluation.evaluation import Evaluation
from mlcore.handoff.yamltext import as_yaml

if TYPE_CHECKING:
    from mlcore.handoff.card import Facts
    from mlcore.learning.plan import Plan


def head(plan: Plan, facts: Facts) -> str:
    """Kind of task, tags, and what was measured on which rows."""
    kind = "tabular-regression" if plan.goal.task == "regression" else "tabular-classification"
    lines = [
        "---",
        "library_name: skops",
        f"pipeline_tag: {kind}",
        "tags:",
        *(f"- {tag}" for tag in (kind, "skops", "scikit-learn", "tablesmith")),
        "model-index:",
        f"- name: {_text(facts.title)}",
        "  results:",
        *(line for evaluation in facts.evaluations for line in _result(evaluation, plan, kind)),
        "---",
    ]
    return "\n".join(lines if facts.evaluations else [*lines[:-4], lines[-1]])


def _result(evaluation: Evaluation, plan: Plan, kind: str) -> list[str]:
    lines = [
        "  - task:",
        f"      type: {kind}",
        "    dataset:",
        "      type: tabular",
        f"      name: {_text(f'{evaluation.measured}, {evaluation.n:,} rows, target {plan.goal.target}')}",
        "    metrics:",
    ]
    for measure in evaluation.measures:
        lines += [
            f"    - type: {measure.key}",
            f"      name: {_text(measure.title)}",
            f"      value: {measure.value!r}",
        ]
    return lines


def _text(text: str) -> str:
    return as_yaml(" ".join(text.split()))
