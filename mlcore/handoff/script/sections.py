"""The code that trains a bundle's model again, section by section: read, repair, split, fit, put together, evaluate."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlcore import records
from mlcore.errors import BundleError
from mlcore.handoff.rebuilding import NOTE, ROWS, Ingredient, Rebuild
from mlcore.handoff.script import words
from mlcore.handoff.script.names import Lists, readable
from mlcore.handoff.script.own import PACKAGE, files_of, flat
from mlcore.handoff.script.source import HOUSE, Source, imports, quoted
from mlcore.learning.encode import encoder
from mlcore.learning.fold import Making
from mlcore.learning.models import MODELS
from mlcore.learning.models.kind import ModelKind
from mlcore.learning.plan import Plan
from mlcore.learning.scoring import Scorer, conform
from mlcore.learning.weights import fit_params
from mlcore.learning.wide import WIDE


@dataclass(frozen=True, kw_only=True)
class Section:
    """A heading, what is to be read about it, and the code. `lines` are words of the user's that belong to the text."""

    title: str
    text: str
    code: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Code:
    """All sections, and the files of the package `steps` by name: estimators that scikit-learn does not have."""

    title: str
    target: str
    sections: tuple[Section, ...]
    steps: dict[str, str]


def barred(bundle: Path) -> str:
    """Why no code can be written for the bundle in this folder, as a sentence; empty when it can."""
    if not (bundle / NOTE).is_file():
        return "This bundle was made by an earlier version, which did not note how to train it again; build it anew."
    rebuild = records.read(Rebuild, bundle / NOTE)
    if rebuild.refused:
        return f"The model cannot be trained again from its table alone: {rebuild.refused}."
    foreign = [member.model for member in rebuild.members if not _built_in(member.model)]
    if foreign:
        return f"The model is made by a plug-in ({foreign[0]}): its own file is the code to read."
    if any(MODELS[member.model].grow and member.rounds is None for member in rebuild.members):
        return "The run is of an earlier version, which did not note how long it trained; train the model again."
    return ""


def code_of(bundle: Path) -> Code:
    """The sections for the bundle in this folder; `BundleError` with the sentence of `barred` when there are none."""
    if reason := barred(bundle):
        raise BundleError(reason)
    writing = _Writing(bundle)
    fits = [writing.fit(number) for number in range(len(writing.rebuild.members))]
    rest = [*writing.preparing(), *fits, writing.together(), writing.evaluating()]
    return Code(
        title=writing.title,
        target=writing.plan.goal.target,
        sections=(writing.importing(), *rest),
        steps=files_of(writing.source.own.values()),
    )


def _built_in(key: str) -> bool:
    return key in MODELS and MODELS[key].build.__module__.startswith("mlcore.")


