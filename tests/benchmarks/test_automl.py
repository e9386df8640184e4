"""The comparison with other systems: its arithmetic, and one small run through the shared runner."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.benchmarks.automl import __main__ as benchmark
from tests.benchmarks.automl import comparison, tables


def told(runs: Path, system: str, table: str, **said: object) -> None:
    runs.mkdir(exist_ok=True)
    text = json.dumps({"ok": True, "budget": 60.0, "fit_s": 10.0, "one_row_s": 0.02, **said})
    (runs / f"{system}__{table}.json").write_text(text, encoding="utf-8")


def test_scores_become_normalised_scores_and_ranks(tmp_path: Path) -> None:
    for name, meta in {
        "one": {"task": "binary", "n_train": 10, "baseline": {"roc_auc": 0.5}},
        "two": {"task": "regression", "n_train": 20, "baseline": {"rmse": 4.0}},
    }.items():
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    runs = tmp_path / "runs"
    told(runs, "dummy", "one", roc_auc=0.5)
    told(runs, "ours", "one", roc_auc=0.9)
    told(runs, "theirs", "one", roc_auc=0.8)
    told(runs, "dummy", "two", rmse=4.0)
    told(runs, "ours", "two", rmse=3.0)
    told(runs, "theirs", "two", ok=False, error="it crashed | badly")
    found = comparison.collected(runs, tmp_path / "data", ["one", "two"], ["dummy", "ours", "theirs"])
    got = found.set_index(["table", "system"])
    assert got.loc[("one", "theirs"), "normalised"] == pytest.approx(0.75)
    assert got.loc[("one", "dummy"), "normalised"] == 0
    assert got.loc[("two", "theirs"), "normalised"] == 0
    assert list(got["rank"].dropna()) == [1, 2, 1, 2]
    assert got.loc[("one", "ours"), "one_row_ms"] == 20
    summary = comparison.summed(found)
    assert summary.index[0] == "ours"
    assert summary.loc["ours", ["mean_rank", "worst_normalised", "last"]].tolist() == [1, 1, 0]
    assert summary.loc["theirs", ["failed", "mean_rank", "last"]].tolist() == [1, 2, 2]
    text = comparison.markdown(found)
    assert "| two | theirs | regression | 20 | rmse | – | 0 | 2 |" in text
    assert "it crashed / badly" in text


def test_tables_that_grow_have_something_to_learn() -> None:
    public = tables.SCALING["rows_1k"]
    table = public.make()
    train, test = tables.parted(public, table)
    assert (len(train), table.shape[1]) == (1_000, 21)
    assert 0.4 < (test["answer"] == "yes").mean() < 0.6


@pytest.mark.slow
@pytest.mark.skipif(not (benchmark.SHARED / "bench.py").is_file(), reason="the shared runners are not here")
def test_a_run_is_made_once_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PEERS_ROOT", str(tmp_path))
    monkeypatch.delenv("CPU_LOCK", raising=False)
    monkeypatch.setenv("PEERS_DATA", "")
    (tmp_path / "venv-plain").symlink_to(sys.prefix)
    tables.build("cancer", tmp_path / "data")
    words = ["--systems", "dummy", "linear", "--tables", "cancer", "--budget", "5"]
    assert benchmark.main(words) == 0
    said = capsys.readouterr().out
    assert "| cancer | linear | 426 |" in said
    assert (tmp_path / "runs-5" / "table.csv").is_file()
    assert benchmark.main(words) == 0
    assert "linear       cancer" not in capsys.readouterr().out
