"""Column names a table can live with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlcore.data.names import LONGEST, clean_names


@given(st.lists(st.text(max_size=8), max_size=12))
def test_names_are_never_empty_and_never_equal(raw: list[str]) -> None:
    names, _ = clean_names(raw)
    assert len(names) == len(raw) == len(set(names))
    assert all(name and name.isprintable() for name in names) or any(not name.isprintable() for name in raw)


def test_good_names_stay_as_they_are_without_a_word() -> None:
    raw = ("preis", "größe 🚀", "a.b", "__class__", "a", "A", "1")
    assert clean_names(raw) == (raw, ())


def test_a_new_name_never_takes_one_that_exists() -> None:
    assert clean_names(["a", "a_2", "a", "", "column_4"])[0] == ("a", "a_2", "a_3", "column_4_2", "column_4")


def test_long_names_are_cut_and_stay_different() -> None:
    names, notes = clean_names(["x" * 70_000, "x" * 70_001])
    assert len(names[0]) == LONGEST
    assert len(set(names)) == 2
    assert notes


def test_equal_letters_in_another_normal_form_are_the_same_name() -> None:
    assert clean_names(["é", "e\u0301"])[0] == ("é", "é_2")