class _Writing:
    """Writes the sections of one bundle. What must be imported is known once all others are written."""

    def __init__(self, bundle: Path) -> None:
        self.scorer = Scorer.load(bundle)
        self.plan = records.read(Plan, bundle / "plan.json")
        self.rebuild = records.read(Rebuild, bundle / NOTE)
        columns = conform(_no_rows(self.scorer.fields), self.scorer.fields).columns
        self.names = readable([str(name) for name in columns], self.scorer.fields)
        self.lists = Lists(self.names)
        self.source = Source(self.lists.of)
        self.weighed = "weight" in pd.read_parquet(bundle / ROWS).columns
        self.source.weights = "weights[rows]" if self.weighed else ""
        self.labels = self.scorer.labels
        self.title = str(self.scorer.spec.get("card", {}).get("title") or self.rebuild.members[0].key)
        if any(len(pipe.classes_) != len(self.labels) for _, pipe in self.scorer.members if self.labels):
            raise BundleError("A member of the model never saw some of the labels, so no plain code gives the same")

    def importing(self) -> Section:
        """The libraries, and where the files are."""
        own = [(flat(kind.__module__), name) for name, kind in self.source.own.items()]
        found = {*self.source.imported, ("sklearn.pipeline", "Pipeline"), *words.METRICS[self.plan.goal.task]}
        ours = "\n".join(f"from {PACKAGE}.{module} import {name}" for module, name in sorted(own))
        code = words.IMPORTS.format(libraries=imports(found), ours=f"{ours}\n" if ours else "")
        return Section(
            title="What is needed", text=words.NEEDED, code=code + (words.TURNED if self.source.turns else "")
        )

    def preparing(self) -> list[Section]:
        """From the file to the rows and the truth that models learn from."""
        recipe = self.scorer.recipe is not None
        made = [Section(title="Read", text=words.READING, code=words.READ.format(rows=self.rebuild.table_rows))]
        text = words.REPAIRING if recipe else words.NO_REPAIR
        repairs = tuple(self.scorer.recipe["text"]) if self.scorer.recipe else ()
        code = words.REPAIR if recipe else words.AS_IT_CAME
        made.append(Section(title="Repair", text=text, code=code, lines=repairs))
        text = words.SPLITTING_ALL if self.rebuild.all_rows else words.SPLITTING
        made.append(Section(title="Split", text=text, code=words.SPLIT + (words.WEIGHTS * self.weighed)))
        truth = words.LABELS if self.labels else words.NUMBERS
        names = self.source.of(self.names)
        said = truth.format(target=quoted(self.plan.goal.target), labels=self.source.of(list(self.labels)))
        made.append(Section(title="Columns and truth", text=words.COLUMNS, code=f"names = {names}\n{said}"))
        return made

    def fit(self, number: int) -> Section:
        """Encode and fit one member."""
        member, entry = self.rebuild.members[number], self.scorer.spec["members"][number]
        encode, model = self._encoder(member, number), self._model(member, number)
        self.lists.called(encode.transformers)
        written, made = self.source.of(encode), self.source.of(model)
        rows = "learned" if not member.column else f'marks["{member.column}"].to_numpy()'
        own = len({one.weights for one in self.rebuild.members if one.weights} | {"weight"}) > 1
        counts = f'weights = marks["{member.weights}"].to_numpy()\n' if own and member.weights else ""
        code = words.FIT.format(
            counts=counts,
            rows=rows,
            lists=self.lists.code(),
            encode=written,
            model=made,
            weights=self._weights(member, model),
            stock=_stock_of(model, MODELS[member.model]),
        )
        start = "members = []\n" if number == 0 else ""
        about = MODELS[member.model].about
        return Section(title=f"Fit: {entry.get('title') or member.key}", text=about, code=start + code)

    def together(self) -> Section:
        """From what members say to the answer."""
        entries = self.scorer.spec["members"]
        verb = "predict_proba" if self.labels else "predict"
        lines = [f"said = [member.{verb}(rows) for member in members]"]
        lines += [
            f"said[{place}] = scoring.raised(said[{place}], {one['after']['power']!r})  # surer, or less sure"
            for place, one in enumerate(entries)
            if one.get("after")
        ]
        shares = [one["weight"] for one in entries]
        if "stack" in self.scorer.spec:
            stack = self.source.of(self.scorer.spec["stack"])
            lines += [f"stack = {stack}", f"answer = scoring.combined(said, {self.source.of(shares)}, stack)"]
        elif len(entries) == 1:
            lines += ["answer = said[0]"]
        else:
            lines += [f"shares = {self.source.of(shares)}", words.AVERAGE]
            lines += ["answer = total / total.sum(axis=1, keepdims=True)" if self.labels else "answer = total"]
        if "calibration" in self.scorer.spec:
            lines += ['answer = scoring.calibrated(answer, handed_over.spec["calibration"])']
        lines += ["return answer"]
        body = textwrap.indent("\n".join(lines), "    ")
        return Section(title="Put together", text=words.TOGETHER, code=f"def answers(rows):\n{body}")

    def evaluating(self) -> Section:
        """Beside the model that was handed over."""
        code = words.EVALUATE.format(scores=words.SCORES[self.plan.goal.task])
        return Section(title="Evaluate", text=words.EVALUATING, code=code)

    def _encoder(self, member: Ingredient, number: int) -> Any:
        fields, kind = self.scorer.fields, MODELS[member.model]
        making = Making(kind=kind, settings=member.settings, seed=member.seed, threads=1)
        wish = making.wish(member.rows, len(fields), len(self.labels))
        if len(fields) > WIDE:
            fields = _picked(fields, self.scorer.members[number][1].named_steps["encode"].transformers_)
        return encoder(fields, wish)

    def _model(self, member: Ingredient, number: int) -> Any:
        kind, stored = MODELS[member.model], self.scorer.members[number][1].named_steps["model"]
        model = kind.build(self.plan.goal.task, member.settings, member.seed, 1)
        told = stored.get_params(deep=False)
        ways = {key: told[key] for key in ("monotone_constraints", "monotonic_cst") if told.get(key) is not None}
        if kind.rounds is not None and member.rounds is not None:
            ways[kind.rounds] = int(stored.n_iter_) if kind.rounds == "max_iter" else member.rounds
        return model.set_params(**ways)

    def _weights(self, member: Ingredient, model: Any) -> str:
        if not self.weighed or MODELS[member.model].intake == "nothing":
            return ""
        told = fit_params(model, np.ones(1))
        return "".join(f", {name}=weights[rows] / weights[rows].mean()" for name in told)


class _Asked:
    """Stands for a fitted estimator: each of its attributes is the code for it."""

    def __getattr__(self, name: str) -> str:
        return f".{name}"


def _stock_of(model: Any, kind: ModelKind) -> str:
    """How to get the stock model out of a fitted one of our own, such as `.plain_`."""
    own = type(model).__module__.startswith(HOUSE)
    return str(kind.stock(_Asked())) if own and kind.stock is not None else ""


def _no_rows(fields: Sequence[Any]) -> pd.DataFrame:
    return pd.DataFrame({str(field["name"]): pd.Series([], dtype="str") for field in fields})


def _picked(fields: Sequence[Mapping[str, Any]], steps: Sequence[tuple[str, Any, Any]]) -> list[dict[str, Any]]:
    """Of a wide table the fields that a fitted encoder takes, those marked that it keeps as mostly zero."""
    taken = {name: {str(one).partition("_")[0] for one in _listed(places)} for name, _, places in steps}
    used: set[str] = set().union(*taken.values())
    light: set[str] = set().union(*(taken.get(name, ()) for name in ("light", "scant", "scantgap")))
    return [{**field, "light": field["id"] in light} for field in fields if field["id"] in used]


def _listed(places: Any) -> list[Any]:
    return [places] if isinstance(places, str) else list(places)
