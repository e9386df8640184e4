"""Archives: a table comes out of every one of them, bombs and damage come out as a sentence."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from mlcore.data import archives
from mlcore.data.choices import Choices
from mlcore.data.load import load, preview, read_table
from mlcore.errors import ChoiceError, FileError

CSV = b"a,b\n1,x\n2,y\n3,z\n"


PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda content: pa.Codec("zstd").compress(content, asbytes=True),
}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("packed", PACKERS)
def test_a_packed_table_is_read_whatever_its_name_says(packed: str, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(PACKERS[packed](CSV))
    dataset = load(path)
    assert (dataset.reading.packed, dataset.reading.format) == (packed, "csv")
    assert read_table(dataset).to_dict("list") == {"a": [1, 2, 3], "b": ["x", "y", "z"]}
    assert preview(path)[1].packed == packed


def test_a_file_packed_in_several_pieces_is_read_to_the_end(tmp_path: Path) -> None:
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        path = tmp_path / "table.bin"
        path.write_bytes(pack(CSV) + pack(b"4,w\n"))
        assert load(path).rows == 4


def test_a_packed_parquet_file_is_read(tmp_path: Path) -> None:
    content = io.BytesIO()
    pl.DataFrame({"a": [1, 2]}).write_parquet(content)
    path = tmp_path / "t.parquet.gz"
    path.write_bytes(gzip.compress(content.getvalue()))
    assert (load(path).reading.format, load(path).name) == ("parquet", "t")
    assert len(preview(path)[0]) == 2


@pytest.mark.parametrize("packed", PACKERS)
def test_a_truncated_archive_is_refused_by_a_sentence(packed: str, tmp_path: Path) -> None:
    path, out = tmp_path / "cut.csv.gz", tmp_path / "out" / "t.parquet"
    rows = b"".join(b"%d,%d\n" % (number, number * 7919 % 10007) for number in range(20_000))
    path.write_bytes(PACKERS[packed](b"a,b\n" + rows)[:-2000])
    with pytest.raises(FileError, match=r"cut off|damaged") as caught:
        load(path, out=out)
    assert "cut.csv.gz" in str(caught.value)
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("packed", PACKERS)
def test_a_damaged_archive_is_refused_by_a_sentence(packed: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    content = bytearray(PACKERS[packed](CSV * 100))
    content[8:] = bytes(255 - byte for byte in content[8:])
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"archive is|decompress"):
        load(path)


@pytest.mark.parametrize("packed", PACKERS)
def test_a_bomb_is_refused_before_it_fills_the_disk(packed: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv"
    path.write_bytes(PACKERS[packed](b"0" * (archives._HARMLESS + 2 * 2**20)))
    with pytest.raises(FileError, match="times its size"):
        load(path)


def test_a_zip_with_one_table_is_read_and_other_files_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"README.txt": b"hello", "data/sales.csv": CSV, "__MACOSX/._sales.csv": b"\x00"})
    reading = load(path).reading
    assert (reading.packed, reading.member, reading.members) == ("zip", "data/sales.csv", ("data/sales.csv",))
    assert any("holds 2 files" in note for note in reading.notes)


def test_a_zip_with_many_tables_asks_which_one(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"a.csv": CSV, "b.csv": b"k\n7\n8\n"})
    with pytest.raises(FileError, match=r"2 tables: 'a\.csv', 'b\.csv'"):
        load(path)
    assert read_table(load(path, choices=Choices(member="b.csv")))["k"].tolist() == [7, 8]
    shown, reading = preview(path)
    assert (reading.member, reading.members, len(shown)) == ("a.csv", ("a.csv", "b.csv"), 3)
    with pytest.raises(ChoiceError, match="Did you mean"):
        load(path, choices=Choices(member="c.csv"))


def test_a_name_that_climbs_out_of_the_archive_is_not_used(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"../../evil.csv": CSV})
    dataset = load(path, out=tmp_path / "out" / "x" / "t.parquet")
    assert dataset.rows == 3
    assert any("points outside" in note for note in dataset.reading.notes)
    assert not list(tmp_path.rglob("evil.csv"))


def test_an_archive_in_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.gz"
    path.write_bytes(gzip.compress(gzip.compress(CSV)))
    with pytest.raises(FileError, match="another archive"):
        load(path)
    path.write_bytes(gzip.compress(zipped(tmp_path / "i.zip", {"a.csv": CSV}).read_bytes()))
    with pytest.raises(FileError, match="another archive"):
        load(path)
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("a.csv")
        entry.size = len(CSV)
        archive.addfile(entry, io.BytesIO(CSV))
    with pytest.raises(FileError, match="another archive"):
        load(path)


def test_a_zip_with_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"a.csv": CSV})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(FileError, match="password"):
        load(path)


def test_a_zip_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="empty"):
        load(zipped(tmp_path / "t.zip", {}))
    with pytest.raises(FileError, match="holds no files"):
        load(zipped(tmp_path / "t.zip", {"folder/": b""}))


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"a.csv": CSV})
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(FileError, match="damaged or cut off"):
        load(path)


def test_a_zip_that_lists_too_many_files_is_refused_before_they_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", {f"{number}.csv": b"a\n1\n" for number in range(10_001)})
    with pytest.raises(FileError, match="more than 10,000 files"):
        load(path)
    content = bytearray(zipped(tmp_path / "t.zip", {"a.csv": CSV}).read_bytes())
    struct.pack_into("<L", content, content.rindex(b"PK\x05\x06") + 12, 2**30)
    path.write_bytes(content)
    with pytest.raises(FileError, match="more than 10,000 files"):
        load(path)


def test_a_sentence_about_a_table_in_an_archive_names_both(tmp_path: Path) -> None:
    path = zipped(tmp_path / "t.zip", {"only-names.csv": b"a,b\n"})
    with pytest.raises(Exception, match=r"t\.zip: only-names\.csv"):
        load(path)


def test_a_look_at_a_large_packed_text_unpacks_its_beginning_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_BEGINNING", 2**20)
    path = tmp_path / "t.csv.gz"
    rows = b"".join(b"%d,%d\n" % (number, number * 7919 % 10007) for number in range(500_000))
    path.write_bytes(gzip.compress(b"a,b\n" + rows, 1)[:-5000])  # its end, which is missing, is not looked at
    assert len(preview(path, rows=5)[0]) == 5
