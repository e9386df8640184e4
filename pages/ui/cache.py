"""The workspace, opened once, and what is read from it often."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from mlcore import records
from mlcore.data.dataset import Dataset
from mlcore.data.dictionary import told as in_dictionary
from mlcore.data.profile import Profile
from mlcore.data.row_numbers import row_numbers as numbers_in
from mlcore.data.samples import Sample, samples
from mlcore.data.schema import Column, Schema
from mlcore.errors import UserError
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.labelled import labelled
from mlcore.explanation.probe import Probe, under_titles
from mlcore.workspace.places import run_table
from mlcore.workspace.runs import titles_of as in_titles
from mlcore.workspace.store import RunCard, Store

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"


def store() -> Store:
    """The workspace of this process, by its environment."""
    return _open(os.environ.get("TABLESMITH_HOME", ""), os.environ.get("TABLESMITH_DATABASE_URL", ""))


@cache
def _open(_home: str, _database: str) -> Store:
    return Store.open()


class TableCard:
    """A dataset with its id, as pages pass it around."""

    def __init__(self, identifier: str, dataset: Dataset) -> None:
        self.id = identifier
        self.dataset = dataset
        self.name = dataset.name
        self.rows = dataset.rows
        self.schema = dataset.schema

    def title(self, name: str | None) -> str:
        """What people call a column: its label in the data dictionary, else its name."""
        return self.schema[name].shown if name is not None and name in self.schema else name or ""

    def chosen(self, name: object) -> str:
        """A column as an entry of a list: its label, with its name when that differs."""
        title = self.title(str(name))
        return title if title == str(name) else f"{title} · {name}"


def table_card(identifier: str | None) -> TableCard | None:
    """The dataset of this id; None when there is none (any more)."""
    if not identifier:
        return None
    try:
        return TableCard(identifier, store().dataset(identifier))
    except UserError:
        return None


def raw_card(identifier: str | None) -> TableCard | None:
    """The dataset of this id as it was imported, before its recipe: rows to score come like that."""
    if not identifier:
        return None
    try:
        return TableCard(identifier, store().raw(identifier))
    except UserError:
        return None


def row_numbers(run: RunCard, places: Sequence[int]) -> list[int | None]:
    """The numbers by which people know these rows of the table that a run learned from; see `data/row_numbers.py`."""
    return numbers_in(run_table(store().home, run.id), places)


def told(run: RunCard, columns: Sequence[Column]) -> tuple[Column, ...]:
    """Columns of a run, as they were when it was trained, with what the data dictionary says about them now."""
    return in_dictionary(Schema(columns=tuple(columns)), store().dictionary(run.dataset)).columns


def titles_of(run: RunCard) -> dict[str, str]:
    """What people call the columns that a run reads and the one it predicts, each with its unit."""
    return {} if run.plan is None else in_titles(run.plan, store().dictionary(run.dataset))


def in_words(made: Explanation, run: RunCard) -> Explanation:
    """An explanation with the columns under their titles."""
    return labelled(made, titles_of(run))


def target_title(run: RunCard) -> str:
    """What people call the column that a run predicts."""
    if run.plan is None:
        return "the target"
    said = store().dictionary(run.dataset).get(run.plan.goal.target)
    return said.label if said is not None and said.label else run.plan.goal.target


def target_unit(run: RunCard) -> str:
    """The unit of the column that a run predicts, as the data dictionary has it; empty when it has none."""
    if run.plan is None:
        return ""
    said = store().dictionary(run.dataset).get(run.plan.goal.target)
    return said.unit if said is not None else ""


def model_title(run: str, key: str) -> str:
    """What people call the model of this trial."""
    try:
        return next((trial.title for trial in store().trials(run) if trial.key == key), key)
    except UserError:
        return key


def profile(table: str, target: str | None) -> Profile | None:
    """What was found out about a table with this target in view; None while it is not there."""
    path = store().findings_folder(table, target) / "profile.json"
    return _profile(str(path), path.stat().st_mtime) if path.is_file() else None


@st.cache_resource(max_entries=12, show_spinner=False)
def _profile(path: str, made: float) -> Profile:
    del made
    return records.read(Profile, Path(path))


@lru_cache(maxsize=1)
def sample_tables() -> tuple[Sample, ...]:
    """The tables to try."""
    return samples(SAMPLES)


def sample_of(card: TableCard) -> Sample | None:
    """The sample this table came from, when it did."""
    return next((one for one in sample_tables() if f"sample:{one.key}" == card.dataset.source), None)


@st.cache_resource(max_entries=6, show_spinner=False)
def explanation(folder: str, made: float) -> Explanation:
    """An explanation of the workspace, kept while it does not change."""
    from mlcore.explanation.storage import read

    del made
    return read(Path(folder))


def probe(run: RunCard, key: str) -> Probe | None:
    """The closer look at a model, under the titles of its columns; None until it was asked for."""
    path = store().probe_path(run.id, key)
    return under_titles(_probe(str(path), path.stat().st_mtime), titles_of(run)) if path.is_file() else None


@st.cache_resource(max_entries=6, show_spinner=False)
def _probe(path: str, made: float) -> Probe:
    del made
    return records.read(Probe, Path(path))


def by_importance(made: Explanation, output: int | None) -> list[str]:
    """The columns, the one that moves this output (None: all of them) most first."""
    values = made.values if output is None else made.values[:, :, [output]]
    strength = np.abs(values).mean(axis=(0, 2))
    return [made.columns[at] for at in np.argsort(-strength)]


@st.cache_data(max_entries=24, show_spinner=False)
def column(path: str, name: str) -> pd.Series:
    """One column of a stored table, which never changes under its path."""
    return pd.read_parquet(path, columns=[name])[name]
