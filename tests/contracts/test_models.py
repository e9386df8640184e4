"""What every entry of the model catalogue keeps, for every task: list an entry, and these tests test it."""

from __future__ import annotations

import pytest

from mlcore.evaluation.predictions import Task
from mlcore.learning import contract
from mlcore.learning.contract import Case, Check, Workbench
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.kind import ALL_TASKS
from mlcore.params import Value

QUICK: dict[str, dict[str, Value]] = {
    "forest": {"trees": 20},
    "extra": {"trees": 20},
    "histogram": {"rate": 0.3, "leaves": 4},
    "catboost": {"rate": 0.5, "depth": 3},
    "xgboost": {"rate": 0.3},
    "lightgbm": {"rate": 0.2},
    "additive": {"rate": 0.3},
    "net": {"width": 16, "steps": 100},
}
CASES = [(key, task) for key in MODELS.keys for task in ALL_TASKS if task in MODELS[key].tasks]


def case_of(key: str, task: Task) -> Case:
    return Case(kind=MODELS[key], task=task, params=QUICK.get(key, {}))


def is_slow(check: Check, key: str, task: Task) -> bool:
    """Fitting everything a second time is left to one of the three tasks, and several labels to one boosted model."""
    return (check is contract.follows_the_seed and task != "binary") or (task == "multiclass" and key != "lightgbm")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    installed = [case_of(key, task) for key, task in CASES if MODELS[key].installed]
    return Workbench(tmp_path_factory.mktemp("runs"), installed)


@pytest.mark.parametrize(
    ("key", "task", "check"),
    [
        pytest.param(*case, check, marks=[pytest.mark.slow] if is_slow(check, *case) else [])
        for check in contract.CHECKS
        for case in CASES
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_kind_of_model_keeps_what_was_agreed(bench: Workbench, key: str, task: Task, check: Check) -> None:
    if not MODELS[key].installed:
        pytest.skip(f"{MODELS[key].package} is not installed")
    check(bench, case_of(key, task))


@pytest.mark.parametrize("kind", MODELS, ids=MODELS.keys)
def test_an_entry_is_described_and_its_portfolio_and_its_search_fit_its_parameters(kind: ModelKind) -> None:
    contract.described(kind)
