"""Files of the server: only below allowed folders, wherever links and dots lead."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlcore.data.choices import Choices
from mlcore.data.load import read_table
from mlcore.data.sources import SOURCES, Means, origin_of
from mlcore.data.sources.login import Login, Place
from mlcore.data.sources.path import allowed_file, allowed_folders, entries
from mlcore.data.sources.sql import tables
from mlcore.errors import SourceError


def means(folder: Path, closed: Path | None = None) -> Means:
    return Means(folder=folder, samples=folder, login=lambda _: Login(Place(database="sqlite")), closed=closed)


def test_a_file_below_an_allowed_folder_is_read(folder: Path, tmp_path: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "rows.csv").write_text("a,b\n1,x\n2,y\n")
    asked = {"path": str(folder / "deep" / "rows.csv")}
    assert origin_of("path", asked).title == "rows.csv"
    stored = SOURCES["path"].bring(asked, Choices(), tmp_path / "out.parquet", "", means(tmp_path))
    assert read_table(stored)["a"].tolist() == [1, 2]


def test_nothing_is_allowed_unless_an_administrator_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABLESMITH_ALLOWED_PATHS", raising=False)
    (tmp_path / "rows.csv").write_text("a\n1\n")
    assert SOURCES["path"].barred()
    with pytest.raises(SourceError, match="cannot be used here"):
        origin_of("path", {"path": str(tmp_path / "rows.csv")})
    with pytest.raises(SourceError, match="outside"):
        allowed_file(str(tmp_path / "rows.csv"))


@pytest.mark.parametrize("value", ["/", "relative", "", ":", "/not/there"])
def test_folders_that_are_no_fence_are_not_taken(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABLESMITH_ALLOWED_PATHS", value)
    assert allowed_folders() == ()


def test_no_way_leads_out_of_the_allowed_folder(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a\n1\n")
    (folder / "link.csv").symlink_to(outside / "secret.csv")
    (folder / "way").symlink_to(outside)
    sibling = tmp_path / "allowed-not"
    sibling.mkdir()
    (sibling / "x.csv").write_text("a\n1\n")
    ways = [
        str(outside / "secret.csv"), f"{folder}/../outside/secret.csv", f"{folder}/link.csv",
        f"{folder}/way/secret.csv",
        str(sibling / "x.csv"), "/etc/passwd", "relative.csv", "", f"{folder}/\x00.csv", "~/x", "/proc/self/environ",
        f"{folder}/" + "x" * 5000,
    ]  # fmt: skip
    for way in ways:
        with pytest.raises(SourceError):
            allowed_file(way)
        for database in ("sqlite", "duckdb"):
            with pytest.raises(SourceError):
                tables(Login(Place(database=database, path=way)))  # type: ignore[arg-type]
    assert [entry.name for entry in entries(str(folder))] == []


def test_what_is_outside_and_what_does_not_exist_are_told_apart_by_nobody(folder: Path, tmp_path: Path) -> None:
    said = set()
    for path in ("/etc/passwd", "/etc/not-there"):
        with pytest.raises(SourceError) as caught:
            allowed_file(path)
        said.add(caught.value.what)
    assert len(said) == 1


def test_the_workspace_is_closed_even_below_an_allowed_folder(folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    (home / "workspace.sqlite").write_bytes(b"x")
    with pytest.raises(SourceError, match="outside"):
        allowed_file(str(home / "workspace.sqlite"), home)
    with pytest.raises(SourceError, match="outside"):
        tables(Login(Place(database="sqlite", path=str(home / "workspace.sqlite"))), home)
    assert entries(str(folder), home) == ()


def test_a_folder_is_listed_without_what_is_hidden_or_special(folder: Path) -> None:
    (folder / "b.csv").write_text("a\n")
    (folder / "A.csv").write_text("abc\n")
    (folder / ".hidden").write_text("x")
    (folder / "sub").mkdir()
    os.mkfifo(folder / "pipe")
    assert [(entry.name, entry.folder, entry.size) for entry in entries(str(folder))] == [
        ("sub", True, 0), ("A.csv", False, 4), ("b.csv", False, 2),
    ]  # fmt: skip
    with pytest.raises(SourceError, match="no such file"):
        allowed_file(str(folder / "pipe"))
