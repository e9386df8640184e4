"""A small real workspace, made once by the rooms below, copied for each test; and the app around it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from mlcore import records
from mlcore.data.load import store_frame
from mlcore.evaluation.predictions import Task
from mlcore.learning.goal import Goal
from mlcore.learning.run import Run
from mlcore.learning.split import usual
from mlcore.workspace import errands, places, scorer
from mlcore.workspace.store import Store
from tests.pages.working import Answering
from tests.shared import once

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = (
    "<script>alert(1)</script>",
    ":red[loud] **bold** $x$",
    "[click](javascript:alert(1))",
    "  spaced  ",
    "größe 中",
)

Open = Callable[..., AppTest]


@dataclass(frozen=True)
class Made:
    """Ids of one trained table."""

    table: str
    run: str
    model: str
    target: str


@dataclass(frozen=True)
class Workspace:
    """A workspace folder with a trained table for each task."""

    home: Path
    made: dict[str, Made]

    def __getitem__(self, task: str) -> Made:
        return self.made[task]

    @property
    def store(self) -> Store:
        from pages.ui import cache

        return cache.store()


@pytest.fixture(scope="session", autouse=True)
def _one_scan() -> Iterator[None]:
    """Streamlit looks for components in every installed package whenever a test opens the app: once is enough."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture(scope="session")
def original(
    tmp_path_factory: pytest.TempPathFactory, cancer: pd.DataFrame, iris: pd.DataFrame, diabetes: pd.DataFrame
) -> Workspace:
    def make(home: Path) -> dict[str, dict[str, str]]:
        store = Store.open(home)
        names = dict(zip(cancer.columns[:5], HOSTILE, strict=True))
        with pytest.MonkeyPatch.context() as one_round:
            one_round.setattr(usual, "_folds", lambda rows: ("folds", 5, 1))
            made = {
                "binary": trained(store, cancer.iloc[:, [*range(6), -1]].rename(columns=names), "diagnosis", "binary"),
                "multiclass": trained(store, iris, "species", "multiclass"),
                "regression": trained(store, diabetes, "target", "regression"),
            }
        store.close()
        return {task: asdict(one) for task, one in made.items()}

    home, made = once(tmp_path_factory, "pages", make)
    return Workspace(home, {task: Made(**one) for task, one in made.items()})


def trained(store: Store, frame: pd.DataFrame, target: str, task: Task, models: Sequence[str] = ("rule",)) -> Made:
    """A table in the workspace, with a run of these models that is evaluated and explained, made in this process."""
    folder = store.home / "incoming"
    folder.mkdir(exist_ok=True)
    table = store.add_dataset(store_frame(frame, folder / f"{task}.parquet", f"{task} <b>table</b>"))
    card = store.dataset(table)
    for known in (None, target):
        seen = store.findings_folder(table, known)
        seen.mkdir(parents=True, exist_ok=True)
        errands.look(card.path, records.to_json(card.schema), known, task, str(seen))
    goal = Goal(target=target, task=task, metric={"binary": "roc_auc", "multiclass": "log_loss"}.get(task, "rmse"))
    store.save_goal(table, goal)
    args = {"dataset": table, "goal": records.to_json(goal), "seconds": 60}
    run = store.submit("train", args, f"Predict {target}")
    store.begin(run, "test")
    best = _run(store, run, card.path, args, models)
    store.finish(run, "test", "done", result={"run": run, "best": best})
    return Made(table, run, best, target)


def _run(store: Store, run: str, path: str, args: dict, models: Sequence[str]) -> str:
    folder = places.run_folder(store.home, run)
    card = store.dataset(args["dataset"])
    errands.prepare(
        path, records.to_json(card.schema), card.fingerprint, args["goal"], 60.0, 0, list(models), str(folder)
    )
    plan = store.plan(run)
    for candidate in plan.candidates:
        errands.fit(str(folder), candidate.key, seconds=60.0, fair=60.0)
    best = str(errands.judge(str(folder))["recommended"])
    from mlcore.learning import train

    trials = train.trials(folder)
    records.write(folder / "run.json", Run(id=run, plan=plan.id, state="done", trials=trials, best=best, seconds=3.0))
    errands.explain(str(folder), best, path, 60, 600.0, str(store.explanation_place(run, best)))
    return best


@pytest.fixture
def workspace(original: Workspace, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The small workspace, this test's own copy; its models answer in this process."""
    shutil.copytree(original.home, home)
    answering = Answering(home)
    monkeypatch.setattr(scorer, "client", lambda _home=None: answering)
    yield Workspace(home, original.made)
    _close()


@pytest.fixture
def empty(home: Path) -> Iterator[Path]:
    """A workspace with nothing in it."""
    yield home
    _close()


def _close() -> None:
    from pages.ui import cache

    cache.store().close()
    cache._open.cache_clear()


@pytest.fixture(scope="session")
def hashes() -> dict[str, str]:
    """By which hash Streamlit knows each page, once a test has gone there from the start page."""
    return {}


@pytest.fixture
def app(hashes: dict[str, str]) -> Open:
    """Opens a page of the app through `app.py`, with ids in the URL: as a link does, once the page is known."""

    def opened(page: str = "pages/data/home.py", **ids: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        for name, value in ids.items():
            at.query_params[name] = value
        if page in hashes:
            at._page_hash = hashes[page]
            return at.run()
        at.run()
        if page != "pages/data/home.py":
            at.switch_page(page).run()
            hashes[page] = at._page_hash
        return at

    return opened
