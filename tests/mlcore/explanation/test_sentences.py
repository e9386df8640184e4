"""Sentences say what is in the record, in plain words, the same every time."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from mlcore.explanation import Explanation, about_model, about_row, importance, reasons


def explanation(task: str = "binary", **changed: object) -> Explanation:
    """Four rows, three columns: duration raises with its value, job is a category, noise is never used."""
    outputs = {"binary": ("yes",), "multiclass": ("low", "top"), "regression": ("price",)}[task]
    scale = 1000.0 if task == "regression" else 1.0
    one = np.array([[-0.1, 0.02, 0], [-0.02, 0.02, 0], [0.08, -0.03, 0], [0.2, -0.03, 0]]) * scale
    values = np.stack([one, -one], axis=-1) if task == "multiclass" else one[..., None]
    base = np.full(len(outputs), 0.5 * scale)
    fields = {
        "task": task,
        "outputs": outputs,
        "columns": ("duration", "job", "noise"),
        "base": base,
        "values": values,
        "output": base + values.sum(axis=1),
        "table": pd.DataFrame(
            {"duration": [10.0, 20.5, np.nan, 310.0], "job": ["clerk", "clerk", "cook", None], "noise": [1, 2, 3, 4]}
        ),
        "rows": np.array([1, 4, 6, 9]),
        "population": 10,
        "methods": ("exact",),
        "seconds": 0.1,
        "additivity_error": 1e-16,
    }
    return Explanation(**{**fields, **changed})  # type: ignore[arg-type]


def test_a_reason_names_direction_size_and_cell() -> None:
    told = reasons(explanation(), 2)
    assert told.columns.tolist() == ["reason_1", "reason_2"]
    assert told["reason_1"].iloc[3] == "Raises the probability of yes by 20 points: duration = 310"
    assert told["reason_2"].iloc[0] == "Raises the probability of yes by 2.0 points: job = clerk"
    assert told["reason_1"].iloc[2] == "Raises the probability of yes by 8.0 points: duration is missing"


def test_one_point_is_written_with_the_decimal_of_the_others() -> None:
    made = explanation()
    told = reasons(replace(made, values=np.full_like(made.values, 0.01)), 1)
    assert told["reason_1"].iloc[3] == "Raises the probability of yes by 1.0 points: duration = 310"


def test_a_column_that_moves_nothing_is_no_reason() -> None:
    told = reasons(explanation(), 3)
    assert (told["reason_3"] == "").all()


def test_a_row_is_told_from_the_output_to_the_rest() -> None:
    told = about_row(explanation(), 3, top=1)
    assert (
        told[0]
        == "The probability of yes is 67 %, 17 points above the average of 50 % of the rows it is compared with."
    )
    assert told[1].startswith("Raises the probability of yes by 20 points")
    assert told[2] == "The other 2 columns together lower it by 3.0 points."


def test_a_label_keeps_its_spelling_at_the_start_of_a_sentence() -> None:
    made = replace(explanation("binary"), outputs=("ADELIE (Torgersen)",))
    assert about_row(made, 0)[0].startswith("The probability of ADELIE (Torgersen) is ")


def test_numbers_are_told_in_the_unit_of_the_target() -> None:
    told = about_row(explanation("regression"), 0)
    assert told[0].startswith("The predicted price is 420, 80.0 below the average of 500")
    assert told[1] == "Lowers the predicted price by 100: duration = 10"


def test_of_several_labels_the_most_probable_one_is_told() -> None:
    assert "the probability of top" in about_row(explanation("multiclass"), 0)[1]
    assert "the probability of low" in about_row(explanation("multiclass"), 3)[1]
    assert "the probability of top" in about_row(explanation("multiclass"), 3, output=1)[1]


def test_the_model_is_told_by_its_most_important_columns() -> None:
    told = " ".join(about_model(explanation()))
    assert told.startswith("duration matters most: it moves the probability of yes by 10 points on average, 80\u00a0%")
    assert "Higher duration goes with a higher probability of yes." in told
    assert "4 of 10 rows, drawn at random" in told
    assert "noise" not in told


def test_a_model_that_uses_nothing_says_so() -> None:
    empty = explanation(values=np.zeros((4, 3, 1)), output=np.full((4, 1), 0.5))
    assert about_model(empty)[0].startswith("No column moves")
    assert "about the same as" in about_row(empty, 0)[0]


def test_no_sentence_claims_a_cause() -> None:
    for task in ("binary", "multiclass", "regression"):
        record = explanation(task)
        told = " ".join((*about_model(record), *(line for row in range(4) for line in about_row(record, row))))
        assert not re.search(r"\b(because|cause|due to|leads to|effect|impact|drive)", told)


def test_the_sampling_error_is_said() -> None:
    assert "typically off by 0.4 points" in about_model(explanation(sampling_error=0.004))[-1]


def test_importance_is_sorted_with_interval_share_and_direction() -> None:
    found = importance(explanation())
    assert found["column"].tolist() == ["duration", "job", "noise"]
    assert np.isclose(found["mean_abs"].iloc[0], 0.1)
    assert found["low"].iloc[0] < 0.1 < found["high"].iloc[0]
    assert np.isclose(found["share"].sum(), 1)
    assert found["direction"].iloc[0] == 1
    assert np.isnan(found["direction"].iloc[1])
    assert importance(explanation("multiclass"), output=1)["direction"].iloc[0] == -1
