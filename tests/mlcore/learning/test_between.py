"""The days between two date columns are told to every model, and belong to the later named column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from mlcore.data.schema import Column, Schema
from mlcore.learning import encode
from mlcore.learning.encode import Intake, Wish
from mlcore.learning.fields import fields_of
from mlcore.learning.scoring import conform

FRAME = pd.DataFrame(
    {
        "asked": pd.Series(pd.date_range("2024-01-01", periods=40, freq="31h")),
        "size": np.arange(40.0),
        "paid": pd.Series(pd.date_range("2024-02-01", periods=40, freq="1D")).mask(np.arange(40) == 5),
    }
)
SCHEMA = Schema(
    columns=(
        Column(name="asked", kind="datetime", storage="datetime"),
        Column(name="size", kind="numeric", storage="float"),
        Column(name="paid", kind="datetime", storage="datetime"),
    )
)


def test_the_days_between_two_dates_are_told_with_their_fraction() -> None:
    made = conform(FRAME, fields_of(SCHEMA, FRAME))["c2_sincec0"]
    truth = (FRAME["paid"] - FRAME["asked"]) / pd.Timedelta(days=1)
    np.testing.assert_allclose(made, truth, atol=1e-4)
    assert np.isnan(made[5])


def test_fields_stored_before_there_were_such_days_are_read_as_they_were() -> None:
    fields = fields_of(SCHEMA, FRAME)
    old = [{key: value for key, value in field.items() if key != "since"} for field in fields]
    was, now = conform(FRAME, old), conform(FRAME, fields)
    assert [name for name in now if name not in was] == ["c2_sincec0"]
    pd.testing.assert_frame_equal(now[was.columns], was)


@pytest.mark.parametrize("intake", ["gaps", "filled", "scaled", "sparse"])
def test_every_model_is_told_them_and_they_belong_to_the_later_named_column(intake: Intake) -> None:
    fields = fields_of(SCHEMA, FRAME)
    pipeline = Pipeline([("encode", encode.encoder(fields, Wish(intake=intake, rows=40, classes=0)))])
    X = pipeline.fit_transform(conform(FRAME, fields), np.arange(40.0))
    names = list(pipeline.get_feature_names_out())
    place = next(at for at, name in enumerate(names) if "since" in name)
    assert encode.origins(pipeline, fields)[place] == 2
    assert X.shape[1] == len(names)
