"""What every chart promises: numbers people can read, one sentence, and the house look in both modes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlcore.data.schema import Column, Schema
from mlcore.errors import UserError
from mlcore.evaluation.compare import Entry, leaderboard
from mlcore.evaluation.conformal import Coverage, coverage_of_intervals, coverage_of_sets, members_of
from mlcore.evaluation.costs import Costs
from mlcore.evaluation.decide import cut_for, decision
from mlcore.evaluation.evaluate import evaluate
from mlcore.evaluation.evaluation import Evaluation
from mlcore.evaluation.growing import growth
from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.predictions import Predictions
from mlcore.evaluation.worth import drawn as drawn_of
from mlcore.explanation.curves import Curve
from mlcore.explanation.explanation import Explanation
from mlcore.explanation.needed import Needed
from mlcore.explanation.probe import Probe
from mlcore.learning.goal import Goal
from mlcore.learning.plan import Plan, Validation
from mlcore.learning.run import Run, Trial
from mlcore.plots import CHARTS, Chart, Panel
from mlcore.plots.tokens import DARK, LIGHT, dress
from tests.mlcore.evaluation.simulated import cases_of

ODD = "<b>$x$ & “y”"


def predictions(task: str, n: int = 240) -> Predictions:
    random = np.random.default_rng(0)
    if task == "regression":
        truth = 100 + 10 * random.normal(size=n)
        values = truth + random.normal(size=n)
        return Predictions(
            task="regression", values=values, rows=np.arange(n), truth=truth, measured="hold-out", low=values - 1.6,
            high=values + 1.6,
        )  # fmt: skip
    k = 2 if task == "binary" else 4
    labels = np.arange(n) % k
    raw = np.exp(random.normal(size=(n, k)) + 1.5 * np.eye(k)[labels])
    names = ("no", ODD) if k == 2 else ("a", "b", ODD, "d")
    return Predictions(
        task="binary" if k == 2 else "multiclass",
        values=raw / raw.sum(axis=1, keepdims=True),
        rows=np.arange(n),
        labels=names,
        positive=ODD if k == 2 else None,
        truth=labels,
        measured="cross-validation",
    )


@cache
def evaluation(task: str) -> Evaluation:
    return evaluate(predictions(task), draws=20)


@cache
def explanation(task: str, n: int = 60) -> Explanation:
    random = np.random.default_rng(0)
    k = 3 if task == "multiclass" else 1
    table = pd.DataFrame(
        {
            ODD: np.where(np.arange(n) % 7 == 0, np.nan, random.normal(size=n)),
            "word": random.choice(["x", "y", ODD], n),
            "when": pd.Series(pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(n), unit="D")).dt.as_unit("us"),
            "": random.integers(0, 3, n),
        }
    )
    values = random.normal(size=(n, 4, k)) * np.array([0.1, 0.05, 0.02, 0.01])[None, :, None]
    base = np.full(k, 0.4)
    return Explanation(
        task=task,  # type: ignore[arg-type]
        outputs=("a", "b", ODD)[:k] if k > 1 else (ODD,),
        columns=tuple(table.columns),
        base=base,
        values=values,
        output=base + values.sum(axis=1),
        table=table,
        rows=np.arange(n),
        population=1000,
        methods=("exact",),
        seconds=1.0,
        additivity_error=1e-16,
    )


@cache
def probe(task: str, word: bool = False) -> Probe:
    k, g = (3 if task == "multiclass" else 1), 5
    line = tuple(tuple(float(at * (o + 1)) / 20 for at in range(g)) for o in range(k))
    numbers = Curve(
        column=ODD, at=(0.0, 1.0, 2.0, 3.0, 4.0), near=(40, 2, 0, 30, 28), mean=line, single=(line, line),
        local_at=(0.0, 2.0, 4.0), local=tuple(one[:3] for one in line), goes_with="b", how_much=-0.8, rows=100,
    )  # fmt: skip
    words = Curve(
        column="w", words=("x", "y", "", ODD, "z"), near=(40, 30, 20, 8, 2), mean=line, single=(line,), rows=9
    )
    return Probe(
        task=task,  # type: ignore[arg-type]
        outputs=("a", "b", ODD)[:k] if k > 1 else (ODD,),
        rows=100,
        population=1000,
        curves=(words if word else numbers,),
        needed=(
            Needed(columns=(ODD, "b"), loss=0.2, low=0.1, high=0.3, before=0.4, rows=100),
            Needed(columns=("w",), loss=0.0, low=-0.1, high=0.1, before=0.4, rows=100),
        ),
        rules=(),
        seconds=1.0,
    )


def clustered(task: str) -> Explanation:
    made = explanation(task)
    values = made.values.copy()
    values[::2, 0] += 0.5
    return replace(made, values=values)


@cache
def grown() -> Any:
    sizes = {100 * 2**at: replace(predictions("regression"), measured="cross-validation") for at in range(4)}
    for at, (size, one) in enumerate(sizes.items()):
        sizes[size] = replace(one, values=one.truth + (one.values - one.truth) * (2 - 0.25 * at))
    return growth(sizes, METRICS["rmse"], rows=1000, title=ODD, floor=10.0)


@cache
def board() -> Any:
    made = predictions("binary")
    flat = replace(made, values=np.full_like(made.values, 0.5))
    return leaderboard(
        [
            Entry(key="baseline", title="Always the same", predictions=flat, ms_per_1000=0.5, megabytes=0.01),
            Entry(key="a", title=ODD, predictions=made, simplicity=1, ms_per_1000=40.0, megabytes=3.0),
            Entry(key="b", title="Broken", predictions=None, error="It ran out of memory."),
        ],
        METRICS["roc_auc"],
        draws=100,
    )


def run(many: int = 3) -> tuple[Run, Plan]:
    goal = Goal(target="t", task="binary", metric="log_loss")
    plan = Plan(
        goal=goal,
        schema=Schema(columns=()),
        fingerprint="",
        validation=Validation(method="folds", folds=5),
        candidates=(),
        seconds=60,
    )
    trials = (
        Trial(key="baseline", model="baseline", title="Baseline", state="done", score=0.69, seconds=1.0, ended=1.5),
        Trial(key="2", model="forest", title=ODD, state="done", score=0.41, seconds=5.0, ended=7.0),
        Trial(key="3", model="net", title="Net", state="failed", reason="It did not converge.", ended=8.0),
    )
    return Run(id="r", plan="p", state="done", trials=trials[:many]), plan


@cache
def column(kind: str = "number") -> Any:
    from mlcore.data.profile import profile

    n = 200
    numbers = np.arange(n, dtype=np.float64)
    table = pd.DataFrame({"x": numbers if kind == "number" else np.where(numbers % 3 == 0, ODD, "b")})
    table["y"] = np.where(numbers > 120, "yes", "no")
    described = (
        Column(name="x", kind="numeric", storage="float")
        if kind == "number"
        else Column(name="x", kind="categorical", storage="text", categories=("b", ODD), distinct=2)
    )
    schema = Schema(columns=(described, Column(name="y", kind="boolean", storage="text", categories=("no", "yes"))))
    return profile(table, schema, "y")["x"]


@cache
def table(task: str = "labels") -> Any:
    from mlcore.data.kinds import guess_schema
    from mlcore.data.profile import profile

    n = 400
    random = np.random.default_rng(0)
    made = pl.DataFrame(
        {
            "when": pd.Timestamp("2025-01-01") + pd.to_timedelta(np.arange(n) // 4, unit="D"),
            ODD: pl.Series(np.where(np.arange(n) % 5 == 0, np.nan, random.normal(size=n)), nan_to_null=True),
            "b": [None if at % 10 == 0 else str(random.choice(["u", ODD, "w"])) for at in range(n)],
            "c": random.integers(0, 40, n),
        }
    ).with_columns(y=pl.Series(random.choice(["yes", "no"], n) if task == "labels" else random.normal(size=n)))
    schema = guess_schema(made)
    schema = schema.with_column(replace(schema["c"], label=ODD, unit="km"))
    return profile(made, schema, "y"), schema


def beside(task: str) -> list[tuple[str, Evaluation]]:
    return [(ODD, evaluation(task)), ("b", evaluation(task))]


@cache
def segments() -> tuple[Any, Any]:
    """Slices by two columns of odd names, and a search that finds something."""
    from mlcore.evaluation.cuts import Cut
    from mlcore.evaluation.slices import slices
    from mlcore.evaluation.worst import worst_segments

    made = predictions("binary", 900)
    bad = np.arange(900) % 3 == 0
    made = replace(made, truth=np.where(bad, 1 - made.truth, made.truth))
    cuts = [
        Cut(column=ODD, labels=(ODD, "other"), codes=np.where(bad, 0, 1)),
        Cut(column="b", labels=("u", ODD), codes=np.where(np.arange(900) < 4, 0, 1)),
    ]
    return slices(made, cuts, METRICS["log_loss"], draws=40), worst_segments(made, cuts)


@cache
def groups(task: str) -> Any:
    """Two groups of odd names and one that is too small."""
    from mlcore.evaluation.cuts import Cut
    from mlcore.evaluation.fairness import fairness

    codes = np.where(np.arange(240) < 5, 2, np.arange(240) % 3 == 0).astype(np.int64)
    return fairness(predictions(task), [Cut(column=ODD, labels=("a", ODD, "tiny"), codes=codes)], draws=40)


@cache
def decided() -> tuple[Any, Any, Costs]:
    made, costs = drawn_of(cases_of(predictions("binary"))), Costs(tp=40.0, fp=-10.0)
    return made, decision(made, costs, cut_for(made, costs)), costs


@cache
def coverage(task: str) -> Coverage:
    known = cases_of(predictions(task), np.arange(240) % 5)
    segments = pd.Series(np.where(np.arange(240) % 3 == 0, ODD, "b"))
    if task == "regression":
        return coverage_of_intervals(known, 0.9, "even", segments)
    return coverage_of_sets(known, 0.9, members_of(known, 0.9, "lac", lambda values: 1 - values), segments)


DRAWN: dict[str, Callable[[str], Any]] = {
    "probe": probe, "patterns": clustered,
    "evaluation": evaluation, "evaluations": beside, "explanation": explanation, "coverage": coverage,
    "fairness": groups,
}  # fmt: skip


@cache
def along(kind: str) -> Any:
    """Residuals of numbers, or errors, along a column of odd names."""
    from mlcore.evaluation.along import errors_along, residuals_along

    made, place = predictions("regression"), np.arange(240)
    if kind == "time":
        when = pd.Series(pd.Timestamp("2025-01-01") + pd.to_timedelta(place, unit="D"))
        return errors_along(made, when, Column(name=ODD, kind="datetime", storage="datetime"))
    if kind == "words":
        words = pd.Series(np.where(place % 3 == 0, ODD, "b"))
        return residuals_along(made, words, Column(name=ODD, kind="categorical", storage="text"))
    number, column = pd.Series(np.sqrt(place)), Column(name=ODD, kind="numeric", storage="float")
    return errors_along(made, number, column, unit="days") if kind == "ahead" else residuals_along(made, number, column)


def stressed() -> Any:
    """Curves and columns of odd names, from any function of a table."""
    from mlcore.learning.stress import Subject, stress

    made = predictions("binary", 300)
    table = pd.DataFrame({ODD: np.arange(300.0), "word": np.where(np.arange(300) % 2 == 0, "a", ODD)})

    def values(rows: pd.DataFrame) -> Any:
        spoiled = rows[ODD].isna() | rows["word"].isna()
        kept = made.values[rows[ODD].fillna(0).clip(0, 299).astype(int)]
        return np.where(spoiled.to_numpy()[:, None], 0.5, kept)

    fields = ({"name": ODD, "kind": "number"}, {"name": "word", "kind": "category"})
    subject = Subject(values=values, table=table, known=made, fields=fields, refitted=True)
    return [*stress(subject, METRICS["roc_auc"], seconds=5.0)][-1]


PARTED: dict[str, Callable[[], Panel]] = {
    "folds": lambda: CHARTS["folds"].draw("roc_auc", [(ODD, (0.7, 0.8)), ("b", (0.6, 0.9))]),
    "growth": lambda: CHARTS["growth"].draw(grown()),
    "slices": lambda: CHARTS["slices"].draw(segments()[0]),
    "slices-titled": lambda: CHARTS["slices"].draw(segments()[0], {ODD: "Contract"}),
    "worst_segments": lambda: CHARTS["worst_segments"].draw(segments()[1]),
    "effect-binary-word": lambda: CHARTS["effect"].draw(probe("binary", word=True)),
    "effect-multiclass-word": lambda: CHARTS["effect"].draw(probe("multiclass", word=True)),
    "stress_curves": lambda: CHARTS["stress_curves"].draw(stressed()),
    "stress_columns": lambda: CHARTS["stress_columns"].draw(stressed(), {"word": "Contract"}),
    "residuals_against": lambda: CHARTS["residuals_against"].draw(along("numbers"), ODD),
    "residuals_against-words": lambda: CHARTS["residuals_against"].draw(along("words")),
    "error_over_time": lambda: CHARTS["error_over_time"].draw(along("time"), ODD),
    "error_ahead": lambda: CHARTS["error_ahead"].draw(along("ahead")),
    "fairness_calibration": lambda: CHARTS["fairness_calibration"].draw(groups("binary"), ODD),
    "fairness-calibration": lambda: CHARTS["fairness"].draw(groups("binary"), "calibration"),
}


def cases() -> dict[str, Callable[[], Panel]]:
    made = dict(PARTED)
    for chart in CHARTS:
        record = DRAWN.get(chart.key, DRAWN.get(chart.of))
        if record is not None:
            for task in chart.tasks:
                made[f"{chart.key}-{task}"] = lambda chart=chart, task=task, of=record: chart.draw(of(task))
        if chart.of == "decision":
            made[chart.key] = lambda chart=chart: chart.draw(*decided(), "€")
        if chart.of == "leaderboard":
            made[chart.key] = lambda chart=chart: chart.draw(board())
        if chart.of == "run":
            made[chart.key] = lambda chart=chart: chart.draw(*run())
            made[f"{chart.key}-first"] = lambda chart=chart: chart.draw(*run(1))
        if chart.of == "profile" and chart.key != "periods":
            made[f"{chart.key}-labels"] = lambda chart=chart: chart.draw(*table())
            made[f"{chart.key}-numbers"] = lambda chart=chart: chart.draw(*table("numbers"))
            made[f"{chart.key}-plain"] = lambda chart=chart: chart.draw(table()[0])
    for column_name in (None, ODD, "b", "c", "y"):
        made[f"periods-{column_name}"] = lambda name=column_name: CHARTS["periods"].draw(table()[0], name, table()[1])
    for kind in ("number", "word"):
        made[f"distribution-{kind}"] = lambda kind=kind: CHARTS["distribution"].draw(column(kind), rows=200)
        made[f"relation-{kind}"] = lambda kind=kind: CHARTS["relation"].draw(column(kind), "y")
    return made


CASES = cases()


@cache
def drawn(name: str) -> Panel:
    return CASES[name]()


def colours_in(node: Any, inside: bool = False) -> set[str]:
    if isinstance(node, dict):
        return {c for key, item in node.items() for c in colours_in(item, inside or "color" in key)}
    if isinstance(node, (list, tuple)):
        return {c for item in node for c in colours_in(item, inside)}
    return {node.upper()} if inside and isinstance(node, str) and re.fullmatch(r"#[0-9A-Fa-f]{6}", node) else set()


def tokens_of(colours: Any) -> set[str]:
    flat = [getattr(colours, name) for name in colours.__dataclass_fields__]
    return {c.upper() for value in flat for c in ([value] if isinstance(value, str) else value)}


def test_every_chart_has_a_case() -> None:
    assert {name.split("-")[0] for name in CASES} == set(CHARTS.keys)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_panel_is_complete_and_its_numbers_can_be_read(name: str) -> None:
    panel = drawn(name)
    assert panel.key == name.split("-")[0]
    assert panel.title
    assert panel.alt
    assert panel.help.endswith(".")
    assert panel.reading.rstrip().endswith(".")
    assert "nan" not in panel.reading.lower()
    assert re.search(r"\d", panel.basis), panel.basis
    assert len(panel.frame) > 0
    assert 150 <= panel.figure.layout.height <= 800


@pytest.mark.parametrize("name", CASES)
def test_a_figure_holds_no_nan_and_at_most_ten_thousand_points(name: str) -> None:
    figure = drawn(name).figure
    json.loads(figure.to_json())
    for trace in figure.data:
        for axis in ("x", "y", "z"):
            values = getattr(trace, axis, None)
            if values is None:
                continue
            array = np.asarray(values)
            assert array.size <= 10_000
            if array.dtype.kind == "f":
                assert np.isfinite(array).all()


@pytest.mark.parametrize("name", CASES)
def test_a_figure_is_dressed_in_the_tokens_of_either_mode(name: str) -> None:
    panel = drawn(name)
    assert colours_in(panel.figure.to_dict()) <= tokens_of(LIGHT)
    dark = dress(panel.figure, "dark")
    assert colours_in(dark.to_dict()) <= tokens_of(DARK)
    assert colours_in(dress(dark, "light").to_dict()) == colours_in(panel.figure.to_dict())


@pytest.mark.parametrize("name", CASES)
def test_a_figure_has_no_frame_and_grid_lines_on_the_value_axis_only(name: str) -> None:
    layout = drawn(name).figure.layout
    assert not layout.showlegend
    assert sum(bool(axis.showgrid) for axis in (layout.xaxis, layout.yaxis)) <= 1
    assert not layout.xaxis.mirror
    assert layout.template.layout.colorway is None


@pytest.mark.parametrize("name", CASES)
def test_user_text_reaches_the_figure_without_tags(name: str) -> None:
    text = json.dumps(drawn(name).figure.to_dict(), default=str, ensure_ascii=False)
    assert "<b>$x$" not in text


@pytest.mark.parametrize("chart", [c for c in CHARTS if c.of == "evaluation"], ids=lambda chart: chart.key)
def test_a_chart_of_another_task_is_a_sentence(chart: Chart) -> None:
    for task in {"binary", "multiclass", "regression"} - set(chart.tasks):
        with pytest.raises(UserError):
            chart.draw(evaluation(task))


@pytest.mark.parametrize("key", ["roc", "precision_recall", "lift", "thresholds"])
def test_one_label_only_is_a_sentence_not_an_empty_chart(key: str) -> None:
    made = predictions("binary")
    with pytest.raises(UserError, match="both labels"):
        CHARTS[key].draw(evaluate(made.take(np.flatnonzero(made.truth == 0)), draws=20))


@pytest.mark.parametrize("chart", [c for c in CHARTS if c.of == "evaluations"], ids=lambda chart: chart.key)
def test_models_side_by_side_of_another_task_or_too_many_are_a_sentence(chart: Chart) -> None:
    for task in {"binary", "multiclass", "regression"} - set(chart.tasks):
        with pytest.raises(UserError):
            chart.draw(beside(task))
    for many in (1, 5):
        with pytest.raises(UserError, match="drawn together"):
            chart.draw([(str(at), evaluation(chart.tasks[0])) for at in range(many)])


@pytest.mark.parametrize("key", ["roc_beside", "precision_recall_beside"])
def test_one_label_only_side_by_side_is_a_sentence(key: str) -> None:
    made = predictions("binary")
    one = evaluate(made.take(np.flatnonzero(made.truth == 0)), draws=20)
    with pytest.raises(UserError, match="both labels"):
        CHARTS[key].draw([("a", one), ("b", evaluation("binary"))])


@pytest.mark.parametrize("key", [c.key for c in CHARTS if c.of == "evaluations" and "binary" in c.tasks])
def test_equal_scores_side_by_side_can_be_drawn(key: str) -> None:
    flat = evaluate(replace(predictions("binary"), values=np.tile([0.7, 0.3], (240, 1))), draws=20)
    panel = CHARTS[key].draw([("flat", flat), ("sound", evaluation("binary"))])
    assert "nan" not in panel.reading.lower()


def test_one_fold_is_a_sentence() -> None:
    with pytest.raises(UserError, match="one fold"):
        CHARTS["folds"].draw("roc_auc", [("a", (0.7, float("nan"))), ("b", (0.6, 0.9))])


@pytest.mark.parametrize("key", [c.key for c in CHARTS if c.of == "evaluation" and "binary" in c.tasks])
def test_equal_scores_can_be_drawn(key: str) -> None:
    flat = replace(predictions("binary"), values=np.tile([0.7, 0.3], (240, 1)))
    panel = CHARTS[key].draw(evaluate(flat, draws=20))
    assert "nan" not in panel.reading.lower()
