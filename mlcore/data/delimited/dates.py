"""Which text columns are dates, in which form; and the expression that reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from mlcore.data.delimited import cells
from mlcore.data.delimited.cells import DATES, Dates

_ODD_CELLS = 500
_FEW = {2: "two", 3: "three", 4: "four"}
_UNIVERSAL = r"\s*(?:UTC|GMT)$"
"""How some programs write the time zone Z."""


@dataclass(frozen=True, kw_only=True)
class _Fit:
    """The forms that read every cell; of `valid` cells `odd` are not read by the `nearest` form."""

    forms: list[Dates]
    valid: int
    odd: int
    nearest: Dates | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """The form of a column's dates; None when `odd` of its `valid` cells do not fit even the `nearest` form."""

    dates: Dates | None = None
    valid: int = 0
    odd: int = 0
    nearest: Dates | None = None
    why: str = ""


def decide(frame: pl.LazyFrame, sample: dict[str, list[str]], day_first: bool | None) -> dict[str, Found]:
    """For each text column (with some of its cells) the form that reads every cell.

    Where day and month could change places, another column of the file that leaves no doubt decides; then
    `day_first`; and without either the day is taken to come first. Several forms in one column are read when every
    cell leaves no doubt.
    """
    fits = {source: _fitting(frame, source, values) for source, values in sample.items()}
    for source, fit in fits.items():
        if not fit.forms and (several := _several(frame, source, sample[source], fit, day_first)):
            fits[source] = replace(fit, forms=[several], nearest=several, odd=0)
    certain = [fit.forms[0].key for fit in fits.values() if len(fit.forms) == 1]
    order = _order(certain) if day_first is None else day_first
    return {source: _found(fit, order) for source, fit in fits.items()}


def parsed(source: str, dates: Dates) -> pl.Expr:
    """The column as timestamps in microseconds, UTC without zone; what does not fit the form is missing."""
    if dates.parts:
        return pl.coalesce(parsed(source, part) for part in dates.parts)
    text = pl.col(source).str.strip_chars()
    if dates.zoned:
        text = text.str.replace(_UNIVERSAL, "Z")
    gated = pl.when(text.str.contains(dates.gate)).then(text)
    return pl.coalesce(_moment(gated, form, dates.zoned) for form in dates.formats)


def _moment(text: pl.Expr, form: str, zoned: bool) -> pl.Expr:
    if "%H" not in form and "%I" not in form:
        return text.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    moment = text.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC" if zoned else None)
    return moment.dt.replace_time_zone(None) if zoned else moment


def _fitting(frame: pl.LazyFrame, source: str, values: list[str]) -> _Fit:
    """Which forms read the column: first only with those ways of writing the time that the sample shows, and with
    all of them if that is not enough.
    """
    likely = [dates for dates in DATES if _share(dates, values) >= 0.5]
    seen = [replace(dates, formats=_formats(dates, values)) for dates in likely]
    fit = _counted(frame, source, seen)
    return fit if fit.forms or not likely else _counted(frame, source, likely)


def _several(frame: pl.LazyFrame, source: str, values: list[str], fit: _Fit, day_first: bool | None) -> Dates | None:
    """The forms that together read every cell; None when some cell is no date, or could be two."""
    if fit.nearest is not None:
        text = pl.col(source).str.strip_chars()
        rest = text.filter(
            text.is_not_null() & ~text.str.contains(cells.AMONG_PATTERN) & parsed(source, fit.nearest).is_null()
        )
        odd = frame.select(rest.head(_ODD_CELLS)).collect(engine="streaming").to_series().unique()
        values = [*values, *odd.to_list()]
    zoned = fit.nearest is not None and fit.nearest.zoned
    seen = [dates for dates in DATES if dates.zoned == zoned and _share(dates, values) > 0]
    certain = [dates for dates in seen if dates.day_first is None]
    orders = [order for order in (True, False) if day_first in (None, order)]
    unions = [(*certain, *(dates for dates in seen if dates.day_first is order)) for order in orders]
    whole = [_union(parts, values) for parts in dict.fromkeys(unions) if parts]
    likely = [dates for dates in whole if _share(dates, values) == 1.0]
    forms = _counted(frame, source, likely).forms if likely else []
    return forms[0] if len(forms) == 1 else None


def _union(parts: tuple[Dates, ...], values: list[str]) -> Dates:
    """The forms as one, each with the formats that occur."""
    used = tuple(replace(part, formats=_formats(part, values)) for part in parts)
    title = " and ".join(part.title for part in used)
    return Dates(key="/".join(part.key for part in used), title=title, gate="", formats=(), parts=used)


def _formats(dates: Dates, values: list[str]) -> tuple[str, ...]:
    """The formats of the form that read a cell no earlier format reads."""
    used: tuple[str, ...] = ()
    for form in dates.formats:
        longer = (*used, form)
        if _share(replace(dates, formats=longer), values) > (
            _share(replace(dates, formats=used), values) if used else 0
        ):
            used = longer
    return used


def _counted(frame: pl.LazyFrame, source: str, likely: list[Dates]) -> _Fit:
    text = pl.col(source).str.strip_chars()
    valid = text.is_not_null() & ~text.str.contains(cells.AMONG_PATTERN)
    counts = frame.select(
        valid.sum().alias("valid"),
        *((parsed(source, dates).is_not_null() & valid).sum().alias(dates.key) for dates in likely),
    ).collect(engine="streaming")
    row = counts.row(0, named=True)
    total = int(row["valid"])
    nearest = max(likely, key=lambda dates: int(row[dates.key]), default=None)
    read = int(row[nearest.key]) if nearest is not None else 0
    forms = [dates for dates in likely if row[dates.key] == total]
    return _Fit(forms=forms, valid=total, odd=total - read, nearest=nearest)


def _share(dates: Dates, values: list[str]) -> float:
    """The share of these cells that the form reads."""
    frame = pl.DataFrame({"cell": values}, schema={"cell": pl.String})
    return float(frame.select(parsed("cell", dates).is_not_null().mean()).item() or 0.0)


def _order(certain: list[str]) -> bool | None:
    day = sum(key.startswith("day") for key in certain)
    month = sum(key.startswith("month") for key in certain)
    return None if day == month else day > month


def _found(fit: _Fit, day_first: bool | None) -> Found:
    fitting = fit.forms
    if not fitting:
        return Found(valid=fit.valid, odd=fit.odd, nearest=fit.nearest)
    if fitting[0].parts:
        why = f"dates of {_FEW.get(len(fitting[0].parts), 'many')} forms were read: {fitting[0].title}."
        return Found(dates=fitting[0], valid=fit.valid, why=why + _years(fitting[0]))
    both = len(fitting) > 1 and {"d", "m"} <= {dates.key[0] for dates in fitting}
    wanted = "month" if day_first is False else "day"
    chosen = next((dates for dates in fitting if dates.key.startswith(wanted)), fitting[0])
    why = f"dates read as {chosen.title}."
    if both and day_first is None:
        why = f"dates read as {chosen.title}; month/day would fit as well, say so if that is meant."
    if chosen.zoned:
        why = "times with a time zone were moved to UTC."
    return Found(dates=chosen, valid=fit.valid, why="" if chosen.key == "iso" else why + _years(chosen))


def _years(dates: Dates) -> str:
    return " Its years of two digits were taken to be 1970 to 2069." if dates.short_years else ""
