"""Amounts as people write them: the currency they named, thousands separated, a sign where it matters."""

from __future__ import annotations

import math


def money(amount: float, currency: str = "", *, signed: bool = False) -> str:
    """`€1,240`, `−€35.5`, `1,240 points`; with `signed` a plus before gains. A dash when it is not known."""
    if not math.isfinite(amount):
        return "–"
    size = abs(amount)
    digits = 0 if size >= 100 or size == 0 else 1 if size >= 10 else 2 if size >= 0.1 else 4
    text = f"{size:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    unit = currency.strip()
    symbol = len(unit) == 1 and not unit.isalnum()
    shown = f"{unit}{text}" if symbol else f"{text}\u00a0{unit}" if unit else text
    nothing = not any(digit in "123456789" for digit in text)
    sign = "" if nothing else "−" if amount < 0 else "+" if signed else ""
    return f"{sign}{shown}"
