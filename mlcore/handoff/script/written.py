"""Sections of code as one file of Python, or as a notebook (nbformat 4.5, https://nbformat.readthedocs.io)."""

from __future__ import annotations

import json
import textwrap
from typing import Any

from mlcore.handoff.markdown import plain
from mlcore.handoff.script.sections import Code, Section


def script(code: Code) -> str:
    """One file; the table is its argument."""
    head = _HEAD.format(title=_quoted(code.title), target=_quoted(code.target))
    first, *rest = code.sections
    parts = [head, _comment(first.text), _ordered(first.code, _HERE), _TABLE, *(_part(section) for section in rest)]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts) + _END


def notebook(code: Code) -> str:
    """The same in cells, none of them run yet."""
    first, *rest = code.sections
    head = f"# {plain(code.title)}: {plain(code.target)}\n\n{_ABOUT}"
    cells = [_text(head), _code('TABLE = "table.csv"  # the table as it was brought')]
    cells += [_text(f"## {plain(first.title)}\n\n{first.text}"), _code(_ordered(first.code, "HERE = Path.cwd()"))]
    for section in rest:
        lines = [section.text, *(["", *(f"- {plain(line)}" for line in section.lines)] if section.lines else ())]
        cells += [_text("\n".join([f"## {plain(section.title)}", "", *lines])), _code(section.code)]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


_ABOUT = "Trains the model again and compares it with the one that was handed over."
_HEAD = '''"""Trains “{title}” for “{target}” again, and compares it with the model that was handed over.

    python train.py table.csv

Written from what the model was trained with; yours to read and to change.
"""
'''
_HERE = "HERE = Path(__file__).resolve().parent"
_TABLE = 'TABLE = sys.argv[1] if len(sys.argv) > 1 else "table.csv"'
_END = '(HERE / "result.json").write_text(json.dumps(result))\nsys.exit(0 if same else 1)\n'


def _ordered(code: str, here: str) -> str:
    """The imports, with where the files are said before the path is set."""
    return code.replace("sys.path[:0]", f"{here}\nsys.path[:0]", 1)


def _part(section: Section) -> str:
    rule = f"# {_line(section.title)} ".ljust(100, "-")
    text = "\n".join([section.text, *(f"- {_line(line)}" for line in section.lines)])
    return f"\n{rule}\n{_comment(text)}\n{section.code}"


def _comment(text: str) -> str:
    paragraphs = text.replace("\n- ", "\n\n- ").split("\n\n")
    lines = [line for part in paragraphs for line in textwrap.wrap(part, 96)]
    return "\n".join(f"# {line}".rstrip() for line in lines)


def _quoted(text: str) -> str:
    """A user's text inside a docstring."""
    return _line(text).replace("\\", "\\\\").replace('"', "'")


def _line(text: str) -> str:
    """A user's text in one line, without what Python does not take in its code, such as a NUL."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def _text(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def _code(text: str) -> dict[str, Any]:
    lines = text.strip("\n").splitlines(keepends=True)
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": lines}
