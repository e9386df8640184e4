"""What every test shares: a workspace of its own, one core, small real tables."""

from __future__ import annotations

import gc
import itertools
import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # every child process would compile every module anew
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait for others leave the core to other tests
os.environ.setdefault("STREAMLIT_RUNNER_POST_SCRIPT_GC", "false")

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from mlcore.api import training as verbs
from mlcore.data import limited
from mlcore.handoff import proof
from mlcore.learning.plugins import probe
from mlcore.learning.split import usual
from mlcore.workspace import database, training
from tests.child import KeptChild
from tests.kept import InlineEngine, KeptForks, KeptProver

sys.dont_write_bytecode = False
gc.disable()  # until all is collected

LONG = (
    "journeys/test_journey",
    "mlcore/handoff/test_fresh",
    "mlcore/explanation/test_counterfactuals",
    "mlcore/workspace/test_worker",
    "journeys/test_messy",
    "mlcore/data/sources/test_databases",
    "mlcore/workspace/test_training",
    "mlcore/test_cli",
    "contracts/test_models",
    "corpus/test_corpus",
    "mlcore/explanation/test_explain",
    "mlcore/learning/test_train",
    "mlcore/learning/test_properties",
    "mlcore/learning/test_plugins",
    "pages/test_pages",
    "pages/test_journey_steps",
    "mlcore/learning/test_flattery",
    "mlcore/learning/test_recency",
    "mlcore/learning/test_monotone",
    "mlcore/learning/test_trend",
    "mlcore/workspace/test_recipes",
    "mlcore/workspace/test_versions",
    "mlcore/workspace/test_work",
    "mlcore/data/delimited/test_quick",
    "mlcore/handoff/test_bundle",
    "mlcore/handoff/test_carried",
    "mlcore/learning/test_no_leakage",
    "mlcore/data/test_round_trips",
    "pages/test_light",
)
"""Files that take many seconds. They go first, so that no worker is left with one while the others have ended."""


ALONE = Path(__file__).parent / "mlcore" / "workspace"
"""Where `make test` looks for what must be alone: to collect everything for two tests takes a quarter of a minute."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take long before all others, each in one piece; what must be alone is slow."""
    for item in items:
        if item.get_closest_marker("alone"):
            item.add_marker(pytest.mark.slow)
            assert ALONE in item.path.parents, f"make test would not run {item.nodeid}"
    places = {Path(__file__).parent / f"{name}.py": place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_collection_finish() -> None:
    """What is imported and collected stays: the garbage collector need not go through it a thousand times."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What became of every file of the corpus, as a table, whenever it was tested."""
    reports = [report for key in ("passed", "failed") for report in terminalreporter.getreports(key)]
    told = [value for report in reports for name, value in report.user_properties if name == "corpus"]
    if told:
        terminalreporter.section("files as people bring them, and what becomes of them")
        for one in sorted(told, key=lambda one: str(one)[7:]):
            terminalreporter.write_line(str(one))


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of folders that do not exist yet: most tests never write into theirs."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def home(request: pytest.FixtureRequest, _homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace folder that only this test sees."""
    known = "tmp_path" in request.fixturenames
    folder = request.getfixturevalue("tmp_path") / "home" if known else next(_homes)
    monkeypatch.setenv("TABLESMITH_HOME", str(folder))
    monkeypatch.delenv("TABLESMITH_DATABASE_URL", raising=False)
    return folder


@pytest.fixture(scope="session")
def _one_child() -> Iterator[KeptChild]:
    child = KeptChild()
    yield child
    child.close()


@pytest.fixture
def kept_child(_one_child: KeptChild, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks and Arrow files are parsed in one child process for all tests, not in one each."""
    monkeypatch.setattr(limited, "call", _one_child.call)


@pytest.fixture(scope="session", autouse=True)
def _kept_processes() -> Iterator[None]:
    """Trainings, proofs and plug-ins that a test asks for use what has the libraries imported; see `tests.kept`."""
    engine, forks = InlineEngine(), KeptForks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)  # nobody pulls the plug of a test
        patch.setattr(database, "PRAGMAS", (*database.PRAGMAS, "synchronous=OFF"))  # nor that of SQLite's files
        for room in (training, verbs):
            patch.setattr(room, "chosen_engine", lambda: engine)
        patch.setattr(proof, "CleanProcess", KeptProver(forks))
        patch.setattr(probe, "_asked", forks.asked)
        yield
    forks.close()


@pytest.fixture
def one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round of three folds for small tables, not up to 25 fits a candidate: where it is asked what a run does."""
    monkeypatch.setattr(usual, "_folds", lambda rows: ("folds", 3, 1))


@pytest.fixture(scope="session")
def cancer() -> pd.DataFrame:
    """scikit-learn's breast cancer table: 569 rows, 30 numbers, target `diagnosis`."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer(as_frame=True)
    table = bunch.data.copy()
    table["diagnosis"] = bunch.target.map({0: "malignant", 1: "benign"})
    return table


@pytest.fixture(scope="session")
def diabetes() -> pd.DataFrame:
    """scikit-learn's diabetes table: 442 rows, 10 numbers, target `target`."""
    from sklearn.datasets import load_diabetes

    return load_diabetes(as_frame=True, scaled=False).frame


@pytest.fixture(scope="session")
def iris() -> pd.DataFrame:
    """scikit-learn's iris table: 150 rows, 4 numbers, target `species` with three labels."""
    from sklearn.datasets import load_iris

    bunch = load_iris(as_frame=True)
    table = bunch.data.copy()
    table["species"] = bunch.target.map(dict(enumerate(bunch.target_names)))
    return table
