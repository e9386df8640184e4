"""Names of columns, and columns that hold nothing or everything."""

from __future__ import annotations

from tests.corpus.case import Case, Reads, reads, text

CASES = (
    text("equal names", "a,a,a\n1,2,3\n4,5,6\n", reads("occurs twice", a=[1, 4], a_2=[2, 5], a_3=[3, 6])),
    text(
        "a name that a double would take",
        "a,a,a_2\n1,2,3\n4,5,6\n",
        reads("occurs twice", a=[1, 4], a_3=[2, 5], a_2=[3, 6]),
    ),
    text("empty names", "a,,\n1,2,3\n4,5,6\n", reads("without a name", a=[1, 4], column_2=[2, 5], column_3=[3, 6])),
    text("spaces around names", ' a ," b "\n1,2\n3,4\n', reads(a=[1, 3], b=[2, 4])),
    text("emoji and right to left", "größe 🚀,שם\n1,x\n2,y\n", Reads(table={"größe 🚀": [1, 2], "שם": ["x", "y"]})),
    text(
        "a name that turns the writing round",
        "\u202eelbat,\u2067b\n1,x\n2,y\n",
        Reads(table={"elbat": [1, 2], "b": ["x", "y"]}, notes=("invisible",)),
    ),
    text(
        "markup in names",
        "<script>alert(1)</script>,**b**\n1,x\n2,y\n",
        Reads(table={"<script>alert(1)</script>": [1, 2], "**b**": ["x", "y"]}),
    ),
    text(
        "names of code",
        '__class__,"{""x"": [1]}",select *\n1,x,u\n2,y,v\n',
        Reads(table={"__class__": [1, 2], '{"x": [1]}': ["x", "y"], "select *": ["u", "v"]}),
    ),
    text(
        "a line break in a name",
        '"a\nb",c\n1,x\n2,y\n',
        Reads(table={"a b": [1, 2], "c": ["x", "y"]}, notes=("Line breaks",)),
    ),
    text("names that differ only in case", "A,a\n1,2\n3,4\n", Reads(table={"A": [1, 3], "a": [2, 4]})),
    text(
        "names that differ only in how é is coded",
        "é,e\u0301\n1,2\n3,4\n",
        Reads(table={"é": [1, 3], "é_2": [2, 4]}, notes=("occurs twice",)),
    ),
    Case(
        name="a name of 70,000 letters",
        content=lambda: b"x" * 70_000 + b",b\n1,2\n3,4\n",
        then=Reads(table={"x" * 200: [1, 3], "b": [2, 4]}, notes=("were cut",)),
    ),
    text(
        "years as names",
        "land,2019,2020\nPeru,1,2\nChile,3,4\n",
        Reads(table={"land": ["Peru", "Chile"], "2019": [1, 3], "2020": [2, 4]}),
    ),
    text("a column without values", "a,b,c\n1,,x\n2,,y\n", reads(a=[1, 2], b=[None, None], c=["x", "y"])),
    text(
        "a column of words for nothing",
        "a,b\n1,NA\n2,null\n",
        reads("read as missing: 2 cells", a=[1, 2], b=[None, None]),
    ),
    text("one value everywhere", "a,b\n1,x\n2,x\n", reads(a=[1, 2], b=["x", "x"])),
    text("one label", "n,label\n1,yes\n2,yes\n3,yes\n", reads(n=[1, 2, 3], label=["yes"] * 3)),
    text(
        "truth in words", "a,b,c\ntrue,yes,T\nfalse,no,F\n", reads(a=["true", "false"], b=["yes", "no"], c=["T", "F"])
    ),
    text(
        "people called Null, Nan and Na", "name,n\nNan,1\nNat,2\nNa,3\n", reads(name=["Nan", "Nat", "Na"], n=[1, 2, 3])
    ),
    text(
        "words for nothing in text",
        "t,n\na,1\nNA,2\nn/a,3\n\\N,4\n#N/A,5\n-,6\nunknown,7\n",
        reads("read as missing: 4 cells", t=["a", None, None, None, None, "-", "unknown"], n=[1, 2, 3, 4, 5, 6, 7]),
    ),
    text(
        "formulas in cells",
        "a,b\n=1+1,x\n\"=cmd|'/c calc'!A1\",y\n",
        reads(a=["=1+1", "=cmd|'/c calc'!A1"], b=["x", "y"]),
    ),
)
