"""The worst segment in words: what was found, how sure it is, and whether the model is off there or rows are hard."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mlcore.evaluation.metrics import METRICS
from mlcore.evaluation.slices import Part
from mlcore.evaluation.worst import Suspicion, Worst


def named(parts: Sequence[Part], titles: Mapping[str, str] | None = None) -> str:
    """A segment in words: “contract” is “monthly” and “tenure” is “up to 6”."""
    return " and ".join(f"“{(titles or {}).get(part.column, part.column)}” is “{part.label}”" for part in parts)


def sentences(found: Worst, titles: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """What came of the search, for people; the first sentence is the finding."""
    if found.why:
        return (found.why,)
    looked = f"{found.tried:,} segments of {found.columns:,} columns and their pairs"
    if not found.confirmed:
        return (
            f"No segment is shown to be worse than the rest: {looked} were tried on one half of {found.n:,} rows, "
            + (f"and the other half confirms none of the {len(found.suspicions)} that looked worst."
               if found.suspicions else "and none looks bad enough to test on the other half."),
        )  # fmt: skip
    one, metric = found.confirmed[0], METRICS[found.measure]
    return (
        f"The worst segment is where {named(one.parts, titles)}: {metric.term} {metric.shown(one.error)} there against "
        f"{metric.shown(one.rest)} in the rest ({metric.direction}), on {one.n:,} of {found.n:,} rows.",
        f"It was found on one half of the rows among {looked}, and the other half confirms it "
        f"(p {_p(one.p)} after correction for {_tests(found)}).",
        *_kind(one, found.measure),
    )


def _tests(found: Worst) -> str:
    count = len(found.suspicions)
    return "the one test" if count == 1 else f"{count} tests"


def _p(p: float) -> str:
    return "below 0.001" if p < 0.001 else f"{p:.3f}"


def _kind(one: Suspicion, measure: str) -> Iterator[str]:
    """Whether it is merely hard there, or off to one side."""
    if one.said is None or one.happened is None:
        return
    if measure == "brier":
        said, happened = f"{100 * one.said:.0f} %", f"{100 * one.happened:.0f} %"
        off = abs(one.said - one.happened) > 0.05
        what = f"On average it says {said} there and {happened} happened"
    else:
        metric = METRICS[measure]
        said, happened = metric.shown(one.said), metric.shown(one.happened)
        off = abs(one.said - one.happened) > 0.25 * one.error
        what = f"On average it says {said} there and {happened} is true"
    side = "too much" if one.said > one.happened else "too little"
    hard = "tell apart" if measure == "brier" else "predict"
    yield f"{what}: it says {side}." if off else f"{what}: right on average, these rows are harder to {hard}."
