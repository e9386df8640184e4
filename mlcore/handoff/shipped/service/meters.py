"""What a service counts, in the text format that Prometheus reads (version 0.0.4 of its exposition)."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping

TYPE = "text/plain; version=0.0.4; charset=utf-8"
STEPS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper ends of the classes of durations, in seconds."""


class Meters:
    """Counts of one process since it started; to be changed in one thread."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.started = time.time()
        self.requests: Counter[tuple[str, int]] = Counter()
        self.rows = 0
        self.refused = 0
        self.predictions: Counter[str] = Counter()
        self.flags: Counter[str] = Counter()
        self.dropped = 0
        self.ready = False
        self._labels = dict(labels)
        self._steps = [0] * (len(STEPS) + 1)
        self._seconds = 0.0

    def request(self, path: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self.requests[path, status] += 1
        self._steps[bisect_left(STEPS, seconds)] += 1
        self._seconds += seconds

    def text(self) -> str:
        """All counts, one a line."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from _head("scoring_info", "gauge", "The model that answers.")
        yield f"scoring_info{_told(self._labels)} 1"
        yield from _head("scoring_ready", "gauge", "1 when the golden rows scored as they should.")
        yield f"scoring_ready {int(self.ready)}"
        yield from _head("scoring_started_seconds", "gauge", "When this process started, in seconds since 1970.")
        yield f"scoring_started_seconds {self.started:.3f}"
        yield from _head("scoring_requests_total", "counter", "Requests that were answered.")
        for (path, status), count in sorted(self.requests.items()):
            yield f"scoring_requests_total{_told({'path': path, 'status': str(status)})} {count}"
        yield from self._durations()
        for name, count, help in (
            ("scoring_rows_total", self.rows, "Rows that were scored."),
            ("scoring_refused_cells_total", self.refused, "Cells that could not be taken."),
            ("scoring_unlogged_rows_total", self.dropped, "Rows that the log of predictions could not keep."),
        ):
            yield from _head(name, "counter", help)
            yield f"{name} {count}"
        yield from _counted("scoring_predictions_total", "label", self.predictions, "Answers, by label.")
        yield from _counted("scoring_flags_total", "code", self.flags, "Flags of rows, by the kind of flag.")

    def _durations(self) -> Iterator[str]:
        name, total = "scoring_request_seconds", 0
        yield from _head(name, "histogram", "How long requests took, in seconds.")
        for step, count in zip((*map(str, STEPS), "+Inf"), self._steps, strict=True):
            total += count
            yield f'{name}_bucket{{le="{step}"}} {total}'
        yield f"{name}_sum {self._seconds:.6f}"
        yield f"{name}_count {total}"


def _head(name: str, kind: str, help: str) -> Iterator[str]:
    yield f"# HELP {name} {help}"
    yield f"# TYPE {name} {kind}"


def _counted(name: str, label: str, counts: Counter[str], help: str) -> Iterator[str]:
    yield from _head(name, "counter", help)
    for word, count in sorted(counts.items()):
        yield f"{name}{_told({label: word})} {count}"


def _told(labels: Mapping[str, str]) -> str:
    inner = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + inner + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
