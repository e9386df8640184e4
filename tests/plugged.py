"""Plug-ins for tests: the documented example, and every kind of bad one."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs" / "plugins.md"
HEAD = """
from mlcore.learning.models import Config, ModelKind
from mlcore.learning.models.kind import Range
from mlcore.params import Param

def kind(key="one", **more):
    given = dict(title="One", family="trees", about="A model.", intake="filled", simplicity=5, build=print)
    return ModelKind(key=key, **{**given, "portfolio": (Config(turn=1),), **more})
"""
BROKEN = {
    "leaves": ("raise SystemExit(0)", "cannot be imported (SystemExit: 0); mend it, or remove it."),
    "dies": ("import os; os._exit(0)", "ended the process that imported it; mend it, or remove it."),
    "taken": ("", "takes the key 'linear', which this program itself has already; give it another."),
}
"""File name → its code, and what is said about it. Each costs nobody else anything."""

UNSOUND = {
    "kind('Größe 1')": "gives the key 'Größe 1'; a key is made of",
    "kind(family='magic')": "the family 'magic'; it must be one of",
    "kind(title=None)": "the title None",
    "kind(tasks='binary')": "the tasks 'binary'",
    "kind(types=('Plain',))": "the types ('Plain',)",
    "kind(max_rows=1e6)": "max_rows 1000000.0; it must be a whole number",
    "kind(simplicity=0)": "the simplicity 0",
    "kind(build=3)": "no function `build`",
    "kind(grow=print)": "only one of `grow` (or `plant`) and `rounds`",
    "kind(plant=print)": "only one of `grow` (or `plant`) and `rounds`",
    "kind(params=['a'])": "params that are not a tuple of Param",
    "kind(params=(Param(key='a', title='A', kind='integer', default=9, low=1, high=5),))": "A cannot be 9",
    "kind(portfolio=())": "a portfolio that is not a tuple",
    "kind(portfolio=(Config(turn=1, params={'b': 1}),))": "sets 'b', which is no param of it",
    "kind(portfolio=(Config(turn=1), Config(turn=2)))": "two configurations for the same number of rows",
    "kind(search=(Range(key='a', low=1, high=2),))": "a search over 'a', which is no number",
    "'linear'": "offers 'linear', which is not a ModelKind",
}
"""What a plug-in may offer → what is said about it."""

MISBEHAVING = """
import os, time
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

class Odd(ClassifierMixin, BaseEstimator):
    def __init__(self, way="fine"):
        self.way = way

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        if self.way == "raises":
            raise RuntimeError("it had a bad day\\nand more")
        if self.way == "hangs":
            time.sleep(600)
        if self.way == "swells":
            self.held = [np.ones(5_000_000) for _ in range(10_000)]
        if self.way == "dies":
            os._exit(7)
        return self

    def predict_proba(self, X):
        said = np.full((len(X), len(self.classes_)), 1 / len(self.classes_))
        if self.way == "gaps":
            said[0] = np.nan
        if self.way == "narrow":
            return said[:, :1]
        if self.way == "heavy":
            return 3 * said
        return said

    def predict(self, X):
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

def models():
    from mlcore.learning.models import Config, ModelKind
    ways = ("fine", "raises", "hangs", "swells", "dies", "gaps", "narrow", "heavy")
    return [ModelKind(
        key=f"odd_{way}", title=f"Odd: {way}", family="trees", about="Odd.", intake="filled", simplicity=5,
        build=lambda task, params, seed, threads, way=way: Odd(way), portfolio=(Config(turn=1),),
    ) for way in ways]
"""


def example() -> str:
    """The plug-in that docs/plugins.md shows, as it stands there."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert found is not None
    return found.group(1)


def written(folder: Path, name: str, text: str) -> Path:
    """A plug-in's file that only its owner may write to, whatever this process gives to new files."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path
