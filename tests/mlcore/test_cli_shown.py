"""What the command line tells a person: nothing where there is nothing to do."""

from __future__ import annotations

from mlcore.cli import shown
from mlcore.data.profile import Profile
from tests.pages.runs import skipped


def test_a_finding_that_asks_for_nothing_ends_with_what_was_seen() -> None:
    told = shown.profile(Profile(rows=0, sampled=0, exact=True, duplicates=0, findings=(skipped(),)))
    last = "note  Nearest neighbours is not tried: It is meant for 60 to 20,000 rows, here are 54,000."
    assert told.splitlines()[-1] == last
