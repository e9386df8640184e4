"""Print the corpus as a table: what every file is, what must become of it, and what did."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.corpus import CASES
from tests.corpus.case import Reads
from tests.corpus.judge import Verdict, judge, line


def main() -> int:
    """The number of cases that did not end as they must, at most 1 as an exit code."""
    verdicts = [_judged(place) for place in range(len(CASES))]
    for verdict in verdicts:
        print(line(verdict))
        for problem in verdict.wrong:
            print(f"{'':12}{problem[:400]}")
    wrong = sum(bool(verdict.wrong) for verdict in verdicts)
    exact = sum(isinstance(case.then, Reads) and not case.then.notes for case in CASES)
    noted = sum(isinstance(case.then, Reads) and bool(case.then.notes) for case in CASES)
    print(
        f"{len(CASES)} files: {exact} must read exactly so, {noted} with a note, {len(CASES) - exact - noted} are "
        f"refused with a sentence. As written down: {len(CASES) - wrong}. Otherwise: {wrong}."
    )
    return min(wrong, 1)


def _judged(place: int) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        return judge(CASES[place], Path(folder))


if __name__ == "__main__":
    sys.exit(main())
