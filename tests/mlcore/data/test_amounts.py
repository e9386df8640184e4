"""Numbers in sentences are written as people write them."""

from __future__ import annotations

import pytest

from mlcore.data.amounts import amount, compact


def test_a_count_stands_with_its_noun() -> None:
    assert (amount(1, "row"), amount(1204, "row"), amount(2, "branch", "branches")) == (
        "1 row",
        "1,204 rows",
        "2 branches",
    )


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [
        (119_200.4, 4, "119,200"),
        (2007.0, 4, "2007"),
        (0.87654, 4, "0.8765"),
        (-12.3456, 4, "-12.35"),
        (0.0, 4, "0"),
        (1_234_567.8, 6, "1,234,568"),
        (51.4779, 6, "51.4779"),
        (1e14, 4, "1e+14"),
        (float("nan"), 4, "nan"),
    ],
)
def test_a_number_has_no_exponent_and_a_year_no_comma(value: float, digits: int, said: str) -> None:
    assert compact(value, digits) == said
