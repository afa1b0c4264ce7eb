"""Which rank each of several figures may have: from best to worst, all at once, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from barograph.estimate import Estimate
from barograph.publish import formats
from barograph.publish.charts.sheet import Line, Sheet, Tick

SLOT = 18


def rank_id(e: Estimate) -> str:
    """The name of the rank of a figure among those of its indicator, as further.csv has it."""
    return e.estimate_id.replace(f".{e.statistic}.", ".rank.")


@dataclass(frozen=True)
class Rank:
    """A figure with the `best` and the `worst` rank it may have, and the `tier` it stands in."""

    label: str
    estimate: Estimate
    best: int
    worst: int
    tier: int
    dimension: str = ""


@dataclass(frozen=True)
class Ranks:
    """Figures from the highest down; the ranks hold together at 95%."""

    id: str
    title: str
    description: str
    rows: tuple[Rank, ...]
    tier: str  # the word for a tier, with {number}

    margin: ClassVar[float] = 0.0

    def lines(self, lang: str) -> list[Line]:
        """The words of each row."""
        return [
            Line(
                row.label,
                f"{row.best}–{row.worst}" if row.worst > row.best else str(row.best),
                group=self.tier.format(number=formats.number(row.tier, lang)),
                estimate_id=rank_id(row.estimate),
                tone=f"dim-{row.dimension}" if row.dimension else "",
            )
            for row in self.rows
        ]

    def draw(self, sheet: Sheet) -> None:
        """A place for each rank; those it may have as a band, that of its value as a dot."""
        count = len(self.rows)

        def marks(i: int, y: int) -> str:
            row = self.rows[i]
            low, high = (row.best - 1) / count, row.worst / count
            return (
                f'<rect class="track" x="{sheet.at(0)}" y="{y}" width="{sheet.span(0, 1)}" '
                f'height="{SLOT}" rx="3"/>'
                f'<rect class="band" x="{sheet.at(low)}" y="{y}" '
                f'width="{sheet.span(low, high)}" height="{SLOT}" rx="3"/>'
                f'<circle class="dot" cx="{sheet.at((i + 0.5) / count)}" cy="{y + SLOT // 2}" r="5"/>'
            )

        sheet.rows(marks, SLOT)
        shown = {0, count - 1} | set(range(0, count, 1 if count <= 8 else 5))
        sheet.grid(
            [
                Tick((i + 0.5) / count, formats.number(i + 1, sheet.lang))
                for i in sorted(shown)
                if i == count - 1 or i + 2 < count or count <= 8
            ]
        )
