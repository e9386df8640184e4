"""From bytes of any encoding to blocks of clean UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from mlcore.data.amounts import amount
from mlcore.errors import FileError

BLOCK = 8 * 1024 * 1024
_SAMPLE = 256 * 1024

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ARROW1", "an Arrow file"),
    (b"\x80\x03", "a Python pickle"),
    (b"\x80\x04", "a Python pickle"),
    (b"\x80\x05", "a Python pickle"),
    (b"{\\rtf", "a rich text document"),
)
_WESTERN = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿŒœŠšŽž€£°²³–’“”„«»…")
_PAGES = (b"<!doctype html", b"<html", b"<?xml")
_SCRIPTS = (
    b"create table ",
    b"insert into ",
    b"drop table ",
    b"-- mysql dump",
    b"-- mariadb dump",
    b"--\n-- postgresql",
)
_TITLES = {"shift_jis": "Shift-JIS", "cp932": "Shift-JIS", "gb18030": "GB18030", "euc_jp": "EUC-JP", "euc_kr": "EUC-KR"}


class IrregularError(Exception):
    """The text needs the careful way: stray quote marks, endless records, bytes that are not UTF-8, NUL characters."""


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How the bytes are read: codec, bytes to skip at the start (a byte order mark), what to do with bad bytes.

    It is not `sure` when only the beginning was looked at: who reads on has to check that all is UTF-8.
    """

    codec: str
    skip: int = 0
    errors: str = "strict"
    note: str = ""
    sure: bool = True


def find_encoding(path: Path, chosen: str | None, most: int | None = None) -> Encoding:
    """The encoding of a text file; a `FileError` when the file is empty, or no text at all.

    When the first `most` bytes are plain UTF-8, the rest is supposed to be.
    """
    with path.open("rb") as stream:
        start = stream.read(_SAMPLE)
    if not start.strip(b"\x00\r\n\t \xef\xbb\xbf"):
        raise FileError("The file is empty", where=path.name, remedy="Choose a file with a header and rows.")
    _refuse_foreign(path, start)
    if chosen is not None:
        return _chosen(path, start, chosen)
    for mark, codec in _BOMS:
        if start.startswith(mark):
            return _unicode(path, most) if codec == "utf-8" else Encoding(codec=codec, skip=len(mark), errors="replace")
    codec = _wide(start)
    if codec:
        return Encoding(codec=codec, errors="replace")
    _refuse_binary(path, start)
    return _unicode(path, most)


def utf8_blocks(path: Path, encoding: Encoding) -> Iterator[bytes]:
    r"""The file as UTF-8 in blocks, every line end as "\n", without NUL characters.

    `IrregularError` at a NUL character in a text of which nobody has counted them.
    """
    decoder = None if encoding.codec == "utf-8" and encoding.errors == "strict" else _decoder(encoding)
    held = b""
    with path.open("rb") as stream:
        stream.seek(encoding.skip)
        while raw := stream.read(BLOCK):
            if not encoding.sure and b"\x00" in raw:
                raise IrregularError
            block = held + (raw if decoder is None else decoder.decode(raw).encode("utf-8"))
            held = b"\r" if block.endswith(b"\r") else b""
            yield _plain(block[: len(block) - len(held)])
    rest = held + (b"" if decoder is None else decoder.decode(b"", final=True).encode("utf-8"))
    if rest:
        yield _plain(rest)


def replaced(path: Path, encoding: Encoding) -> int:
    """How many characters could not be decoded and stand as a replacement mark."""
    if encoding.errors == "strict":
        return 0
    return sum(block.count("\ufffd".encode()) for block in utf8_blocks(path, encoding))


def _plain(block: bytes) -> bytes:
    if b"\x00" in block:
        block = block.replace(b"\x00", b"")
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return block


def _decoder(encoding: Encoding) -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(encoding.codec)(errors=encoding.errors)


def _chosen(path: Path, start: bytes, chosen: str) -> Encoding:
    codec = _codec(chosen)
    if not codec:
        raise FileError(
            f"There is no encoding {chosen!r}", where=path.name, remedy="Try UTF-8, Windows-1252, UTF-16 or Latin-1."
        )
    for mark, marked in _BOMS:
        if start.startswith(mark) and marked.startswith(codec.removesuffix("-sig")):
            return Encoding(codec=marked, skip=len(mark), errors="replace")
    return Encoding(codec="utf-16-le" if codec == "utf-16" else codec, errors="replace")


def _codec(chosen: str) -> str:
    """Python's name of the encoding; "" when it is none. Some codecs make bytes of bytes: zlib would even unpack."""
    try:
        "a".encode(chosen)  # refuses what is no encoding of text
        return codecs.lookup(chosen).name
    except (LookupError, ValueError):
        return ""


