"""JSON and JSON Lines."""

from __future__ import annotations

from datetime import datetime

from mlcore.data.choices import Choices
from tests.corpus.case import Case, Reads, Refuses, reads


def _json(name: str, content: str | bytes, then: Reads | Refuses, **choices: object) -> Case:
    body = content.encode() if isinstance(content, str) else content
    return Case(name=name, content=body, then=then, file="table.json", choices=Choices(**choices))  # type: ignore[arg-type]


_PLAIN = {"a": [1, 3], "b": ["x", "y"]}
_ROWS = '[{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]'
_LINES = '{"a": 1, "b": "x"}\n{"a": 3, "b": "y"}\n'

CASES = (
    _json("JSON: a list of objects", _ROWS, Reads(table=_PLAIN)),
    _json(
        "JSON: over many lines, in UTF-16",
        ('[\n {\n  "a": 1,\n  "b": "x"\n },\n {"a": 3, "b": "y"}\n]').encode("utf-16"),
        Reads(table=_PLAIN),
    ),
    _json("JSON: an object of lists", '{"a": [1, 3], "b": ["x", "y"]}', Reads(table=_PLAIN)),
    _json("JSON: lists of unequal length", '{"a": [1, 3], "b": ["x"]}', Refuses(sentence="not equally long")),
    _json("JSON: as pandas writes it", '{"a":{"0":1,"1":3},"b":{"0":"x","1":"y"}}', Reads(table=_PLAIN)),
    _json(
        "JSON: a table inside an object",
        '{"status": "ok", "data": ' + _ROWS + "}",
        reads("found under 'data'", a=[1, 3], b=["x", "y"]),
    ),
    _json(
        "JSON: two tables inside an object",
        '{"one": ' + _ROWS + ', "two": ' + _ROWS + "}",
        Refuses(sentence="more than one table"),
    ),
    _json(
        "JSON: rows as lists below a row of names",
        '[["a", "b"], [1, "x"], [3, "y"]]',
        reads("names", a=[1, 3], b=["x", "y"]),
    ),
    _json("JSON: a list of numbers", "[1, 2, 3]", Refuses(sentence="no objects")),
    _json("JSON: an empty list", "[]", Refuses(sentence="no rows")),
    _json("JSON: cut off", _ROWS[:-15], Refuses(sentence="not valid JSON")),
    _json("JSON: single quotes", "[{'a': 1}]", Refuses(sentence="not valid JSON")),
    _json(
        "JSON: missing keys and nulls",
        '[{"a": 1}, {"b": "y"}, {"a": null, "b": "z"}]',
        reads("Keys are missing in 2 rows", a=[1, None, None], b=[None, "y", "z"]),
    ),
    _json(
        "JSON: numbers and words in one column",
        '[{"a": 1}, {"a": "two"}, {"a": 3.5}]',
        reads("Column 'a'", a=["1", "two", "3.5"]),
    ),
    _json("JSON: whole numbers and fractions", '[{"a": 1}, {"a": 2.5}]', reads(a=[1.0, 2.5])),
    _json("JSON: truth", '[{"a": true}, {"a": false}, {"a": null}]', reads(a=["True", "False", None])),
    _json(
        "JSON: numbers too long", '[{"a": 9007199254740993}, {"a": 1}]', reads("too long", a=["9007199254740993", "1"])
    ),
    _json(
        "JSON: a number of 5,000 digits",
        '[{"a": ' + "7" * 5000 + '}, {"a": 1}]',
        reads("too long", a=["7" * 5000, "1"]),
    ),
    _json(
        "JSON: infinities",
        '[{"a": NaN}, {"a": Infinity}, {"a": 1e999}, {"a": 1}]',
        reads("2 infinite values", a=[None, None, None, 1.0]),
    ),
    _json("JSON: digits as text", '[{"a": "007"}, {"a": "1,5"}]', reads(a=["007", "1,5"])),
    _json(
        "JSON: dates as text",
        '[{"a": "2025-01-31T00:00:00Z"}, {"a": "2025-02-01T00:00:00Z"}]',
        reads("moved to UTC", a=[datetime(2025, 1, 31), datetime(2025, 2, 1)]),
    ),
    _json(
        "JSON: dates in a chosen order",
        '[{"a": "03/04/2025"}]',
        reads("month/day/year", a=[datetime(2025, 3, 4)]),
        day_first=False,
    ),
    _json("JSON: a key twice in one object", '[{"a": 1, "a": 2}, {"a": 3}]', reads("twice", a=[2, 3])),
    _json("JSON: objects in objects", '[{"a": 1, "b": {"c": 2}, "t": [1]}]', reads("'b', 't'", a=[1])),
    _json(
        "JSON: objects in objects, made columns",
        '[{"a": 1, "b": {"c": 2, "d": {"e": "x"}}, "t": [1]}]',
        Reads(table={"a": [1], "b.c": [2], "b.d.e": ["x"]}, notes=("'t'",)),
        flatten=True,
    ),
    _json(
        "JSON: objects and words in one column",
        '[{"b": {"c": 2}}, {"b": "none"}]',
        Reads(table={"b.c": [2, None], "b": [None, "none"]}),
        flatten=True,
    ),
    _json("JSON: nothing but objects in objects", '[{"b": {"c": 2}}]', Refuses(sentence="no columns")),
    _json("JSON: 100,000 brackets", "[" * 100_000, Refuses(sentence="nested too deeply")),
    _json("JSON: half a letter", '[{"a": "x\\ud83d"}, {"a": "y"}]', reads("1 cell", a=["x\ufffd", "y"])),
    _json(
        "JSON: items that are no objects",
        '[{"a": 1}, null, {"a": 3}, 7, {"a": 5}]',
        reads("Set aside", a=[1, 3, 5], set_aside=2),
    ),
    _json("JSON Lines", _LINES, Reads(table=_PLAIN)),
    _json(
        "JSON Lines with blank lines and a byte order mark",
        "\ufeff" + _LINES.replace("\n", "\r\n\r\n"),
        reads("blank line", a=[1, 3], b=["x", "y"]),
    ),
    _json(
        "JSON Lines: one line is broken",
        _LINES + '{"a": 5, "b"\n{"a": 7, "b": "z"}\n',
        reads("Set aside", "3", a=[1, 3, 7], b=["x", "y", "z"], set_aside=1),
    ),
    _json(
        "JSON Lines: the last line is cut off",
        _LINES + '{"a": 5, "b": "z',
        reads("Set aside", a=[1, 3], b=["x", "y"], set_aside=1),
    ),
    _json("JSON Lines: most lines are broken", '{"a": 1}\n{"a"\n{"a"\n', Refuses(sentence="2 of 3")),
    _json("JSON Lines: one object", '{"a": 1, "b": "x"}', reads(a=[1], b=["x"])),
    _json("JSON Lines of lists", '["a", "b"]\n[1, "x"]\n[3, "y"]\n', reads("names", a=[1, 3], b=["x", "y"])),
    _json(
        "JSON Lines: another type after 50,000 lines",
        '{"a": 1}\n' * 50_000 + '{"a": "x"}\n',
        Reads(shape=(50_001, 1), cells={(0, "a"): "1", (50_000, "a"): "x"}, notes=("Column 'a'",)),
    ),
    Case(name="JSON Lines under the name of a CSV", content=_LINES.encode(), then=Reads(table=_PLAIN)),
    Case(name="CSV under the name of a JSON", content=b"a,b\n1,x\n3,y\n", file="table.json", then=Reads(table=_PLAIN)),
    Case(
        name="CSV with brackets in its first line",
        content=b"[id],{n}\n1,2\n3,4\n",
        then=Reads(table={"[id]": [1, 3], "{n}": [2, 4]}),
    ),
)
