"""The first look at a file: what would be imported, and what is doubtful about it."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pandas as pd
import pytest

from mlcore.errors import FileError
from mlcore.workspace import looking, places
from mlcore.workspace.looking import Preview, look_ahead
from mlcore.workspace.store import Store

JOB = "0123456789ab"


@pytest.fixture
def store(home: Path):
    opened = Store.open(home)
    yield opened
    opened.close()


def seen(store: Store, content: str | bytes, **choices: object) -> Preview:
    path = store.home / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    look_ahead(str(path), "mine.csv", choices, str(places.job_folder(store.home, JOB)))
    found = store.preview(JOB)
    assert found is not None
    return found


def test_a_preview_says_how_the_file_is_read_and_shows_its_first_rows(store: Store) -> None:
    found = seen(store, "a;b\n" + "1,5;x\n" * 3000)
    assert (found.reading.delimiter, found.reading.decimal) == (";", ",")
    assert found.schema.names == ("a", "b")
    assert found.rows == looking.ROWS
    assert pd.read_parquet(found.path)["a"].tolist() == [1.5] * looking.ROWS
    assert found.doubts == ()


def test_a_choice_changes_what_is_seen(store: Store) -> None:
    assert seen(store, "a;b\n1;2\n", delimiter=",").schema.names == ("a;b",)


def test_there_is_no_preview_before_there_is_one(store: Store) -> None:
    assert store.preview(JOB) is None


def test_a_file_that_cannot_be_read_is_called_as_its_owner_does_and_leaves_nothing(store: Store) -> None:
    with pytest.raises(FileError, match=r"\(mine\.csv\)"):
        seen(store, b"\x00\x01\xff" * 50)
    assert store.preview(JOB) is None
    assert not list(places.job_folder(store.home, JOB).glob("*"))


def test_dates_that_no_column_tells_apart_are_shown_both_ways(store: Store) -> None:
    found = seen(store, "n;when\n1;03.02.2025\n2;02.02.2025\n")
    assert [(two.column, two.read, two.other) for two in found.dates] == [("when", "2025-02-03", "2025-03-02")]


def test_one_day_beyond_the_twelfth_tells_the_order_of_all(store: Store) -> None:
    assert seen(store, "a,b\n01/02/2025,13/02/2025\n03/04/2025,01/01/2025\n").dates == ()


@pytest.mark.parametrize(
    ("content", "choices", "said"),
    [
        ("a;b\n1;2\n", {"delimiter": ","}, "Only one column"),
        ("a,b\nGröße,2\nx,3\n", {"encoding": "cp1252"}, "mangled"),
        ("a,b\nGröße,2\nx,3\n".encode("cp1252"), {"encoding": "utf-8"}, "could not be read"),
        ("a,b\n1,2\n3,4,5\n6,7\n", {}, "more cells"),
        ("a,,\n1,2,3\n4,5,6\n", {"header": True}, "no name"),
    ],
)
def test_what_looks_wrongly_read_is_said(store: Store, content: str | bytes, choices: dict, said: str) -> None:
    assert any(said in doubt for doubt in seen(store, content, **choices).doubts)


def test_long_cells_and_many_columns_are_cut_for_the_page_only(store: Store) -> None:
    wide = ",".join(f"c{n}" for n in range(200))
    found = seen(store, wide + "\n" + ",".join(["y" * 1000] * 200) + "\n" + ",".join(["z"] * 200) + "\n")
    frame = pd.read_parquet(found.path)
    assert len(found.schema) == 200
    assert frame.shape == (2, looking.SHOWN_COLUMNS)
    assert len(frame.iloc[0, 0]) == looking.LONGEST_CELL


def test_the_record_is_plain_json(store: Store) -> None:
    seen(store, "a,b\n1,2\n")
    text = (places.job_folder(store.home, JOB) / "preview.json").read_text()
    assert json.loads(text)["rows"] == 1


def test_what_old_looks_laid_down_is_forgotten_and_what_others_did_is_kept(store: Store) -> None:
    looked, running, scored = (store.submit(kind, {}, "x") for kind in ("preview", "preview", "score_file"))
    for job in (looked, running, scored):
        folder = places.job_folder(store.home, job)
        folder.mkdir(parents=True)
        (folder / "rows.csv").write_text("a")
    store.cancel(looked)
    store.cancel(scored)
    store.forget_looks(time.time() - 60)
    assert places.job_folder(store.home, looked).is_dir(), "it is young"
    store.forget_looks(time.time() + 60)
    assert not places.job_folder(store.home, looked).exists()
    assert places.job_folder(store.home, running).is_dir()
    assert places.job_folder(store.home, scored).is_dir()
    assert store.preview(looked) is None
    assert store.job(looked).state == "cancelled"
