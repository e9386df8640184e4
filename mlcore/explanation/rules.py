"""A model in a few rules: a small tree that copies what it says, and how well it does (Craven and Shavlik 1996)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from mlcore.evaluation.predictions import Floats
from mlcore.explanation.values import as_numbers

LEAVES = 8
LEVELS = 10  # words of a column that a rule may ask for
FEWEST = 60  # rows
SMALLEST = 0.04  # share of the rows that a rule must hold for


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One condition: a column is above `low` and at most `high`, or it is (not) a word; `missing`: or has no value."""

    column: str
    yes: bool = True
    low: float | None = None
    high: float | None = None
    word: str = ""
    dates: bool = False
    missing: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Where all `asked` hold, `share` (0 to 1) of the rows, the model says `output` on average, ± `spread`."""

    asked: tuple[Asked, ...]
    output: float
    spread: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Rules:
    """The rules of one output, the highest first; `fidelity` is the share of the spread of what the model says that
    they copy on rows they were not made from (R², at most 1); 0 rules when there are too few rows or nothing to copy.
    """

    rules: tuple[Rule, ...] = ()
    fidelity: float = 0.0
    rows: int = 0


def rules(rows: pd.DataFrame, said: Floats, *, seed: int = 0) -> Rules:
    """At most eight rules that copy `said`, (n,), made from one half of the rows and tried on the other."""
    from sklearn.tree import DecisionTreeRegressor

    if len(rows) < FEWEST or np.ptp(said) <= 1e-9 * max(1.0, float(np.abs(said).max())):
        return Rules()
    X, features = _encoded(rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    made, tried = order[: len(order) // 2], order[len(order) // 2 :]
    tree = DecisionTreeRegressor(max_leaf_nodes=LEAVES, min_samples_leaf=SMALLEST, random_state=seed)
    tree.fit(X[made], said[made])
    off = float(((said[tried] - tree.predict(X[tried])) ** 2).mean() / max(float(said[tried].var()), 1e-300))
    leaf = tree.apply(X)
    found = [
        Rule(
            asked=_short(asked),
            output=float(said[leaf == node].mean()),
            spread=float(said[leaf == node].std()),
            share=float((leaf == node).mean()),
        )
        for node, asked in _leaves(tree.tree_, features)
    ]
    return Rules(rules=tuple(sorted(found, key=lambda rule: -rule.output)), fidelity=1 - off, rows=len(rows))


Feature = tuple[str, str, bool, bool]
"""A column, the word that is asked for (empty: a number, or missing), whether it holds dates, whether it has gaps."""


def _encoded(rows: pd.DataFrame) -> tuple[Floats, list[Feature]]:
    parts: list[Floats] = []
    features: list[Feature] = []
    for name in rows.columns:
        numbers = as_numbers(rows[name])
        if numbers is not None:
            parts.append(np.where(np.isfinite(numbers), numbers, np.nan))
            dated = pd.api.types.is_datetime64_any_dtype(rows[name].dtype)
            features.append((str(name), "", dated, not np.isfinite(numbers).all()))
            continue
        words = rows[name].astype("str").where(rows[name].notna(), "")
        for word in words.value_counts().index[:LEVELS]:
            parts.append((words == word).to_numpy(dtype=np.float64))
            features.append((str(name), str(word), False, False))
    return np.column_stack(parts) if parts else np.zeros((len(rows), 1)), features


def _leaves(tree: object, features: list[Feature]) -> list[tuple[int, list[Asked]]]:
    found: list[tuple[int, list[Asked]]] = []
    stack: list[tuple[int, list[Asked]]] = [(0, [])]
    while stack:
        node, asked = stack.pop()
        if tree.children_left[node] < 0:  # type: ignore[attr-defined]
            found.append((node, asked))
            continue
        name, word, dates, gaps = features[tree.feature[node]]  # type: ignore[attr-defined]
        limit = float(tree.threshold[node])  # type: ignore[attr-defined]
        gaps_left = bool(tree.missing_go_to_left[node])  # type: ignore[attr-defined]
        for child, left in ((tree.children_left[node], True), (tree.children_right[node], False)):  # type: ignore[attr-defined]
            if _is_word(features, name):
                one = Asked(column=name, yes=not left, word=word)
            else:
                low, high = (None, limit) if left else (limit, None)
                one = Asked(column=name, low=low, high=high, dates=dates, missing=gaps and left == gaps_left)
            stack.append((int(child), [*asked, one]))
    return found


def _is_word(features: list[Feature], name: str) -> bool:
    return any(word for other, word, *_ in features if other == name)


def _short(asked: list[Asked]) -> tuple[Asked, ...]:
    """All limits of a column as one range."""
    kept: dict[tuple[str, str], Asked] = {}
    for one in asked:
        key = one.column, one.word if one.low is None and one.high is None else "range"
        before = kept.get(key)
        if before is None or key[1] != "range":
            kept[key] = one
            continue
        lows = [end for end in (before.low, one.low) if end is not None]
        highs = [end for end in (before.high, one.high) if end is not None]
        kept[key] = replace(
            one, low=max(lows, default=None), high=min(highs, default=None), missing=before.missing and one.missing
        )
    return tuple(kept.values())
