"""What people are told about the formula language is what it can do."""

from mlcore.data import formula
from mlcore.data.expressions import FUNCTIONS_TOLD


def test_every_function_has_an_example_that_can_be_read() -> None:
    assert set(FUNCTIONS_TOLD) == set(formula.FUNCTIONS)
    for example, about in FUNCTIONS_TOLD.values():
        assert formula.columns(formula.parsed(example))
        assert about
