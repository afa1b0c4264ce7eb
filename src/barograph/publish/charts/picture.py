"""A chart as a picture: within a page, or alone with its own size, style and caption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from barograph.publish.charts.measure import wrap
from barograph.publish.charts.sheet import Line, Sheet
from barograph.publish.charts.style import style
from barograph.publish.charts.words import own

EDGE = 20
TITLE, NOTE = (20, 26), (12, 17)  # size and line height, pixels


class Named(Protocol):
    """A picture has a name, a title, and a description for those who do not see it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def description(self) -> str: ...


class Drawable(Named, Protocol):
    """What every kind of chart is; `margin` is the part of a page that its marks need at the ends."""

    @property
    def margin(self) -> float: ...
    def lines(self, lang: str) -> Sequence[Line]:
        """The words of its rows."""
        ...

    def draw(self, sheet: Sheet) -> None:
        """Writes it on a sheet."""
        ...


@dataclass(frozen=True)
class Caption:
    """The words around a picture that travels alone: the finding, what was asked, base and source."""

    title: str
    lead: str = ""
    notes: tuple[str, ...] = ()


def inline(chart: Drawable, lang: str, words: Mapping[str, str]) -> str:
    """The chart as SVG for a page, whose style it takes; as wide as its column."""
    sheet = Sheet(_name(chart), lang, {**own(lang), **words}, None, chart.lines(lang), chart.margin)
    chart.draw(sheet)
    body = sheet.body()
    return (
        f'<svg class="chart" {_labelled(chart)} width="100%" height="{sheet.y}">'
        f"{_texts_of(chart)}{body}</svg>"
    )


def standalone(
    chart: Drawable,
    lang: str,
    words: Mapping[str, str],
    width: int = 640,
    caption: Caption | None = None,
) -> str:
    """The chart as an SVG document of `width` pixels, with its style, in Inter.

    Without a caption it is the bare picture, for a report that has its own; with one it has a
    ground and an edge, and says itself what it shows.
    """
    sheet = Sheet(
        _name(chart), lang, {**own(lang), **words}, inner(width, caption), chart.lines(lang)
    )
    chart.draw(sheet)
    return document(chart, lang, sheet.body(), (width, sheet.y), caption)


def inner(width: int, caption: Caption | None) -> int:
    """What the edge of a captioned picture leaves of its width."""
    return width - 2 * EDGE if caption else width


def document(
    named: Named, lang: str, body: str, size: tuple[int, int], caption: Caption | None
) -> str:
    """An SVG document around a drawn body of `size`: width of the whole, height of the body."""
    width, height = size
    if caption:
        body, height = _captioned(caption, body, height, width)
    svg = f'<g class="chart">{body}</g>'
    return (
        f'<svg {_labelled(named)} lang="{lang}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{_texts_of(named)}<style>{style(svg)}</style>{svg}</svg>'
    )


def _name(named: Named) -> str:
    return escape(named.id.replace(".", "-"))


def _labelled(named: Named) -> str:
    id = _name(named)
    return f'xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{id}-t {id}-d"'


def _texts_of(named: Named) -> str:
    id = _name(named)
    return (
        f'<title id="{id}-t">{escape(named.title)}</title>'
        f'<desc id="{id}-d">{escape(named.description)}</desc>'
    )


def _captioned(caption: Caption, body: str, height: int, width: int) -> tuple[str, int]:
    """The picture between its title and its notes, and the height of all."""
    room = width - 2 * EDGE
    head, y = _texts("title", (caption.title,), EDGE, room, TITLE)
    lead, y = _texts("lead", (caption.lead,) if caption.lead else (), y + 2, room, NOTE)
    y += 16
    notes, bottom = _texts("note", caption.notes, y + height + 8, room, NOTE)
    whole = bottom + EDGE - 4
    ground = f'<rect class="ground" width="{width}" height="{whole}"/>'
    return f'{ground}{head}{lead}<g transform="translate({EDGE} {y})">{body}</g>{notes}', whole


def _texts(
    name: str, paragraphs: Sequence[str], y: int, room: int, size: tuple[int, int]
) -> tuple[str, int]:
    """Paragraphs from y down, and where they end."""
    parts = []
    for paragraph in paragraphs:
        for line in wrap(paragraph, room, size[0]):
            y += size[1]
            parts.append(f'<text class="{name}" x="{EDGE}" y="{y - 5}">{escape(line)}</text>')
    return "".join(parts), y
