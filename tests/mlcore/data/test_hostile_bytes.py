"""Whatever the bytes are: a table with every row accounted for, or one sentence. Never anything else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.data.load import load, read_table
from mlcore.errors import UserError

SCRAPS = st.sampled_from(
    [b"a", b"1", b"0", b"2.5", b"1,5", b"1.234,5", b",", b";", b"\t", b'"', b"'", b"\n", b"\r", b"\r\n", b"\x00", b" ",
     b"NA", b"inf", b"nan", b"2025-01-01", b"31/12/2025", b"99/99/9999", b"\xff", b"\xc3\xa4", b"\xef\xbb\xbf", b"$",
     b"%", b"-", b"1e999", b"99999999999999999999", b"\\", b'""', b"|", b"x,y\n", b"1,2\n"]
)  # fmt: skip


def loads_or_says_why(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    dataset, sentence = None, ""
    try:
        dataset = load(path, out=path.with_suffix(".parquet"))
    except UserError as error:
        sentence = str(error)
    if dataset is None:
        assert sentence.endswith(".")
        assert "rows were counted but" not in sentence
        return
    reading = dataset.reading
    assert reading.records == reading.kept + reading.set_aside
    assert read_table(dataset).shape == (reading.kept, len(dataset.schema))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scraps=st.lists(SCRAPS, max_size=60))
def test_scraps_of_tables(tmp_path: Path, scraps: list[bytes]) -> None:
    loads_or_says_why(tmp_path / "scraps.csv", b"".join(scraps))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, content: bytes) -> None:
    loads_or_says_why(tmp_path / "bytes.csv", content)
    loads_or_says_why(tmp_path / "bytes.csv", b"PAR1" + content + b"PAR1")
