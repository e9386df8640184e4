"""One pass over a table finds what several would, however the table is cut into pieces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlcore.data import described, tables
from mlcore.data.kinds import guess_schema
from mlcore.data.look import Look
from mlcore.data.sweep import Sweep, swept

RNG = np.random.default_rng(2)
ROWS = 1200


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    moments = np.datetime64("2024-01-01", "us") + RNG.integers(0, 400 * 86400, ROWS).astype("timedelta64[s]")
    made = pl.DataFrame(
        {
            "when": moments,
            "x": np.where(RNG.random(ROWS) < 0.2, np.nan, RNG.normal(size=ROWS)),
            "few": RNG.integers(0, 5, ROWS),
            "word": RNG.choice(["a", "b", "c"], ROWS),
            "code": [f"k{number}" for number in RNG.integers(0, 900, ROWS)],
            "answer": RNG.choice(["yes", "no"], ROWS),
        },
    ).with_columns(pl.col("x").fill_nan(None))
    return made.with_columns(
        copy=pl.col("word"), gap=pl.when(pl.col("x").is_null()).then(None).otherwise(pl.lit("here"))
    )


def found(source: pl.DataFrame | Path, frame: pl.DataFrame, time: str | None = "when") -> Sweep:
    return swept(source, guess_schema(frame), time, 500)


def test_a_table_read_in_pieces_is_described_as_one_read_at_once(
    frame: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(described, "_MOST_TALLIED", 200)
    whole = found(frame, frame)
    frame.write_parquet(tmp_path / "t.parquet", row_group_size=100)
    monkeypatch.setattr(tables, "CELLS_AT_ONCE", 400)
    assert len(list(dict(tables.pieces(tmp_path / "t.parquet", ("x",)))["x"])) == 6
    cut = found(tmp_path / "t.parquet", frame)
    assert cut.columns == whole.columns
    assert cut.missingness == whole.missingness
    assert (cut.duplicates, cut.column_hashes, cut.periods) == (whole.duplicates, whole.column_hashes, whole.periods)
    assert cut.sample.equals(whole.sample)


def test_very_many_different_words_are_counted_by_their_hashes(
    frame: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = frame["code"].value_counts().sort(["count", "code"], descending=[True, False])
    monkeypatch.setattr(described, "_MOST_TALLIED", 200)
    code = found(frame, frame).columns["code"]
    assert code.distinct == known.height
    assert [counted.count for counted in code.top] == known["count"].head(20).to_list()
    assert {counted.value: counted.count for counted in code.top}.items() <= dict(known.iter_rows()).items()


def test_words_that_all_differ_are_told_by_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"id": [f"r{at}" for at in range(500)]})
    monkeypatch.setattr(described, "_MOST_TALLIED", 100)
    column = found(frame, frame, None).columns["id"]
    assert (column.distinct, len(column.top), column.other) == (500, 20, 480)


def test_equal_columns_and_equal_rows_are_seen(frame: pl.DataFrame) -> None:
    twice = pl.concat([frame, frame.head(7)])
    made = found(twice, frame)
    assert made.duplicates == 7
    assert made.column_hashes["word"] == made.column_hashes["copy"] != made.column_hashes["answer"]


def test_columns_that_are_missing_together_are_one_pattern(frame: pl.DataFrame) -> None:
    gaps = found(frame, frame).missingness
    missing = frame["x"].null_count()
    assert [(one.columns, one.rows) for one in gaps.patterns] == [((), ROWS - missing), (("x", "gap"), missing)]
    assert (gaps.complete, gaps.different) == (ROWS - missing, 2)
    assert {gap.name: gap.rows for gap in gaps.gaps} == {"x": missing, "gap": missing}


def test_a_column_over_time_has_the_means_that_polars_has(frame: pl.DataFrame) -> None:
    made = found(frame, frame)
    assert made.periods is not None
    assert made.periods.unit == "week"
    assert sum(made.periods.rows) == ROWS
    weeks = frame.group_by(pl.col("when").dt.truncate("1w")).agg(
        pl.col("x").mean(), yes=(pl.col("answer") == "yes").mean(), gone=pl.col("x").is_null().mean()
    ).sort("when")  # fmt: skip
    starts = [moment.timestamp() for moment in weeks["when"].dt.replace_time_zone("UTC")]
    kept = [made.periods.starts.index(start) for start in starts]
    x, answer = made.columns["x"].over_time, made.columns["answer"].over_time
    assert x is not None
    assert answer is not None
    assert [x.values[at] for at in kept] == pytest.approx(weeks["x"].to_list(), rel=1e-5)
    assert [x.missing[at] for at in kept] == pytest.approx(weeks["gone"].to_list(), rel=1e-5)
    assert answer.of == "yes"
    assert [answer.values[at] for at in kept] == pytest.approx(weeks["yes"].to_list(), rel=1e-5)
    assert made.columns["code"].over_time is None or made.columns["when"].over_time is None


@pytest.mark.parametrize(("days", "unit"), [(1, "hour"), (60, "day"), (500, "week"), (3000, "month"), (20000, "year")])
def test_the_unit_of_time_follows_the_span(days: int, unit: str) -> None:
    moments = np.datetime64("1990-01-01", "us") + np.linspace(0, days * 86400, 300).astype("timedelta64[s]")
    frame = pl.DataFrame({"t": moments, "v": range(300)})
    periods = found(frame, frame, "t").periods
    assert periods is not None
    assert periods.unit == unit
    assert list(periods.starts) == sorted(periods.starts)


@pytest.mark.parametrize("cells", [[], [None, None, None], ["a", None, "a"]])
def test_columns_of_nothing_or_little_are_described(cells: list[str | None]) -> None:
    frame = pl.DataFrame(
        {"a": pl.Series(cells, dtype=pl.String), "b": pl.Series(cells, dtype=pl.String).str.len_chars().cast(pl.Int64)}
    )
    made = found(frame, frame, None)
    assert made.columns["a"].missing == made.columns["b"].missing == sum(cell is None for cell in cells)
    assert made.duplicates == max(0, len(cells) - len(set(cells)))


def test_rows_that_are_equal_but_for_some_columns_share_a_hash(frame: pl.DataFrame) -> None:
    twice = pl.concat([frame, frame.with_columns(answer=pl.lit("maybe"))])
    look = Look(source=twice, schema=guess_schema(twice))
    hashes = look.row_hashes(("answer",))
    assert hashes[:ROWS].to_list() == hashes[ROWS:].to_list()
    assert hashes.n_unique() == ROWS
    assert look.duplicates == 0
