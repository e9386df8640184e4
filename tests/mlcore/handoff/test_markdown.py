"""A user's words stay words in Markdown."""

from __future__ import annotations

import pytest

from mlcore.handoff.markdown import code, plain


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("not_survived", "`not_survived`"),
        ("a\nb", "`a b`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a``", "``` a`` ```"),
    ],
)
def test_code_has_its_own_letters_and_nothing_else(text: str, wanted: str) -> None:
    assert code(text) == wanted


def test_marks_have_no_effect_in_plain_words() -> None:
    assert plain("# <b>a_b</b>\n![x](y)|z") == r"\# \<b\>a\_b\</b\> !\[x\](y)\|z"
