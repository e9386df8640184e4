"""What is said of a column of words: of its most frequent value, or that none is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mlcore.data.load import store_frame
from mlcore.data.profile import profile
from mlcore.plots import distribution


def test_no_value_is_called_the_most_frequent_when_each_occurs_once(tmp_path: Path) -> None:
    frame = pd.DataFrame({"key": [f"{row:06d}" for row in range(40)], "town": ["Rome"] * 30 + ["Bern"] * 10})
    stored = store_frame(frame, tmp_path / "t.parquet")
    found = profile(Path(stored.path), stored.schema)
    readings = [distribution.CHART.draw(found[name], rows=found.rows).reading for name in frame]
    assert readings[0].startswith("Each of the 40 values occurs once.")
    assert readings[1].startswith("“Rome” is the most frequent of 2 values")
