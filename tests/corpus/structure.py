"""Lines, delimiters, quotes, what stands above and below the table."""

from __future__ import annotations

from mlcore.data.choices import Choices
from tests.corpus.case import Case, Reads, Refuses, reads, text

_PLAIN = {"a": [1, 3], "b": ["x", "y"]}


def _wide(columns: int) -> bytes:
    names, row = ",".join(f"v{n}" for n in range(columns)), ",".join(str(n) for n in range(columns))
    return f"{names}\n{row}\n{row}\n".encode()


CASES = (
    Case(name="nothing at all", content=b"", then=Refuses(sentence="The file is empty")),
    Case(name="only line ends", content=b"\n\r\n\n", then=Refuses(sentence="The file is empty")),
    Case(name="only spaces", content=b"   \n  ", then=Refuses(sentence="The file is empty")),
    text("a header and no rows", "a,b\n", Refuses(sentence="no rows")),
    text("one row", "a,b\n1,x\n", reads(a=[1], b=["x"])),
    text("one column", "name\nann\nbob\n", reads(name=["ann", "bob"])),
    text("one column with a blank line", "n\n1\n\n3\n", reads(n=[1, None, 3])),
    text("no line end at the end", "a,b\n1,x\n3,y", Reads(table=_PLAIN)),
    text("Windows line ends", "a,b\r\n1,x\r\n3,y\r\n", Reads(table=_PLAIN)),
    text("old Macintosh line ends", "a,b\r1,x\r3,y\r", Reads(table=_PLAIN)),
    text("mixed line ends", "a,b\r\n1,x\r3,y\n", Reads(table=_PLAIN)),
    text("blank lines between rows", "a,b\n\n1,x\n\n\n3,y\n", reads("blank line", a=[1, 3], b=["x", "y"])),
    text("semicolons", "a;b\n1;x\n3;y\n", Reads(table=_PLAIN)),
    text("tabs", "a\tb\n1\tx\n3\ty\n", Reads(table=_PLAIN)),
    text("bars", "a|b\n1|x\n3|y\n", Reads(table=_PLAIN)),
    text("carets", "a^b\n1^x\n3^y\n", Reads(table=_PLAIN)),
    text("single spaces", "a b\n1 x\n3 y\n", Reads(table=_PLAIN)),
    text(
        "columns filled with spaces",
        "name   n  x\nann    1  2.5\nbob   20  3.5\n",
        reads("one column", **{"name   n  x": ["ann    1  2.5", "bob   20  3.5"]}),
    ),
    text("a line that names the delimiter", "sep=;\na;b\n1;x\n3;y\n", reads("sep=", a=[1, 3], b=["x", "y"])),
    text("commas inside semicolons", "a;b\n1;x, y\n3;z, w\n", reads(a=[1, 3], b=["x, y", "z, w"])),
    text(
        "short rows",
        "a,b,c\n1,2,3\n4,5\n6,7,8\n",
        reads("missing at the end of 1 row", a=[1, 4, 6], b=[2, 5, 7], c=[3, None, 8]),
    ),
    text("long rows", "a,b\n1,2\n3,4,5\n6,7\n8,9\n", reads("Set aside", a=[1, 6, 8], b=[2, 7, 9], set_aside=1)),
    text("more long rows than good ones", "a,b\n1,2,3\n1,2,3,4\n5,6,7,8,9\n1,2\n", Refuses(sentence="more cells than")),
    text(
        "a delimiter at the end of every row",
        "a,b,\n1,x,\n3,y,\n",
        reads("ends with a delimiter", a=[1, 3], b=["x", "y"]),
    ),
    text(
        "one name less than cells",
        "n,t\nr1,1,x\nr2,2,y\n",
        reads("one name less", row=["r1", "r2"], n=[1, 2], t=["x", "y"]),
    ),
    text(
        "no header",
        "1,2,x\n3,4,y\n5,6,z\n",
        reads("numbered", column_1=[1, 3, 5], column_2=[2, 4, 6], column_3=["x", "y", "z"]),
    ),
    text(
        "lines above the table",
        "Sales report\nprinted today\n\nday,n\nmon,1\ntue,2\nwed,3\n",
        reads("above the table: 2 lines", day=["mon", "tue", "wed"], n=[1, 2, 3]),
    ),
    text(
        "a header row chosen by a person",
        "x,y\nday,n\nmon,1\ntue,2\n",
        reads("above the table: 1 line", day=["mon", "tue"], n=[1, 2]),
        header_row=2,
    ),
    text(
        "titles that a spreadsheet filled up with delimiters",
        "Customers of the year,,\n,,\nas of June,,\nname,town,kg\nAnn,Rome,1\nBob,Bern,2\nCy,Rome,3\n",
        reads(
            "above the table: 3 lines, the first is 'Customers of the year'",
            name=["Ann", "Bob", "Cy"],
            town=["Rome", "Bern", "Rome"],
            kg=[1, 2, 3],
        ),
    ),
    text(
        "a first row with few cells above words",
        "a,,\nx,y,z\nAnn,Rome,one\nBob,Bern,two\nCy,Rome,three\n",
        reads(
            "2 columns without a name",
            a=["x", "Ann", "Bob", "Cy"],
            column_2=["y", "Rome", "Bern", "Rome"],
            column_3=["z", "one", "two", "three"],
        ),
    ),
    text("a header row beyond the end", "day,n\nmon,1\n", Refuses(sentence="no row 9"), header_row=9),
    text(
        "a total below the table",
        "day,n\nmon,1\ntue,2\nwed,3\nTotal,6\n",
        reads("last row begins with 'Total'", day=["mon", "tue", "wed", "Total"], n=[1, 2, 3, 6]),
    ),
    text(
        "a total in German",
        "Tag;n\nMo;1\nDi;2\nMi;3\n\nSumme;6\n",
        reads("last row begins with 'Summe'", "blank line", Tag=["Mo", "Di", "Mi", "Summe"], n=[1, 2, 3, 6]),
    ),
    text(
        "a source below the table",
        "day,n\nmon,1\ntue,2\nwed,3\nSource: our own counts\n",
        reads(
            "missing at the end",
            "last row has only one cell",
            day=["mon", "tue", "wed", "Source: our own counts"],
            n=[1, 2, 3, None],
        ),
    ),
    text(
        "a row of units below the names",
        "t,v\n°C,km/h\n1.5,2\n2.5,3\n3.5,4\n",
        reads("second row", "'t'", "'v'", t=["°C", "1.5", "2.5", "3.5"], v=["km/h", "2", "3", "4"]),
    ),
    text(
        "two tables in one file",
        "a,b\n1,2\n3,4\n5,6\n\nname,size,colour\nx,1,red\ny,2,blue\n",
        reads("Set aside", "blank line", a=[1, 3, 5], b=[2, 4, 6], set_aside=3),
    ),
    text("quotes around everything", '"a","b"\n"1","x"\n"3","y"\n', Reads(table=_PLAIN)),
    text(
        "delimiters and line ends in quotes",
        'a,b\n1,"x, y"\n3,"say ""hi""\nthere"\n',
        reads(a=[1, 3], b=["x, y", 'say "hi"\nthere']),
    ),
    text("apostrophes as quotes", "'a','b'\n'1','x, y'\n'3','z'\n", reads(a=[1, 3], b=["x, y", "z"])),
    text(
        "backslashes before quotes",
        'a,b\n1,"x \\"y\\", z"\n3,"w"\n',
        reads("Quotation marks inside", a=[1, 3], b=['x "y", z', "w"]),
    ),
    text(
        "inches", 'a,b\n5" pipe,2\n"7, or so",3\n', reads("Quotation marks inside", a=['5" pipe', "7, or so"], b=[2, 3])
    ),
    text("a quote that never ends", 'a,b\n1,2\n"3,4\n5,6\n', Refuses(sentence="line 3 is never closed")),
    text("spaces around cells", "a , b\n 1 , x \n 3 , y \n", reads("Spaces were removed", a=[1, 3], b=["x", "y"])),
    Case(name="1,000 columns", content=lambda: _wide(1000), then=Reads(shape=(2, 1000), cells={(1, "v999"): 999})),
    Case(
        name="10,000 columns",
        content=lambda: _wide(10_000),
        then=Reads(shape=(2, 10_000), cells={(1, "v9999"): 9999}),
        slow=True,
    ),
    Case(name="30,000 columns", content=lambda: _wide(30_000), then=Refuses(sentence="30,000 columns")),
    Case(
        name="a cell of a million letters",
        content=lambda: b"a,b\n" + b"x" * 1_000_000 + b",2\ny,3\n",
        then=Reads(shape=(2, 2), cells={(0, "b"): 2, (1, "a"): "y"}),
    ),
    Case(
        name="a delimiter chosen by a person",
        content=b"a:b\n1:x\n3:y\n",
        then=Reads(table=_PLAIN),
        choices=Choices(delimiter=":"),
    ),
)
