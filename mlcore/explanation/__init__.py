"""Why a model says what it says: contributions in the user's own columns, importance, sentences."""

from mlcore.explanation.explain import explain, explain_rows
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.importance import importance
from mlcore.explanation.sentences import about_model, about_row, reasons
from mlcore.explanation.storage import read, store

__all__ = [
    "Explanation",
    "about_model",
    "about_row",
    "explain",
    "explain_rows",
    "importance",
    "read",
    "reasons",
    "store",
]
