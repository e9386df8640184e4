from __future__ import annotations

from mlcore.data.amounts import percent
from mlcore.plots.canvas import basis, blank, distinct, finished, note, plain, room, share_ticks, some


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


def test_a_label_beside_a_row_named_like_a_number_stays_beside_it() -> None:
    """Plotly would make room up to row 500 for a label beside the row "0500"."""
    figure = blank(left=80)
    figure.add_bar(x=[3, 2], y=["0500", "0050"], orientation="h")
    figure.update_yaxes(type="category")
    note(figure, 2, "0050", "2 rows")
    note(figure, 2, 1, "above", yref="paper")
    assert [label.y for label in finished(figure).layout.annotations] == [1, 1]


def test_a_share_of_a_few_rows_is_not_written_as_none() -> None:
    assert (some(0.2), some(0.0001)) == (percent(0.2), "<\u00a01\u00a0%")


def test_ticks_of_shares_are_written_as_in_sentences() -> None:
    figure = blank()
    figure.update_xaxes(range=[-0.01, 1.01], nticks=6, tickformat=".0%")
    figure.update_yaxes(range=[0.905, 0.871], nticks=5, tickformat=".1%")
    layout = finished(figure).layout
    assert layout.xaxis.ticktext == tuple(percent(tick) for tick in (0, 0.2, 0.4, 0.6, 0.8, 1))
    assert layout.yaxis.ticktext == tuple(percent(tick, 1) for tick in (0.88, 0.89, 0.9))
