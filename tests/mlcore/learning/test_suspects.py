"""Rows with a wrong outcome are pointed out; rows that are merely hard are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlcore import records
from mlcore.data.repairs import REPAIRS
from mlcore.learning.folder import RunFolder
from mlcore.learning.goal import Goal
from mlcore.learning.suspects import FILE, ROWS, Suspects, write_suspects
from mlcore.learning.train import fit
from tests.mlcore.learning.conftest import Laid, described

ROW_COUNT = 600
BINARY = Goal(target="y", task="binary", metric="roc_auc", positive="yes")


def clear(seed: int = 0, noise: float = 0.25) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=ROW_COUNT), rng.normal(size=ROW_COUNT)
    truth = first + second + rng.normal(0, noise, ROW_COUNT) > 0
    return pd.DataFrame({"first": first, "second": second, "y": np.where(truth, "yes", "no")})


def key_of(folder: Path) -> str:
    return next(candidate.key for candidate in RunFolder(folder).plan.candidates if candidate.model == "linear")


def judged(folder: Path) -> Suspects:
    key = key_of(folder)
    fit(folder, key, deadline_seconds=60)
    return write_suspects(folder, key)


def test_swapped_labels_are_found_by_their_rows(laid_out: Laid) -> None:
    table = clear()
    far = table.index[(table["first"] + table["second"]).abs() > 2][:12].to_numpy()
    table.loc[far, "y"] = table.loc[far, "y"].map({"yes": "no", "no": "yes"})
    found = judged(laid_out(table, BINARY))
    rows = {one.row for one in found.listed}
    used = len(rows & set(far.tolist()))
    assert used >= 8  # some of them are locked away
    assert used >= 0.8 * len(rows)
    (finding,) = found.findings
    assert finding.code == "suspicious_labels"
    assert f"{found.found} rows" in finding.what


def test_nothing_is_doubted_where_labels_are_right(laid_out: Laid) -> None:
    assert judged(laid_out(clear(noise=0.05), BINARY)).found <= 1


def test_a_hard_problem_is_no_mistake(laid_out: Laid) -> None:
    rng = np.random.default_rng(1)
    table = clear()
    table["y"] = np.where(rng.random(ROW_COUNT) < 0.3, rng.choice(["yes", "no"], ROW_COUNT), "no")
    found = judged(laid_out(table, BINARY))
    assert found.found == 0
    assert found.findings == ()


@pytest.mark.parametrize("tails", ["normal", "long"])
def test_a_slipped_decimal_mark_is_found_among_numbers(laid_out: Laid, tails: str) -> None:
    rng = np.random.default_rng(2)
    table = clear()
    noise = rng.normal(size=ROW_COUNT) if tails == "normal" else rng.standard_t(3, ROW_COUNT)
    table["y"] = 50 + 10 * table["first"] + noise
    slipped = [17, 170, 340]
    table.loc[slipped, "y"] *= 10
    folder = laid_out(table, Goal(target="y", task="regression", metric="rmse"))
    rows = {one.row for one in judged(folder).listed}
    locked = set(np.flatnonzero(RunFolder(folder).split.holdout).tolist())
    assert set(slipped) - locked <= rows
    assert len(rows) <= 6


def test_the_rows_themselves_are_kept_in_the_order_of_doubt(laid_out: Laid) -> None:
    table = clear()
    far = table.index[(table["first"] + table["second"]).abs() > 2][:6].to_numpy()
    table.loc[far, "y"] = table.loc[far, "y"].map({"yes": "no", "no": "yes"})
    folder = laid_out(table, BINARY)
    found = judged(folder)
    rows = pd.read_parquet(folder / ROWS)
    assert rows["first"].tolist() == [table["first"].iloc[one.row] for one in found.listed]
    assert records.read(Suspects, folder / FILE) == found


@pytest.mark.slow
def test_rows_are_left_out_by_the_column_that_names_them(laid_out: Laid) -> None:
    table = clear()
    far = table.index[(table["first"] + table["second"]).abs() > 2][:6].to_numpy()
    table.loc[far, "y"] = table.loc[far, "y"].map({"yes": "no", "no": "yes"})
    table.insert(0, "case ]id", [f'a "{n}"' for n in range(ROW_COUNT)])
    table["case ]id"] = table["case ]id"].astype("str")
    folder = laid_out(table, BINARY)
    named = described(table, **{"case ]id": "identifier"})
    plan = RunFolder(folder).plan
    records.write(folder / "plan.json", {**records.to_json(plan), "schema": records.to_json(named)})
    (finding,) = judged(folder).findings
    (fix,) = finding.fixes
    REPAIRS[fix.step].check(fix.params, named)
    assert all(f'""{one.row}""' in fix.params["expression"] for one in judged(folder).listed)
