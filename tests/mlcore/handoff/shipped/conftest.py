"""Bundles of small models, filled once and not proven, which is tested elsewhere, and callers of a service."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from fastapi.testclient import TestClient

from mlcore.handoff.filling import fill
from mlcore.handoff.shipped.service.app import create
from mlcore.handoff.shipped.service.settings import Settings
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal

Ask = Callable[..., TestClient]


@pytest.fixture(scope="session")
def species(untidy: pd.DataFrame, make_run: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three labels, every kind of column."""
    run = make_run(untidy.drop(columns="base"), Goal(target="species", task="multiclass", metric=""), "linear")
    fill(folder := tmp_path_factory.mktemp("species") / "bundle", RunFolder(run), "linear")
    return folder


@pytest.fixture(scope="session")
def stored(species: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same without its graph, as where ONNX cannot say what the model says."""
    copy = Path(shutil.copytree(species, tmp_path_factory.mktemp("stored") / "bundle"))
    (copy / "model.onnx").unlink()
    return copy


@pytest.fixture(scope="session")
def disease(diabetes: pd.DataFrame, make_run: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A number from numbers."""
    run = make_run(diabetes.iloc[::3, [0, 2, 3, 10]], Goal(target="target", task="regression", metric=""), "linear")
    fill(folder := tmp_path_factory.mktemp("disease") / "bundle", RunFolder(run), "linear")
    return folder


@pytest.fixture
def ask() -> Iterator[Ask]:
    """A function that gives a client of the service for a folder."""
    with ExitStack() as stack:

        def made(folder: Path, explain: Any = None, **settings: Any) -> TestClient:
            app = create(folder, Settings(**settings), explain)
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield made


@pytest.fixture(scope="session")
def flower(untidy: pd.DataFrame) -> dict[str, Any]:
    """A row for `species` as JSON has it."""
    row = untidy.drop(columns=["base", "species"]).iloc[7].to_dict()
    return {**row, "seen": row["seen"].isoformat()}
