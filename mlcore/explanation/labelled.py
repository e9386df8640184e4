"""An explanation in the words of the data dictionary, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mlcore.explanation.explanation import Explanation


def labelled(explanation: Explanation, titles: Mapping[str, str]) -> Explanation:
    """The same explanation with columns, and the target of a number, under their titles; no two may be the same."""
    columns = tuple(titles.get(name, name) for name in explanation.columns)
    number = explanation.task == "regression"
    outputs = tuple(titles.get(name, name) if number else name for name in explanation.outputs)
    table = explanation.table.set_axis(list(columns), axis=1)
    return replace(explanation, columns=columns, outputs=outputs, table=table)
