"""The data dictionary: what is said about columns reaches the schema, and nonsense is refused by a sentence."""

from __future__ import annotations

import pytest

from mlcore.data.dictionary import Entry, checked, entry_of, parsed, titles, told
from mlcore.data.schema import Column, Schema
from mlcore.errors import UserError

SCHEMA = Schema(
    columns=(
        Column(name="dist", kind="numeric", storage="float", unit="km"),
        Column(name="carrier", kind="categorical", storage="text"),
    )
)


def test_what_is_said_reaches_the_schema_and_its_titles() -> None:
    schema = told(SCHEMA, {"dist": Entry(label="Distance", unit="mi", low=0.0), "gone": Entry(label="x")})
    assert (schema["dist"].titled, schema["dist"].expected_low) == ("Distance (mi)", 0.0)
    assert schema["carrier"] == SCHEMA["carrier"]


def test_no_two_columns_have_the_same_title() -> None:
    schema = told(SCHEMA, {"dist": Entry(label="X"), "carrier": Entry(label="X")})
    assert titles(schema, schema.names) == {"dist": "X [dist]", "carrier": "X [carrier]"}
    assert titles(None, ["a"]) == {"a": "a"}
    assert titles(SCHEMA, ["dist", "gone"], unit=True) == {"dist": "dist (km)", "gone": "gone"}


@pytest.mark.parametrize(
    ("name", "entry", "said"),
    [
        ("dist", Entry(low=2, high=1), "above its highest"),
        ("carrier", Entry(low=2), "does not hold numbers"),
        ("dist", Entry(label="x" * 81), "81 characters"),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, entry: Entry, said: str) -> None:
    with pytest.raises(UserError, match=said):
        checked(SCHEMA[name], entry)


def test_line_breaks_do_not_enter_a_label() -> None:
    assert checked(SCHEMA["dist"], Entry(label=" A\n b ")).label == "A b"


@pytest.mark.parametrize("mark", ["\t", ";", ","])
def test_a_pasted_table_becomes_entries(mark: str) -> None:
    text = mark.join(["Column", "Label", "Description", "min", "max"]) + "\n"
    text += mark.join(["dist", "Distance", '"by road"', "0", "1.5"]) + "\n\n" + mark.join(["none", "x", "", "", ""])
    entries, unknown = parsed(text, SCHEMA)
    assert entries == {"dist": Entry(label="Distance", unit="km", meaning="by road", low=0.0, high=1.5)}
    assert unknown == ("none",)


def test_a_decimal_comma_is_read_where_the_comma_does_not_part_cells() -> None:
    assert parsed("column;low\ndist;0,5", SCHEMA)[0]["dist"].low == 0.5


@pytest.mark.parametrize("text", ["", "a,b\n1,2", "column\ndist", "column,low\ndist,much"])
def test_a_table_that_is_no_dictionary_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(UserError) as error:
        parsed(text, SCHEMA)
    assert error.value.remedy


def test_an_entry_can_be_taken_back_from_a_column() -> None:
    assert entry_of(SCHEMA["dist"]) == Entry(unit="km")
    assert not Entry()
