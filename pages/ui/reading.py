"""How a file was read, as facts; and the choices a person has about it, only those that its format knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from mlcore.data.dataset import Reading
from mlcore.data.schema import Schema
from mlcore.errors import UserError
from mlcore.workspace.looking import TwoWays
from pages.ui import show, words
from pages.ui.markup import md

Choices = Mapping[str, Any]
"""What a person said about a file, by the names of `mlcore.data.choices.Choices`; what is left out is found out."""

Family = Literal["text", "json", "sheet", "typed"]

FORMATS = {
    "csv": "CSV", "tsv": "TSV", "json": "JSON", "jsonl": "JSON Lines", "json lines": "JSON Lines", "excel": "Excel",
    "xlsx": "Excel", "xlsm": "Excel", "xlsb": "Excel", "xls": "Excel", "ods": "OpenDocument", "parquet": "Parquet",
    "feather": "Feather", "arrow": "Arrow", "postgresql": "PostgreSQL", "mysql": "MySQL or MariaDB",
    "sqlite": "SQLite", "duckdb": "DuckDB",
}  # fmt: skip
ENCODINGS = {
    "UTF-8": "utf-8", "Windows-1252 (Western)": "cp1252", "Latin-1": "iso8859-1", "Latin-9": "iso8859-15",
    "UTF-16": "utf-16", "Windows-1250 (Central European)": "cp1250", "Windows-1251 (Cyrillic)": "cp1251",
    "Windows-1253 (Greek)": "cp1253", "Windows-1254 (Turkish)": "cp1254", "Windows-1255 (Hebrew)": "cp1255",
    "Windows-1256 (Arabic)": "cp1256", "KOI8-R (Cyrillic)": "koi8-r", "Shift-JIS (Japanese)": "shift_jis",
    "EUC-JP (Japanese)": "euc_jp", "GB18030 (Chinese)": "gb18030", "Big5 (Chinese)": "big5",
    "EUC-KR (Korean)": "euc_kr", "DOS 437": "cp437", "DOS 850": "cp850", "Mac Roman": "mac-roman",
}  # fmt: skip
DELIMITERS = {
    "Comma ,": ",", "Semicolon ;": ";", "Tab": "\t", "Bar |": "|", "Space": " ", "Colon :": ":", "Caret ^": "^",
}  # fmt: skip
DECIMALS = {"Point, as in 3.14": ".", "Comma, as in 3,14": ","}
THOUSANDS = {
    "None, as in 1000": "", "Comma, as in 1,000": ",", "Point, as in 1.000": ".", "Space, as in 1 000": " ",
    "Apostrophe, as in 1'000": "'",
}  # fmt: skip
ORDERS = {"Day first, as in 31/12/2025": True, "Month first, as in 12/31/2025": False}
FIELDS = {"Columns of their own": True, "Left out": False}
HEADER_ROWS = 30
_SHEETS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_TYPED = (".parquet", ".pq", ".feather", ".arrow")
_JSON = (".json", ".jsonl", ".ndjson")
_PACKED = (".gz", ".zip", ".zst", ".bz2", ".xz")


@dataclass(frozen=True)
class Question:
    """One choice: what each option, by its words, sets. The first option leaves it to be found out."""

    key: str
    title: str
    options: dict[str, dict[str, Any]]
    help: str = ""

    def now(self, choices: Choices) -> int:
        """The place of the option that the choices amount to."""
        for place, wanted in enumerate(self.options.values()):
            if place and all(choices.get(name) == value for name, value in wanted.items()):
                return place
        return 0


def facts(reading: Reading, schema: Schema, rows: int, *, seen: bool = False) -> None:
    """How a table was read; `seen` says that only its first rows were looked at."""
    aside = f"{reading.set_aside:,} set aside" if reading.set_aside else "all kept"
    cells: list[tuple[str, object, str]] = [
        ("Rows seen", f"{rows:,}", "from the beginning") if seen else ("Rows", f"{rows:,}", aside),
        ("Columns", f"{len(schema):,}", _storages(schema)),
        ("Format", FORMATS.get(reading.format, reading.format), _packing(reading)),
    ]
    if reading.member:
        cells.append(("File in the archive", Path(reading.member).name, _place(reading.member, reading.members)))
    if reading.sheet:
        cells.append(("Sheet", reading.sheet, _joined(_place(reading.sheet, reading.sheets), _names(reading))))
    if reading.delimiter:
        cells.append(("Delimiter", _words(DELIMITERS, reading.delimiter).split(" ")[0].lower(), _names(reading)))
    if reading.decimal:
        groups = _words(THOUSANDS, reading.thousands).partition(",")[0].lower() if reading.thousands else ""
        mark = _words(DECIMALS, reading.decimal).partition(",")[0].lower()
        note = "in most columns" if groups == mark else f"{groups} between thousands" if groups else ""
        cells.append(("Decimal mark", mark, note))
    if reading.day_first or reading.month_first:
        cells.append(("Dates", "day first" if reading.day_first else "month first", ""))
    show.facts(*cells)


def sentence(reading: Reading) -> str:
    """The same in one line."""
    said = [FORMATS.get(reading.format, reading.format)]
    said += [f"file {reading.member}"] if reading.member else []
    said += [f"sheet {reading.sheet}"] if reading.sheet else []
    said += [_words(ENCODINGS, reading.encoding).partition(" (")[0]] if reading.encoding else []
    said += (
        [f"{_words(DELIMITERS, reading.delimiter).split(' ')[0].lower()} between columns"] if reading.delimiter else []
    )
    said += [f"decimal {'point' if reading.decimal == '.' else 'comma'}"] if reading.decimal else []
    said += [f"{reading.set_aside:,} rows set aside"] if reading.set_aside else []
    return f"Read as {', '.join(said)}."


def family(reading: Reading | None, file: str = "") -> Family:
    """What sort of file it is; by its name as long as it could not be read."""
    if reading is not None and reading.format:
        if reading.delimiter:
            return "text"
        if reading.sheets or reading.sheet:
            return "sheet"
        return "json" if reading.format.startswith("json") else "typed"
    if not file and reading is None:
        return "typed"
    name = Path(((reading.member if reading is not None else "") or file).lower())
    while name.suffix in _PACKED and name.stem:
        name = Path(name.stem)
    for suffixes, known in ((_SHEETS, "sheet"), (_TYPED, "typed"), (_JSON, "json")):
        if name.suffix in suffixes:
            return known  # type: ignore[return-value]
    return "text"


def asked_openly(reading: Reading, dates: Iterable[TwoWays], choices: Choices, key: str) -> dict[str, Any] | None:
    """What nobody but the owner knows: the sheet, the file of an archive, the order of day and month.

    The choices as they are to be from now on, or None when nothing was changed.
    """
    if len(reading.members) > 1:
        member = _pick("Which file of the archive?", reading.members, reading.member, f"member_{key}")
        if member != reading.member:
            return {"member": member}  # it may be of another format: what was said about the old one is left behind
    if len(reading.sheets) > 1:
        sheet = _pick("Which sheet?", reading.sheets, reading.sheet, f"sheet_{key}")
        if sheet != reading.sheet:
            return {**_without(choices, ("header", "header_row")), "sheet": sheet}
    two = next(iter(dates), None)
    if two is None:
        return None
    day_first = two.column in reading.day_first
    chosen = _order(two, day_first, f"order_{key}")
    return None if chosen == day_first else {**choices, "day_first": chosen}


def form(
    reading: Reading | None, choices: Choices, file: str, key: str, *, opened: bool, openly: bool = False
) -> dict[str, Any] | None:
    """The choices that apply, folded unless `opened`; as they are to be from now on, once a person says so."""
    understood = reading if reading is not None and reading.format else None
    questions = _questions(understood, family(reading, file), openly, "flatten" in choices)
    if not questions:
        return None
    with st.expander("It was read wrongly", expanded=opened), st.form(f"reread_{key}", border=False):
        answers: dict[str, Any] = {}
        with st.grid(2, min_column_width=220, gap="small"):
            for question in questions:
                answers |= _answer(question, choices, key)
        if not st.form_submit_button("Read it again", icon=":material/refresh:", key=f"again_{key}"):
            return None
    try:
        return merged(choices, answers)
    except UserError as error:
        show.user_error(error)
        return None


def merged(choices: Choices, answers: Choices) -> dict[str, Any]:
    """The choices after these answers; what is to be found out is left out."""
    if len(answers.get("delimiter") or " ") != 1:
        raise UserError(
            "A delimiter is a single character",
            where=str(answers["delimiter"])[:20],
            remedy="Choose one of the list, or type the character itself.",
        )
    return {name: value for name, value in {**choices, **answers}.items() if value is not None}


def _questions(reading: Reading | None, sort: Family, openly: bool, flat: bool) -> list[Question]:
    found = reading or Reading(format="")
    text = [
        _question("delimiter", "Delimiter between columns", DELIMITERS, found.delimiter, "Or type any character."),
        _question("encoding", "Encoding of the text", ENCODINGS, found.encoding),
    ]
    header = [_header(found if reading is not None else None)]
    marks = [
        _question("decimal", "Decimal mark in numbers", DECIMALS, found.decimal),
        _question("thousands", "Mark between thousands", THOUSANDS, found.thousands or None),
    ]
    order = True if found.day_first else False if found.month_first else None
    dates = [] if openly else [_question("day_first", "Order in dates", ORDERS, order, "For dates that fit both.")]
    nested = [_question("flatten", "Fields inside of fields become", FIELDS, None, "Nested objects, such as address.")]
    if sort == "typed":
        inside = flat or any("single value" in note or "nested" in note for note in found.notes)
        return (nested if inside else []) + (dates if order is not None else [])
    known = {"text": text + header + marks + dates, "json": [text[1], *nested, *dates]}
    return known.get(sort, header + marks + dates)


def _question(key: str, title: str, known: Mapping[str, Any], found: Any, help: str = "") -> Question:
    label = _words(known, found) if found not in (None, "") else ""
    first = f"Find it: {label}" if label else "Find it"
    return Question(key, title, {first: {key: None}} | {name: {key: value} for name, value in known.items()}, help)


def _header(reading: Reading | None) -> Question:
    found = ""
    if reading is not None:
        found = f"row {max(1, reading.header_row)}" if reading.header else "none"
    options: dict[str, dict[str, Any]] = {
        f"Find them: {found}" if found else "Find them": {"header": None, "header_row": None},
        "There are none": {"header": False, "header_row": None},
    }
    options |= {f"In row {row}": {"header": True, "header_row": row} for row in range(1, HEADER_ROWS + 1)}
    return Question("header", "Column names", options, "What stands above that row is left out.")


def _answer(question: Question, choices: Choices, key: str) -> dict[str, Any]:
    options, place = list(question.options), question.now(choices)
    own = choices.get(question.key)
    if question.key == "delimiter" and own and not place:
        options, place = [*options, str(own)], len(options)
    chosen = st.selectbox(
        question.title,
        options,
        index=place,
        key=f"choice_{question.key}_{key}",
        help=question.help or None,
        accept_new_options=question.key == "delimiter",
    )
    return question.options.get(str(chosen), {question.key: str(chosen)})


def _pick(title: str, options: tuple[str, ...], now: str, key: str) -> str:
    place = options.index(now) if now in options else None
    return str(st.selectbox(title, options, index=place, key=key, width=420, placeholder="Choose one") or now)


def _order(two: TwoWays, day_first: bool, key: str) -> bool:
    spoken = {day_first: words.long_day(two.read), not day_first: words.long_day(two.other)}
    return bool(
        st.segmented_control(
            f"Day or month first? No date in the table tells. The first one of “{md(two.column)}” is",
            [True, False],
            default=day_first,
            format_func=lambda order: spoken[order],
            required=True,
            key=key,
        )
    )


def _without(choices: Choices, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in choices.items() if name not in names}


def _words(known: Mapping[str, Any], value: Any) -> str:
    same = {"latin-1": "iso8859-1", "latin_1": "iso8859-1", "iso-8859-1": "iso8859-1", "windows-1252": "cp1252"}
    wanted = same.get(str(value).lower(), value)
    if isinstance(wanted, str) and wanted.startswith("utf-16"):
        wanted = "utf-16"
    return next((name for name, one in known.items() if one == wanted), str(value))


def _packing(reading: Reading) -> str:
    encoding = _words(ENCODINGS, reading.encoding).partition(" (")[0] if reading.encoding else ""
    return _joined(encoding, f"packed as {reading.packed}" if reading.packed else "")


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _names(reading: Reading) -> str:
    if not reading.header:
        return "no names, numbered"
    return f"names in row {max(1, reading.header_row)}"


def _place(one: str, among: tuple[str, ...]) -> str:
    return f"{among.index(one) + 1} of {len(among)}" if len(among) > 1 and one in among else ""


def _storages(schema: Schema) -> str:
    kinds = [("float", "integer"), ("text",), ("datetime",)]
    counts = [sum(column.storage in kind for column in schema) for kind in kinds]
    said = zip(counts, ("number", "text", "date"), strict=True)
    return ", ".join(words.count(count, word) for count, word in said if count)
