from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from mlcore.errors import BundleError, FileError
from mlcore.handoff import archive


def zipped(path: Path, names: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in names.items():
            packed.writestr(name, content)
    return path


def test_a_folder_survives_packing(tmp_path: Path) -> None:
    (tmp_path / "a" / "deep").mkdir(parents=True)
    (tmp_path / "a" / "deep" / "x.txt").write_bytes(b"x" * 1000)
    archive.pack(tmp_path / "a", tmp_path / "a.zip")
    archive.unpack(tmp_path / "a.zip", tmp_path / "b")
    assert (tmp_path / "b" / "deep" / "x.txt").read_bytes() == b"x" * 1000


def test_equal_content_makes_equal_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text("x")
    archive.pack(tmp_path / "a", tmp_path / "one.zip")
    (tmp_path / "a" / "x.txt").touch()
    archive.pack(tmp_path / "a", tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "c:\\evil.txt", "a\\..\\evil"])
def test_a_name_that_climbs_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "evil.zip", {"good.txt": b"x", name: b"x"})
    with pytest.raises(BundleError, match="points outside"):
        archive.unpack(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_link_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("link")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as packed:
        packed.writestr(entry, "/etc/passwd")
    with pytest.raises(BundleError, match="points outside"):
        archive.unpack(tmp_path / "link.zip", tmp_path / "out")


def test_a_bomb_is_refused_by_what_it_says_it_holds(tmp_path: Path) -> None:
    path = zipped(tmp_path / "bomb.zip", {"zeros": b"\0" * 30_000_000})
    with pytest.raises(BundleError, match="would unpack to 30 MB"):
        archive.unpack(path, tmp_path / "out")
    with pytest.raises(BundleError, match="would unpack"):
        archive.bounded(path)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", {str(number): b"" for number in range(archive.FILES + 1)})
    with pytest.raises(BundleError, match="501 files"):
        archive.unpack(path, tmp_path / "out")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as packed:
        packed.writestr("a", "1")
        packed.writestr("a", "2")
    with pytest.raises(BundleError, match="twice"):
        archive.unpack(tmp_path / "twice.zip", tmp_path / "out")


def test_a_cut_off_archive_is_a_sentence(tmp_path: Path) -> None:
    path = zipped(tmp_path / "whole.zip", {"a": bytes(range(256)) * 40})
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:-60])
    with pytest.raises(BundleError), archive.opened(tmp_path / "cut.zip"):
        pass


def test_a_flipped_byte_inside_is_found(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": bytes(range(256))})
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match="damaged"):
        archive.unpack(path, tmp_path / "out")


def test_a_path_that_is_not_there_is_a_file_error(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"), archive.opened(tmp_path / "nothing.zip"):
        pass
