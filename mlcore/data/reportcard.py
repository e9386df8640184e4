"""A table's report card: how it stands in each area, summed up from what the checks found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from mlcore.data.amounts import amount, percent
from mlcore.data.checks import CHECKS
from mlcore.data.checks.check import Area
from mlcore.data.profile import Profile
from mlcore.findings import Finding

Grade = Literal["good", "fair", "look", "act"]
"""`good`: nothing found. `fair`: notes only. `look`: something to look at. `act`: something was or must be acted on."""

AREAS: dict[Area, str] = {
    "readable": "Readable",
    "complete": "Complete",
    "consistent": "Consistent",
    "plausible": "Plausible",
    "enough": "Enough to learn from",
    "leakage": "Safe from leakage",
    "private": "Private",
}

_OTHERS: dict[str, Area] = {"suspicious_labels": "plausible"}
_NEEDS_TARGET: tuple[Area, ...] = ("leakage",)


@dataclass(frozen=True, kw_only=True)
class AreaGrade:
    """How a table stands in one area; `stops`, `watches` and `notes` count its findings."""

    area: Area
    title: str
    grade: Grade
    stops: int
    watches: int
    notes: int
    said: str


@dataclass(frozen=True, kw_only=True)
class ReportCard:
    """Every area in the order of a table's way to a model, and all of it in one sentence."""

    areas: tuple[AreaGrade, ...]
    sentence: str

    def __getitem__(self, area: Area) -> AreaGrade:
        return next(one for one in self.areas if one.area == area)


def area_of(finding: Finding) -> Area:
    """The area a finding counts in; one that no check made is about how the table was read."""
    return CHECKS[finding.code].area if finding.code in CHECKS else _OTHERS.get(finding.code, "readable")


def report_card(findings: Sequence[Finding], profile: Profile) -> ReportCard:
    """Grade a table by what was found about it; without a target in view that is said where it matters."""
    areas = tuple(_graded(area, [one for one in findings if area_of(one) == area], profile) for area in get_args(Area))
    return ReportCard(areas=areas, sentence=_sentence(areas))


def _graded(area: Area, found: list[Finding], profile: Profile) -> AreaGrade:
    stops, watches, notes = (sum(one.level == level for one in found) for level in ("stop", "watch", "note"))
    grade: Grade = "act" if stops else "look" if watches else "fair" if notes else "good"
    return AreaGrade(
        area=area, title=AREAS[area], grade=grade, stops=stops, watches=watches, notes=notes,
        said=_said(area, found, profile),
    )  # fmt: skip


def _said(area: Area, found: list[Finding], profile: Profile) -> str:
    if found:
        first = found[0].title
        return first + (f" and {amount(len(found) - 1, 'more finding')}" if len(found) > 1 else "")
    if area == "complete":
        empty = sum(column.missing for column in profile.columns)
        if not empty:
            return "No cell is empty"
        share = empty / (profile.rows * len(profile.columns))
        return f"{'< 0.1 %' if share < 0.001 else percent(share, 1)} of the cells are empty"
    if area == "enough":
        return amount(profile.rows, "row")
    if area in _NEEDS_TARGET and profile.target is None:
        return "Nothing found yet; more is checked once a target is chosen"
    return "Nothing found"


def _sentence(areas: tuple[AreaGrade, ...]) -> str:
    stops, watches, notes = (sum(getattr(one, kind) for one in areas) for kind in ("stops", "watches", "notes"))
    parts = [
        said
        for said in (
            f"{amount(stops, 'finding')} acted on" if stops else "",
            f"{amount(watches, 'finding')} to look at" if watches else "",
            amount(notes, "note") if notes else "",
        )
        if said
    ]
    good = sum(one.grade == "good" for one in areas)
    what = ", ".join(parts) if parts else "The checks found nothing to worry about"
    return f"{what}; {good} of {len(areas)} areas without any finding." if parts else f"{what}."
