from __future__ import annotations

from mlcore.plots.canvas import basis, distinct, percent, plain, room, share_ticks


def test_user_text_is_one_line_without_tags_or_templates() -> None:
    assert plain("<b>a\nb</b>") == "&lt;b&gt;a b&lt;/b&gt;"
    assert plain("x" * 50, 10) == "x" * 9 + "…"
    assert "%{" not in plain("%{x}")


def test_labels_stay_different_when_they_are_cut() -> None:
    assert distinct(["a" * 40 + "1", "a" * 40 + "2"], 10) == ["aaaaaaaaa…", "aaaaaaaaa… (2)"]


def test_a_basis_says_when_a_sample_is_drawn() -> None:
    assert basis(5000, "cross-validation") == "5,000 rows from cross-validation"
    assert basis(5000, "hold-out", shown=2000) == "5,000 rows from the hold-out, a random sample of 2,000 drawn"


def test_ticks_of_shares_cover_the_axis_in_round_steps() -> None:
    assert share_ticks(most=5)["tickvals"] == [0, 0.25, 0.5, 0.75, 1]
    assert share_ticks(0.07)["ticktext"][-1] == percent(0.06)
    assert len(share_ticks(0.0004)["tickvals"]) >= 1


def test_room_is_made_for_the_longest_label() -> None:
    assert room(["a", "abcdefghijklmnop"]) > room(["a"])
