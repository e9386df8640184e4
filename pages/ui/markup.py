"""HTML and Markdown from words that may be hostile: every string a user or a file gave passes through here."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "accent", "ok", "watch", "act"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=])")


def esc(value: object) -> str:
    """The value as text that HTML shows and never runs."""
    return html.escape(_one_line(value), quote=True)


def md(value: object) -> str:
    """The value as text that Streamlit's Markdown (links, colours, icons, maths, HTML) shows as it is."""
    return _SPECIAL.sub(r"\\\1", _one_line(value))


def _one_line(value: object) -> str:
    text = "".join(" " if character in "\r\n\t" else character for character in str(value))
    return "".join(character for character in text if character.isprintable() or character in " \u00a0")


def chip(words: object, tone: Tone = "") -> str:
    """A short label in a pill."""
    return f'<span class="ts-chip {tone}">{esc(words)}</span>'


def facts(cells: Iterable[tuple[str, object, str]]) -> str:
    """A row of (name, value, note) in one divided card."""
    made = "".join(
        f"<div><dt>{esc(name)}</dt><dd>{esc(value)}{f'<small>{esc(note)}</small>' if note else ''}</dd></div>"
        for name, value, note in cells
    )
    return f'<dl class="ts-facts">{made}</dl>'


@dataclass(frozen=True)
class Head:
    """One column of a table: its title, a note under it, and whether it holds numbers."""

    title: str
    note: str = ""
    numeric: bool = False
    name: bool = False

    @property
    def css(self) -> str:
        return "num" if self.numeric else "name" if self.name else ""


def table(
    heads: Sequence[Head], rows: Iterable[tuple[Sequence[str], str]], *, caption: str, stacked: bool = False
) -> str:
    """A table of cells that are HTML already (use `esc`), each row with a class of its own.

    `stacked`: on a phone each row becomes a card, its cells under their titles, so that none is off the screen.
    """
    top = "".join(f'<th scope="col" class="{head.css}">{esc(head.title)}{_small(head.note)}</th>' for head in heads)
    body = "".join(_row(heads, cells, css, stacked) for cells, css in rows)
    label = f'aria-label="{esc(caption)}"'
    head = f"<thead><tr>{top}</tr></thead>"
    css = "ts-scroll ts-stacked" if stacked else "ts-scroll"
    return f'<div class="{css}" tabindex="0"><table class="ts-table" {label}>{head}<tbody>{body}</tbody></table></div>'


def _small(note: str) -> str:
    return f"<small>{esc(note)}</small>" if note else ""


def _row(heads: Sequence[Head], cells: Sequence[str], css: str, titled: bool) -> str:
    made = "".join(
        f'<td class="{head.css}"{_titled(head) if titled else ""}>{cell}</td>'
        for head, cell in zip(heads, cells, strict=True)
    )
    return f'<tr class="{css}">{made}</tr>'


def _titled(head: Head) -> str:
    return f' data-title="{esc(head.title)}"'


def bar(share: float | None, words: str, tone: Tone = "") -> str:
    """A share of one as a bar with its words beside it."""
    if share is None:
        return '<span class="ts-meta">–</span>'
    width = max(0.0, min(1.0, share)) * 100
    return f'<div class="ts-bar {tone}"><span><i style="width:{width:.1f}%"></i></span>{esc(words)}</div>'


def spark(counts: Sequence[float], *, rest: bool = False, label: str = "") -> str:
    """A small distribution; `rest` greys the last bar, which stands for all other values."""
    top = max(counts, default=0) or 1
    bars = "".join(
        f'<i class="{"rest" if rest and at == len(counts) - 1 else ""}" style="height:{100 * count / top:.0f}%"></i>'
        for at, count in enumerate(counts)
    )
    return f'<div class="ts-spark" role="img" aria-label="{esc(label)}">{bars}</div>'


def interval(value: float, low: float, high: float, span: tuple[float, float], best: float, faded: bool = False) -> str:
    """The value in its interval on a common scale from `span[0]` to `span[1]`, with a hairline at `best`.

    What lies beyond the scale is an arrow at its edge.
    """

    def at(number: float) -> float:
        wide = span[1] - span[0]
        return max(0.0, min(100.0, 100 * (number - span[0]) / wide)) if wide else 50.0

    css = "ts-range faded" if faded else "ts-range"
    said = f"{value:.4g}, 95 % interval {low:.4g} to {high:.4g}"
    if value > span[1] or value < span[0]:
        side, arrow = ("right", "▸") if value > span[1] else ("left", "◂")
        dot = f'<em style="{side}:0">{arrow}</em>'
    else:
        wide = max(0.6, at(high) - at(low))
        dot = f'<i style="left:{at(low):.2f}%;width:{wide:.2f}%"></i><b style="left:{at(value):.2f}%"></b>'
    return f'<div class="{css}" role="img" aria-label="{esc(said)}"><u style="left:{at(best):.2f}%"></u>{dot}</div>'


def folded(title: str, inside: str) -> str:
    """HTML that is opened on demand."""
    return f'<details class="ts-folded"><summary>{esc(title)}</summary>{inside}</details>'


def progress(share: float | None, words: str, aside: str) -> str:
    """A line of progress; no share yet means that something moves but cannot be counted."""
    if share is None:
        moving, width, value = "idle", 100.0, ""
    else:
        moving, width = "", 100 * max(0.0, min(1.0, share))
        value = f'aria-valuenow="{width:.0f}" aria-valuemin="0" aria-valuemax="100"'
    return (
        f'<div class="ts-progressline"><span>{esc(words)}</span><span>{esc(aside)}</span></div>'
        f'<div class="ts-progress {moving}" role="progressbar" aria-label="{esc(words)}" {value}>'
        f'<i style="width:{width:.1f}%"></i></div>'
    )
