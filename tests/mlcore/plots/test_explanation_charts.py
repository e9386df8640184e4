from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mlcore.errors import ChoiceError, ColumnError, UserError
from mlcore.explanation.explanation import Explanation
from mlcore.plots import CHARTS
from mlcore.plots.contributions import Contributions


def made(n: int = 40, columns: int = 14, task: str = "binary") -> Explanation:
    random = np.random.default_rng(0)
    table = pd.DataFrame({f"c{place}": random.normal(size=n) for place in range(columns)})
    values = random.normal(size=(n, columns, 1)) * np.linspace(0.1, 0.001, columns)[None, :, None]
    values[:, 0, 0] = 0.3 * table["c0"]
    return Explanation(
        task=task,  # type: ignore[arg-type]
        outputs=("yes",),
        columns=tuple(table.columns),
        base=np.array([0.3]),
        values=values,
        output=0.3 + values.sum(axis=1),
        table=table,
        rows=np.arange(n),
        population=n,
        methods=("exact",),
        seconds=0.1,
        additivity_error=0.0,
    )


def test_importance_is_the_mean_size_in_probability_points() -> None:
    explanation = made()
    panel = CHARTS["importance"].draw(explanation)
    expected = 100 * np.abs(explanation.values[:, :, 0]).mean(axis=0)
    assert panel.frame["mean contribution"].tolist() == pytest.approx(sorted(expected, reverse=True))
    assert panel.figure.data[0].y[-1] == "2 other columns"
    assert sum(panel.figure.data[0].x) == pytest.approx(expected.sum())


def test_a_regression_stays_in_the_unit_of_the_target() -> None:
    explanation = made(task="regression")
    panel = CHARTS["importance"].draw(explanation)
    assert panel.frame["mean contribution"].max() == pytest.approx(np.abs(explanation.values).mean(axis=0).max())


def test_a_waterfall_ends_at_the_output() -> None:
    explanation = made()
    panel = CHARTS["waterfall"].draw(explanation, 3)
    bars = [trace for trace in panel.figure.data if trace.type == "bar"]
    assert bars[0].base[0] == pytest.approx(30)
    assert bars[-1].base[0] + bars[-1].x[0] == pytest.approx(100 * explanation.output[3, 0])
    assert panel.frame["contribution"].sum() == pytest.approx(100 * (explanation.output[3, 0] - 0.3))


def test_a_rising_column_is_read_as_rising() -> None:
    assert "High values of “c0” go with a higher output" in CHARTS["beeswarm"].draw(made()).reading


def test_dependence_takes_any_column_and_names_those_near() -> None:
    assert CHARTS["dependence"].draw(made(), "c3").title == "How “c3” goes with the output"
    with pytest.raises(ColumnError, match="Did you mean"):
        CHARTS["dependence"].draw(made(), "c03")
    with pytest.raises(ChoiceError, match="output"):
        CHARTS["importance"].draw(made(), output="no")


def test_a_row_that_was_not_explained_is_a_sentence() -> None:
    with pytest.raises(UserError, match="no explained row 40"):
        CHARTS["waterfall"].draw(made(), 40)


@pytest.mark.parametrize("key", ["importance", "beeswarm", "dependence", "waterfall"])
def test_one_row_and_one_column_can_be_drawn(key: str) -> None:
    panel = CHARTS[key].draw(made(1, 1))
    assert "nan" not in panel.reading


def test_large_samples_are_thinned_and_say_so() -> None:
    panel = CHARTS["beeswarm"].draw(made(1500))
    assert sum(len(trace.x) for trace in panel.figure.data) <= 10_000
    assert "1,000 of them drawn" in panel.basis


def test_what_is_shown_as_nothing_has_no_sign() -> None:
    made = Contributions(
        name="yes", unit=" points", columns=("x",), values=np.zeros((1, 1)), base=50.0, output=np.zeros(1)
    )
    assert [made.shown(value) for value in (-0.04, 0.04, -0.06)] == ["0.0 points", "0.0 points", "−0.1 points"]


def test_rows_are_counted_from_one_and_one_without_a_number_has_none() -> None:
    explanation = replace(made(3), rows=np.array([0, 4, -1]))
    for key in ("beeswarm", "dependence", "decision_path"):
        panel = CHARTS[key].draw(explanation)
        assert sorted(panel.frame["row"].dropna()) == [1, 5]
        assert panel.frame["row"].isna().sum() == 1
    hovers = {trace.hovertemplate.partition("<")[0] for trace in CHARTS["decision_path"].draw(explanation).figure.data}
    assert hovers == {"row 1", "row 5", "an appended row"}
