"""A model and rows it was not trained on, as the user's columns: what is put under stress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.data.picked import picked
from mlcore.errors import UserError
from mlcore.evaluation.predictions import Floats, Integers, Measured
from mlcore.learning.fold import Fitted, Making, fitted
from mlcore.learning.folder import RunFolder
from mlcore.learning.models import MODELS
from mlcore.learning.rounds import Portion
from mlcore.learning.scoring import Scorer
from mlcore.learning.stress import Subject


@dataclass(frozen=True, kw_only=True, eq=False)
class _Coded:
    """A fitted pipeline that says which label codes it knows, as stored pipelines do."""

    fit: Fitted

    @property
    def classes_(self) -> Integers:
        return self.fit.present

    def predict(self, frame: Any) -> Floats:
        return np.asarray(self.fit.pipeline.predict(frame), dtype=np.float64)

    def predict_proba(self, frame: Any) -> Floats:
        return np.asarray(self.fit.pipeline.predict_proba(frame), dtype=np.float64)


def on_opened_rows(run: RunFolder, key: str) -> Subject:
    """The final model on the locked rows; only for who knows that a person opened them for this model."""
    chosen = np.flatnonzero(run.split.holdout & run.split.scored)
    return _subject(run, _scorer(run, key), chosen, "hold-out", refitted=False)


def on_rows_kept_apart(run: RunFolder, key: str) -> Subject:
    """The model fitted again without the rows of one fold (the newest one where rows are judged in time), on those."""
    stored = _scorer(run, key)
    members = [_without_fold(run, entry["key"]) for entry in stored.spec["members"]]
    fields = next((fields for _, fields in members if fields), stored.fields)
    again = Scorer({**stored.spec, "fields": fields}, [_Coded(fit=fit) for fit, _ in members])
    return _subject(run, again, np.sort(_fold(run)[1]), run.measured, refitted=True)


def _scorer(run: RunFolder, key: str) -> Scorer:
    return Scorer.load(run.trial_folder(key) / "model")


def _fold(run: RunFolder) -> tuple[Integers, Integers]:
    pairs = list(run.split.pairs())
    return pairs[len(pairs) // run.plan.validation.repeats - 1]


def _without_fold(run: RunFolder, key: str) -> tuple[Fitted, list[dict[str, Any]]]:
    """A candidate fitted on the training rows of that fold, and the fields as it learned them (none: it reads none)."""
    candidate = run.candidate(key)
    kind = MODELS[candidate.model]
    portion = Portion.of(run, candidate)
    train, _ = portion.pairs[len(portion.pairs) // run.plan.validation.repeats - 1]
    known = portion.material.taught(train)
    making = Making(kind=kind, settings=kind.settings(candidate.params), seed=run.plan.seed, threads=1)
    return fitted(known, making, train, rounds=None, until=None), known.fields


def _subject(run: RunFolder, scorer: Scorer, chosen: Integers, measured: Measured, *, refitted: bool) -> Subject:
    if not run.table_path.is_file():
        raise UserError("The table of this run was removed", remedy="Import it again.")
    names = [str(field["name"]) for field in scorer.fields]
    table = picked(run.table_path, run.positions[chosen], names)
    width = (len(chosen), len(run.labels)) if run.labels else (len(chosen),)
    return Subject(
        values=scorer.values,
        table=table,
        known=run.predictions(np.zeros(width), chosen, measured),
        fields=tuple(scorer.fields),
        refitted=refitted,
    )
