"""Bytes of every alphabet."""

from __future__ import annotations

from mlcore.data.choices import Choices
from tests.corpus.case import Case, Reads, Refuses, reads

_TEXT = "Straße,n\nHauptstraße,1\nMüllerweg,2\n"
_TABLE = {"Straße": ["Hauptstraße", "Müllerweg"], "n": [1, 2]}
_EAST = {
    "Shift-JIS": ("shift_jis", "名前,都市,人口\n山田太郎,東京,100\n鈴木花子,大阪市,200\nカタカナ,ひらがな,300\n"),
    "EUC-JP": ("euc_jp", "名前,都市,人口\n山田太郎,東京,100\n鈴木花子,大阪市,200\nカタカナ,ひらがな,300\n"),
    "GBK": ("gbk", "姓名,城市,数量\n王小明,北京,100\n李雷,上海市,200\n韩梅梅,广州,300\n"),
    "Big5": ("big5", "姓名,城市,數量\n王小明,臺北市,100\n李雷,高雄市,200\n韓梅梅,臺中市,300\n"),
    "EUC-KR": ("euc_kr", "이름,도시,수량\n김철수,서울,100\n이영희,부산시,200\n박민수,대구,300\n"),
    "Windows-1251": ("cp1251", "имя,город,число\nИван,Москва,100\nАнна,Пермь,200\nОльга,Казань,300\n"),
    "Greek ISO-8859-7": ("iso8859_7", "όνομα,πόλη,αριθμός\nΓιώργος,Αθήνα,100\nΜαρία,Πάτρα,200\nΕλένη,Βόλος,300\n"),
}


def _table(text: str) -> dict[str, list[object]]:
    names, *rows = [line.split(",") for line in text.splitlines()]
    return {name: [int(row[k]) if row[k].isdigit() else row[k] for row in rows] for k, name in enumerate(names)}


CASES = (
    Case(name="UTF-8", content=_TEXT.encode(), then=Reads(table=_TABLE)),
    Case(name="UTF-8 with a byte order mark", content=_TEXT.encode("utf-8-sig"), then=Reads(table=_TABLE)),
    *(
        Case(name=f"{codec} with a mark", content=_TEXT.encode(codec), then=Reads(table=_TABLE))
        for codec in ("utf-16", "utf-32")
    ),
    *(
        Case(name=f"{codec} without a mark", content=_TEXT.encode(codec), then=Reads(table=_TABLE))
        for codec in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
    ),
    Case(
        name="UTF-16 with a mark, big end first",
        content=b"\xfe\xff" + _TEXT.encode("utf-16-be"),
        then=Reads(table=_TABLE),
    ),
    Case(name="Latin-1", content=_TEXT.encode("latin-1"), then=Reads(table=_TABLE, notes=("read as Windows-1252",))),
    Case(
        name="Windows-1252 with a euro sign",
        content="preis;n\n12,50 €;1\n13,75 €;2\n".encode("cp1252"),
        then=reads("read as Windows-1252", "currency", preis=[12.5, 13.75], n=[1, 2]),
    ),
    *(
        Case(name=name, content=text.encode(codec), then=Reads(table=_table(text), notes=("The text is not UTF-8",)))
        for name, (codec, text) in _EAST.items()
    ),
    Case(
        name="Shift-JIS chosen by a person",
        content="名,n\n山,1\n川,2\n".encode("shift_jis"),
        then=Reads(table={"名": ["山", "川"], "n": [1, 2]}),
        choices=Choices(encoding="shift_jis"),
    ),
    Case(
        name="one bad byte in UTF-8",
        content="stadt,n\nKöln,1\nMünchen,2\nDüsseldorf,3\nZürich,4\nTübingen,5\n".encode() * 1
        + "Göttingen,6\nNürnberg,7\nLübeck,8\nGörlitz,9\n".encode()
        + b"Ham\xffburg,10\n",
        then=Reads(shape=(10, 2), cells={(9, "stadt"): "Ham\ufffdburg"}, notes=("damaged places", "1 character")),
    ),
    Case(
        name="NUL bytes",
        content=b"a,b\nx\x00y,1\nz,2\n\x00",
        then=reads("NUL", a=["xy", "z"], b=[1, 2]),
    ),
    Case(
        name="an encoding that does not exist",
        content=b"a,b\n1,2\n",
        then=Refuses(sentence="There is no encoding 'klingon'"),
        choices=Choices(encoding="klingon"),
    ),
    Case(
        name="a codec that is no encoding of text",
        content=b"a,b\n1,2\n",
        then=Refuses(sentence="There is no encoding 'zlib'"),
        choices=Choices(encoding="zlib"),
    ),
    Case(
        name="UTF-16 cut in the middle of a character",
        content="a,b\n1,x\n2,y".encode("utf-16") + b"\x41",
        then=reads("1 character", a=[1, 2], b=["x", "y\ufffd"]),
    ),
)
