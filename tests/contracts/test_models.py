"""What every entry of the model catalogue keeps, for every task: list an entry, and these tests test it."""

from __future__ import annotations

import pytest

from mlcore.evaluation.predictions import Task
from mlcore.handoff.graph.gate import Gate, held
from mlcore.handoff.graph.whole import drawn
from mlcore.handoff.shipped.quick import Quick
from mlcore.learning import contract
from mlcore.learning.contract import Case, Check, Workbench
from mlcore.learning.models import MODELS, ModelKind
from mlcore.learning.models.kind import ALL_TASKS
from mlcore.learning.scoring import Scorer
from tests.quick import QUICK

CASES = [(key, task) for key in MODELS.keys for task in ALL_TASKS if task in MODELS[key].tasks]


def case_of(key: str, task: Task) -> Case:
    return Case(kind=MODELS[key], task=task, params=QUICK.get(key, {}))


def is_slow(check: Check, key: str, task: Task) -> bool:
    """Fitting everything a second time is left to one of the three tasks."""
    return (check is contract.follows_the_seed and task != "binary") or is_repeated(key, task)


def is_repeated(key: str, task: Task) -> bool:
    """Several labels are left to one boosted model and to one with a function for each label."""
    return task == "multiclass" and key not in ("lightgbm", "linear")


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


def as_a_graph(bench: Workbench, scorer: Scorer) -> Gate:
    graph = drawn(scorer)
    told = {"numbers": graph.numbers, "words": graph.words, "labels": scorer.labels}
    return held(scorer, Quick(graph.content, told), bench.table.head(40), graph.cuts)


@pytest.mark.parametrize(
    ("key", "task"), [pytest.param(*case, marks=[pytest.mark.slow] if is_repeated(*case) else []) for case in CASES]
)
def test_every_kind_of_model_is_a_graph_that_says_the_same(bench: Workbench, key: str, task: Task) -> None:
    if not MODELS[key].installed:
        pytest.skip(f"{MODELS[key].package} is not installed")
    gate = as_a_graph(bench, bench.model(case_of(key, task)).scorer)
    assert gate.ok, gate
    assert gate.difference <= gate.tolerance / 40, gate
    assert gate.edges > 0 or MODELS[key].family in ("linear", "baseline", "neural", "neighbours")


@pytest.mark.slow
@pytest.mark.parametrize("task", ALL_TASKS)
@pytest.mark.parametrize("stacked", [False, True], ids=["blend", "stack"])
def test_an_ensemble_is_one_graph_that_says_the_same(bench: Workbench, task: Task, stacked: bool) -> None:
    members = [bench.model(case_of(key, task)).scorer for key in ("linear", "lightgbm", "extra", "net")]
    spec = {**members[0].spec, "members": [{**one.spec["members"][0], "weight": 0.3} for one in members]}
    if task != "regression":
        spec["members"][1]["after"] = {"do": "raised", "power": 1.7}
    if stacked:
        bias = {"binary": [0.1, -0.1], "multiclass": [0.1, 0.0, -0.2], "regression": [-7.5]}[task]
        spec["stack"] = {"bias": bias, "floor": 1e-4}
    gate = as_a_graph(bench, Scorer(spec, [one.members[0][1] for one in members]))
    assert gate.ok, gate
    assert gate.difference <= gate.tolerance / 40, gate


def test_an_ensemble_whose_member_lacks_a_label_is_one_graph(bench: Workbench) -> None:
    two, three = (bench.model(case_of("linear", task)).scorer for task in ("binary", "multiclass"))
    spec = {**three.spec, "members": [{**one.spec["members"][0], "weight": 0.5} for one in (two, three)]}
    assert as_a_graph(bench, Scorer(spec, [one.members[0][1] for one in (two, three)])).ok


@pytest.mark.parametrize(
    "calibration",
    [
        {"power": 1.3, "bias": [0.0, -0.2]},
        {"said": [0.1, 0.2, 0.2, 0.5, 0.9], "meant": [0.0, 0.1, 0.3, 0.6, 1.0]},
        {"said": [0.4], "meant": [0.25]},
    ],
    ids=["line", "knots", "one knot"],
)
def test_a_calibrated_model_is_one_graph(bench: Workbench, calibration: dict[str, object]) -> None:
    scorer = bench.model(case_of("linear", "binary")).scorer
    gate = as_a_graph(bench, Scorer({**scorer.spec, "calibration": calibration}, [scorer.members[0][1]]))
    assert gate.ok, gate