def _refuse_foreign(path: Path, start: bytes) -> None:
    what = next((name for magic, name in _MAGIC if start.startswith(magic)), "")
    words = start[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if not what and words.startswith(_PAGES):
        what = "a web page or XML document"
    if not what and words.startswith(_SCRIPTS):
        what = "an SQL script"
    if what:
        raise FileError(
            f"This is {what}, not a text table", where=path.name, remedy="Save the table as CSV or Parquet first."
        )


def _refuse_binary(path: Path, start: bytes) -> None:
    control = sum(start.count(byte) for byte in range(32) if byte not in (0, 9, 10, 11, 12, 13, 26, 27))
    zeros = start.count(0)
    if control > len(start) * 0.02 + 2 or zeros > len(start) * 0.1 + 2:
        raise FileError(
            "The file holds binary data, not text", where=path.name, remedy="Save the table as CSV or Parquet first."
        )


def _wide(start: bytes) -> str:
    """UTF-32 or UTF-16 without a mark, told by the zero bytes that Western text has in the same places."""
    share = [start[place::4].count(0) / max(1, len(start[place::4])) for place in range(4)]
    zero, text = [part > 0.6 for part in share], [part < 0.05 for part in share]
    if zero[1] and zero[2] and zero[3] and text[0]:
        return "utf-32-le"
    if zero[0] and zero[1] and zero[2] and text[3]:
        return "utf-32-be"
    if zero[1] and zero[3] and text[0] and text[2]:
        return "utf-16-le"
    return "utf-16-be" if zero[0] and zero[2] and text[1] and text[3] else ""


def _unicode(path: Path, most: int | None) -> Encoding:
    """UTF-8 when all bytes are, or the first `most` plainly so; otherwise what they look like."""
    decoder, zeros, valid, skip = codecs.getincrementaldecoder("utf-8")(), 0, True, 0
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            if most is not None and stream.tell() > most and valid and not zeros:
                return Encoding(codec="utf-8", skip=skip, sure=False)
            skip = skip or (len(codecs.BOM_UTF8) if block.startswith(codecs.BOM_UTF8) and stream.tell() <= BLOCK else 0)
            zeros += block.count(0)
            valid = valid and _continues(decoder, block)
    valid = valid and _continues(decoder, b"", final=True)
    found = Encoding(codec="utf-8", skip=skip) if valid else _legacy(path, skip)
    lost = f"Removed: {amount(zeros, 'NUL character')}." if zeros else ""
    return replace(found, note=f"{found.note} {lost}".strip())


def _continues(decoder: codecs.IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(path: Path, marked: int) -> Encoding:
    """Not UTF-8: nearly UTF-8 with damaged places, an encoding told by its letters, or else cp1252.

    `marked` is the length of a byte order mark: who writes one means UTF-8.
    """
    sample = _unusual_lines(path)
    text = sample.decode("utf-8", "replace")
    damaged, whole = text.count("\ufffd"), sum(character > "\x7f" for character in text)
    if marked or whole - damaged > 3 * damaged:
        note = "The text is UTF-8 with damaged places; they are shown as \ufffd."
        return Encoding(codec="utf-8", skip=marked, errors="replace", note=note)
    codec = _guessed(sample)
    note = f"The text is not UTF-8; it was read as {_titled(codec)}. Choose another encoding if letters look wrong."
    return Encoding(codec=codec, errors="replace", note=note)


def _titled(codec: str) -> str:
    """What people call the encoding: Windows-1252, not cp1252."""
    return _TITLES.get(codec) or (f"Windows-{codec[2:]}" if codec.startswith("cp125") else codec.upper())


def _unusual_lines(path: Path) -> bytes:
    """Up to a quarter megabyte of lines with bytes beyond ASCII: the only ones that tell encodings apart."""
    found, size = [], 0
    with path.open("rb") as stream:
        while size < _SAMPLE and (line := stream.readline(_SAMPLE)):
            if not line.isascii():
                found.append(line)
                size += len(line)
    return b"".join(found)


def _guessed(sample: bytes) -> str:
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    alphabets = set(best.alphabets) if best is not None else set()
    far = any(name for name in alphabets if not name.startswith(("Basic Latin", "Latin", "General", "Control")))
    if best is None or not far or best.encoding.startswith(("mac", "cp4", "cp8", "cp5", "cp03", "cp1140", "hp")):
        return "cp1252"
    return best.encoding


def _is_western(sample: bytes) -> bool:
    """Whether the bytes beyond ASCII are Western letters inside words of plain ones, as in "Größe" or "façade".

    A few such words are too little for a statistical guess, which then names Chinese. In other alphabets a word has no
    plain letters, and in double-byte encodings the first bytes are no Western letters.
    """
    text = f" {sample.decode('cp1252', 'replace')} "
    places = [place for place, character in enumerate(text) if character > "\x7f"]
    western = [place for place in places if text[place] in _WESTERN]
    letters = [place for place in western if text[place].isalpha()]
    inside = sum(any(text[near].isascii() and text[near].isalpha() for near in (p - 1, p + 1)) for p in letters)
    return len(western) >= 0.9 * len(places) and inside >= 0.6 * len(letters)
