"""Which of two labels means "yes": asked when a table is looked at and when a goal is made, with one answer."""

from __future__ import annotations

from collections.abc import Mapping

YES = (
    "1", "yes", "y", "true", "t", "on", "ja", "oui", "si", "sí", "sim", "positive", "pos",
    "bad", "churn", "churned", "default", "fraud", "event",
)  # fmt: skip
NO = ("0", "no", "n", "false", "f", "off", "nein", "non", "não", "negative", "neg", "good")


def positive_of(counts: Mapping[str, int]) -> str:
    """Which of two labels means "yes", from their numbers of rows by label: a word for yes, else the rarer one."""
    labels = list(counts)
    for label, other in (labels, labels[::-1]):
        if label.strip().lower() in YES or other.strip().lower() in NO:
            return label
    return min(labels, key=lambda label: (counts[label], label))
