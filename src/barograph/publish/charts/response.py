"""Who answered beside who was asked: each category's share of respondents and of the population."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.publish import formats
from barograph.publish.charts.intervals import on_axis, ticks
from barograph.publish.charts.sheet import MARGIN, Line, Sheet

HIGH = 12


@dataclass(frozen=True)
class Category:
    """A value of a domain: its `share` of the respondents and of all units (`population`)."""

    label: str
    domain: str
    fact: str
    share: float
    population: float


@dataclass(frozen=True)
class Response:
    """Categories by domain, on one axis of shares."""

    id: str
    title: str
    description: str
    rows: tuple[Category, ...]

    margin: ClassVar[float] = MARGIN

    def lines(self, lang: str) -> list[Line]:
        """The words of each row."""
        return [
            Line(
                row.label,
                formats.percent(row.share, lang),
                formats.percent(row.population, lang),
                row.domain,
                fact=row.fact,
            )
            for row in self.rows
        ]

    def draw(self, sheet: Sheet) -> None:
        """Two marks a row and the way between them."""
        axis = (0.0, 1.0)

        def marks(i: int, y: int) -> str:
            row, middle = self.rows[i], y + HIGH // 2
            share, all_ = (sheet.at(on_axis(x, axis)) for x in (row.share, row.population))
            return (
                f'<rect class="track" x="{sheet.at(0)}" y="{middle - 1}" '
                f'width="{sheet.span(0, 1)}" height="2"/>'
                f'<line class="way" x1="{share}" x2="{all_}" y1="{middle}" y2="{middle}"/>'
                f'<line class="mean" x1="{all_}" x2="{all_}" y1="{y - 3}" y2="{y + HIGH + 3}"/>'
                f'<circle class="dot" cx="{share}" cy="{middle}" r="6"/>'
            )

        sheet.rows(marks, HIGH)
        sheet.grid(ticks(axis, sheet.lang))
        sheet.key(
            [
                (_key_dot, sheet.words["among_respondents"]),
                (_key_line, sheet.words["among_all"]),
            ]
        )


def _key_dot(y: int) -> str:
    return f'<circle class="dot" cx="14" cy="{y + 14}" r="6"/>'


def _key_line(y: int) -> str:
    return f'<line class="mean" x1="14" x2="14" y1="{y + 6}" y2="{y + 22}"/>'
