"""Packed files: whole, cut off, locked, nested, and made to do harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable

import pyarrow as pa

from mlcore.data.choices import Choices
from tests.corpus.case import Case, Reads, Refuses

_CSV = b"a,b\n1,x\n3,y\n"
_PLAIN = {"a": [1, 3], "b": ["x", "y"]}
_OTHER = b"c,d\n5,u\n7,v\n"


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _locked() -> bytes:
    """A ZIP that says its member is encrypted."""
    content = bytearray(zipped({"t.csv": _CSV}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        entry = tarfile.TarInfo("t.csv")
        entry.size = len(_CSV)
        archive.addfile(entry, io.BytesIO(_CSV))
    return buffer.getvalue()


def _bomb(pack: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return lambda: pack(b"a,b\n" + b"0,0\n" * 20_000_000)


def _case(name: str, content: bytes | Callable[[], bytes], then: Reads | Refuses, file: str, **choices: str) -> Case:
    return Case(name=name, content=content, then=then, file=file, choices=Choices(**choices))  # type: ignore[arg-type]


CASES = (
    _case("gzip", gzip.compress(_CSV), Reads(table=_PLAIN), "table.csv.gz"),
    _case("gzip under the name of a CSV", gzip.compress(_CSV), Reads(table=_PLAIN), "table.csv"),
    _case(
        "gzip in two parts",
        gzip.compress(_CSV) + gzip.compress(b"5,z\n"),
        Reads(table={"a": [1, 3, 5], "b": ["x", "y", "z"]}),
        "table.csv.gz",
    ),
    _case("bzip2", bz2.compress(_CSV), Reads(table=_PLAIN), "table.csv.bz2"),
    _case("xz", lzma.compress(_CSV), Reads(table=_PLAIN), "table.csv.xz"),
    _case("zstd", pa.compress(_CSV, codec="zstd", asbytes=True), Reads(table=_PLAIN), "table.csv.zst"),
    _case("zip with one file", zipped({"t.csv": _CSV}), Reads(table=_PLAIN), "table.zip"),
    _case(
        "zip with a table and a readme",
        zipped({"README.txt": b"hello", "t.csv": _CSV}),
        Reads(table=_PLAIN, notes=("'t.csv' was read",)),
        "table.zip",
    ),
    _case(
        "zip with two tables",
        zipped({"one.csv": _CSV, "two.csv": _OTHER}),
        Refuses(sentence="holds 2 tables: 'one.csv', 'two.csv'"),
        "table.zip",
    ),
    _case(
        "zip with two tables, one chosen",
        zipped({"one.csv": _CSV, "two.csv": _OTHER}),
        Reads(table={"c": [5, 7], "d": ["u", "v"]}, notes=("'two.csv' was read",)),
        "table.zip",
        member="two.csv",
    ),
    _case(
        "zip whose file climbs out of the folder",
        zipped({"../../evil.csv": _CSV}),
        Reads(table=_PLAIN, notes=("points outside",)),
        "table.zip",
    ),
    _case(
        "zip with an absolute path",
        zipped({"/etc/evil.csv": _CSV}),
        Reads(table=_PLAIN, notes=("points outside",)),
        "table.zip",
    ),
    _case("zip with a password", _locked, Refuses(sentence="protected by a password"), "table.zip"),
    _case("zip without files", zipped({}), Refuses(sentence="empty"), "table.zip"),
    _case(
        "zip in a zip", zipped({"inner.zip": zipped({"t.csv": _CSV})}), Refuses(sentence="another archive"), "table.zip"
    ),
    _case("tar in gzip", _tar, Refuses(sentence="another archive"), "table.tar.gz"),
    _case("gzip of nothing", gzip.compress(b""), Refuses(sentence="empty"), "table.csv.gz"),
    _case("gzip cut off", gzip.compress(_CSV * 1000)[:-20], Refuses(sentence="cut off"), "table.csv.gz"),
    _case("gzip damaged", gzip.compress(_CSV)[:15] + b"\xff" * 10, Refuses(sentence="gzip archive is"), "table.csv.gz"),
    _case("zip cut off", zipped({"t.csv": _CSV})[:-30], Refuses(sentence="ZIP"), "table.zip"),
    _case("a bomb in gzip", _bomb(gzip.compress), Refuses(sentence="times its size"), "table.csv.gz"),
    _case(
        "a bomb in zip",
        _bomb(lambda content: zipped({"t.csv": content})),
        Refuses(sentence="times its size"),
        "table.zip",
    ),
    _case(
        "a bomb in xz",
        _bomb(lambda content: lzma.compress(content, preset=0)),
        Refuses(sentence="times its size"),
        "table.csv.xz",
    ),
    _case(
        "JSON Lines in gzip",
        gzip.compress(b'{"a": 1, "b": "x"}\n{"a": 3, "b": "y"}\n'),
        Reads(table=_PLAIN),
        "table.jsonl.gz",
    ),
)
