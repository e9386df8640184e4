"""What is said about a cell that cannot be taken as it is."""

from __future__ import annotations

from typing import Any

import pytest

from mlcore.handoff.batch import faults

TOWNS = [f"{first}{second}stadt {number}" for first in ("Neu", "Alt") for second in "aeiou" for number in range(200)]


def said(value: str) -> str:
    return faults.remedy("unseen", {"name": "town", "categories": TOWNS}, value)


def test_a_misspelt_word_is_found_among_thousands() -> None:
    assert said("Neuastdat 117") == "Did you mean 'Neuastadt 117'?"
    assert said(" ALTOSTADT 3 ") == "Did you mean 'Altostadt 3'?"
    assert "Did you mean" not in said("Paris")
    assert "Did you mean" not in said("")


def test_a_word_is_compared_with_few_of_many_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = faults.get_close_matches

    def counted(word: str, known: list[str], **more: Any) -> list[str]:
        compared.append(len(known))
        return real(word, known, **more)

    monkeypatch.setattr(faults, "get_close_matches", counted)
    for number in range(30):
        said(f"Neuestatd {number}")
    assert len(compared) == 30
    assert max(compared) <= 20
