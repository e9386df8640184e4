"""Parts of dates that come round are told as waves to models that add, and to no trees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore.data.schema import Schema
from mlcore.learning.encode import Intake, Wish, encoder, origins, plain
from mlcore.learning.fields import fields_of
from mlcore.learning.goal import Goal
from mlcore.learning.scoring import Scorer, conform
from mlcore.learning.trial import fit

Described = Callable[..., Schema]
Laid = Callable[..., Path]


def encoded(table: pd.DataFrame, schema: Schema, intake: Intake) -> pd.DataFrame:
    fields = fields_of(schema, table)
    made = encoder(fields, Wish(intake=intake, rows=len(table), classes=0))
    cells = made.fit_transform(conform(table, fields), np.arange(len(table), dtype=np.float64))
    dense = cells.toarray() if hasattr(cells, "toarray") else cells
    return pd.DataFrame(dense, columns=[str(name) for name in made.get_feature_names_out()])


def days(moments: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame({"when": moments.as_unit("us"), "x": np.arange(len(moments), dtype=np.float64)})


@pytest.mark.parametrize("intake", ["scaled", "sparse"])
def test_december_lies_beside_january_and_midnight_beside_the_minute_before(
    schema_of: Described, intake: Intake
) -> None:
    table = days(pd.date_range("2023-01-01", "2024-12-31 23:00", freq="7h"))
    cells = encoded(table, schema_of(table), intake)
    part = table["when"].dt
    for name, value, ends in (("month", part.month, (1, 12)), ("hour", part.hour, (0, 23))):
        wave = cells[[f"sine__c0_{name}", f"cosine__c0_{name}"]].groupby(value.to_numpy()).mean()
        apart = np.linalg.norm(wave.to_numpy() - wave.loc[ends[0]].to_numpy(), axis=1)
        assert apart[list(wave.index).index(ends[1])] == pytest.approx(apart[1], rel=0.1)
        assert apart.max() > 2.5


def test_there_is_no_hour_where_all_times_are_midnight_and_trees_see_no_waves(schema_of: Described) -> None:
    table = days(pd.date_range("2023-01-01", periods=800, freq="D"))
    waves = {name for name in encoded(table, schema_of(table), "sparse") if "sine__" in name}
    parts = ("month", "weekday", "yearday")
    assert waves == {f"{turn}__c0_{part}" for turn in ("sine", "cosine") for part in parts}
    for intake in ("gaps", "filled"):
        assert not any("sine__" in name for name in encoded(table, schema_of(table), intake))


def test_a_season_is_carried_over_to_months_not_seen_by_the_model_that_is_stored(laid_out: Laid) -> None:
    when = pd.date_range("2021-01-01", "2024-09-30", freq="5D")
    season = 10 * np.sin(2 * np.pi * (when.day_of_year - 30) / 365.25)
    noise = np.random.default_rng(0).normal(size=len(when))
    table = days(when).assign(y=season + noise)
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse", time="when"))
    trial = fit(folder, "linear")
    assert trial.state == "done", trial.reason
    scorer = Scorer.load(folder / "trials" / "linear" / "model")
    later = days(pd.date_range("2024-10-01", periods=90, freq="D")).assign(x=float(len(when)))
    truth = 10 * np.sin(2 * np.pi * (later["when"].dt.day_of_year - 30) / 365.25)
    assert np.sqrt(np.mean((scorer.values(later) - truth) ** 2)) < 1.5


def test_every_wave_belongs_to_the_users_date(schema_of: Described) -> None:
    from sklearn.pipeline import Pipeline

    table = days(pd.date_range("2023-01-01", periods=400, freq="13h"))
    fields = fields_of(schema_of(table), table)
    rows = conform(table, fields)
    pipeline = Pipeline([("encode", encoder(fields, Wish(intake="scaled", rows=400, classes=0)))])
    before = pipeline.fit(rows, np.arange(400.0)).transform(rows)
    names = pipeline.named_steps["encode"].get_feature_names_out()
    places = origins(pipeline, fields)
    assert {places[number] for number, name in enumerate(names) if "sine__" in name} == {0}
    np.testing.assert_array_equal(plain(pipeline).transform(rows), before)
