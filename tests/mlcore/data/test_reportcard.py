"""A report card grades every area by its worst finding."""

from __future__ import annotations

import numpy as np
import polars as pl

from mlcore.data.kinds import guess_schema
from mlcore.data.profile import Profile, profile
from mlcore.data.reportcard import AREAS, area_of, report_card
from mlcore.findings import Finding

ROWS = 400


def looked_at(target: str | None = "y", **columns: object) -> Profile:
    dice = np.random.default_rng(2)
    table = pl.DataFrame({"x": dice.normal(size=ROWS), "y": dice.choice(["yes", "no"], ROWS)} | columns)
    return profile(table, guess_schema(table), target)


def test_a_clean_table_is_good_everywhere() -> None:
    made = looked_at()
    card = report_card(made.findings, made)
    assert {one.grade for one in card.areas} == {"good"}
    assert card.sentence == "The checks found nothing to worry about."
    assert card["enough"].said == "400 rows"


def test_an_area_is_as_good_as_its_worst_finding() -> None:
    labels = np.random.default_rng(3).choice(["yes", "no"], ROWS)
    made = looked_at(y=labels, copy=np.where(labels == "yes", "u", "v"), mail=[f"p{n}@x.org" for n in range(ROWS)])
    card = report_card(made.findings, made)
    assert (card["leakage"].grade, card["leakage"].stops) == ("act", 1)
    assert card["private"].grade == "look"
    assert card["plausible"].grade == "good"
    assert card.sentence.startswith("1 finding acted on")


def test_without_a_target_nothing_is_promised_about_leakage() -> None:
    made = looked_at(None)
    assert "once a target is chosen" in report_card(made.findings, made)["leakage"].said


def test_a_finding_that_no_check_made_is_about_the_reading() -> None:
    one = Finding(code="columns_changed", level="note", title="t", what="w", why="y", remedy="r")
    assert area_of(one) == "readable"
    assert "readable" in AREAS
