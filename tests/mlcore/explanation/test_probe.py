"""A closer look is true to the model: curves, what it needs, and rules that copy it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.explanation.curves import curve
from mlcore.explanation.members import outputs_of
from mlcore.explanation.needed import needed, together
from mlcore.explanation.probe import Probe, look, under_titles
from mlcore.explanation.rules import rules
from mlcore.explanation.sentences import of_fidelity, of_rule
from mlcore.learning.model import Model
from tests.mlcore.explanation.models import model_of, people

FAST = {"budget": 0.5, "each": 1e-4}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, pd.DataFrame]:
    table = people(rows=300)
    return model_of(tmp_path_factory.mktemp("model"), table, "regression", {"linear": 1.0}), table


class Plain:
    """A model by a formula, of a table of numbers."""

    task = "regression"
    labels = ()

    def __init__(self, formula) -> None:
        self.scorer, self.formula = self, formula

    def values(self, rows: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.formula(rows), dtype=np.float64)


def two(together_by: float) -> pd.DataFrame:
    random = np.random.default_rng(0)
    a = random.normal(size=800)
    b = together_by * a + np.sqrt(1 - together_by**2) * random.normal(size=800)
    return pd.DataFrame({"a": a, "b": b})


def test_the_mean_curve_is_what_the_model_says_with_that_value_in_every_row(fitted) -> None:
    model, table = fitted
    rows = table[list(model.columns)]
    for column in ("Alter [Jahre]", "job", "since"):
        made = curve(model, rows, column, budget=30.0, each=1e-4)
        value = made.words[1] if made.words else made.at[3]
        changed = rows.assign(**{column: pd.Timestamp(value, unit="s") if made.dates else value})
        changed[column] = changed[column].astype(rows[column].dtype)
        place = 1 if made.words else 3
        assert made.rows == 300
        assert made.mean[0][place] == pytest.approx(outputs_of(model, changed).mean())


def test_the_accumulated_effect_does_not_take_the_other_column_s_share() -> None:
    """Apley and Zhu's own case: outside the data the formula is wild, and only partial dependence goes there."""
    rows = two(0.95)
    model = Plain(lambda z: z["a"] + np.where((z["a"] - z["b"]).abs() > 1.5, 50.0, 0.0))
    made = curve(model, rows, "a", **FAST)  # type: ignore[arg-type]
    assert made.goes_with == "b"
    inner = (np.array(made.local_at) > -1.5) & (np.array(made.local_at) < 1.5)
    local = np.array(made.local[0])[inner]
    assert np.polyfit(np.array(made.local_at)[inner], local, 1)[0] == pytest.approx(1.0, abs=0.1)
    assert max(made.mean[0]) - min(made.mean[0]) > 15


def test_columns_that_do_not_go_together_are_not_said_to() -> None:
    made = curve(Plain(lambda z: 3 * z["a"]), two(0.0), "a", **FAST)  # type: ignore[arg-type]
    assert made.goes_with == ""
    slopes = np.diff(made.mean[0]) / np.diff(made.at)
    assert slopes == pytest.approx(3.0)


def test_gaps_in_the_data_are_known() -> None:
    rows = two(0.0)
    rows["a"] = np.where(rows["a"] > 0, 10 + rows["a"], rows["a"])
    made = curve(Plain(lambda z: z["a"]), rows, "a", **FAST)  # type: ignore[arg-type]
    assert [thin for at, thin in zip(made.at, made.thin, strict=True) if 2 < at < 8] != []
    assert all(thin for at, thin in zip(made.at, made.thin, strict=True) if 2 < at < 8)
    assert not all(made.thin)


def test_columns_that_go_together_are_one_group() -> None:
    random = np.random.default_rng(5)
    rows = two(0.95).assign(c=random.normal(size=800), word=random.choice(["x", "y", "z"], 800))
    rows["same"] = rows["word"].map({"x": "ix", "y": "ypsilon", "z": "zet"})
    assert set(together(rows)) == {("a", "b"), ("c",), ("word", "same")}


def test_what_a_model_leans_on_is_needed_and_noise_is_not(fitted) -> None:
    model, table = fitted
    noisy = model_of(model.folder / "noise", people(rows=300, numbers=2), "regression", {"linear": 1.0})
    found = {one.columns[0]: one for one in needed(noisy, people(rows=300, numbers=2), budget=50, each=1e-2)}
    assert found["job"].low > 0
    assert found["job"].low < found["job"].loss < found["job"].high
    assert needed(model, table[list(model.columns)], budget=0.5, each=1e-4) == ()
    (first,) = needed(noisy, people(rows=300, numbers=2), budget=0.0, each=1e-4, order=("town", "job"))
    assert "town" in first.columns, "where time is short, what matters most comes first"


def test_rules_copy_a_step_and_say_how_well() -> None:
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"a": random.normal(size=600), "w": random.choice(["x", "y"], 600)})
    rows.loc[:50, "a"] = np.nan
    said = np.where((rows["a"] > 0.5) & (rows["w"] == "x"), 10.0, 1.0)
    found = rules(rows, said)
    assert found.fidelity > 0.9
    asked, amount, _ = of_rule(found.rules[0], "regression")
    assert "a above 0.5" in asked or "a above 0.4" in asked
    assert "w is “x”" in asked or "w is not “y”" in asked
    assert amount == "10.0"
    assert sum(rule.share for rule in found.rules) == pytest.approx(1.0)
    assert "fair summary" in of_fidelity(found, "regression")


def test_the_limits_of_a_column_are_said_as_one_range() -> None:
    a = np.linspace(0, 10, 600)
    found = rules(pd.DataFrame({"a": a}), np.where((a > 3) & (a < 6), 5.0, np.where(a > 8, 2.0, 0.0)))
    said = [of_rule(rule, "regression")[0] for rule in found.rules]
    assert re.match(r"a between (2\.9|3|3\.0)\S* and (5\.9|6|6\.0)\S*$", said[0])
    assert not any("missing" in text for text in said)


def test_rules_that_cannot_copy_noise_warn_of_themselves() -> None:
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"a": random.normal(size=400)})
    found = rules(rows, random.normal(size=400))
    assert found.fidelity < 0.2
    assert "Beware" in of_fidelity(found, "binary")
    assert "cannot be copied" in of_fidelity(rules(rows, np.ones(400)), "binary")


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_closer_look_is_stored_and_read_under_the_titles_of_columns(task: str, tmp_path: Path) -> None:
    table = people(rows=120)
    table.loc[::7, "since"] = pd.NaT
    model = model_of(tmp_path, table, task, {"linear": 1.0})
    found = look(model, table, model.columns, seconds=1.0)
    assert len(found.rules) == len(found.outputs)
    assert {len(one.mean) for one in found.curves} == {len(found.outputs)}
    records.write(tmp_path / "probe.json", found)
    again = records.read(Probe, tmp_path / "probe.json")
    assert again == found
    shown = under_titles(again, {"job": "Profession"})
    assert "job" not in {name for one in shown.needed for name in one.columns}
    assert "Profession" in {name for one in shown.needed for name in one.columns}
