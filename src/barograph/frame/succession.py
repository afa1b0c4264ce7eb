"""What becomes of a unit over the years: a code is not a municipality.

A merger ends its parts, also where one of them gives its code to the whole; a new code alone, on the
same territory, ends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from barograph.files import numbered_records
from barograph.frame.units import Frame


class Succession(NamedTuple):
    """From `day` on, `old` is (part of) `new`."""

    day: date
    old: str
    new: str


def successions(folder: Path) -> list[Succession]:
    """The lines of `mergers.csv` by day; none without that file."""
    path = folder / "mergers.csv"
    lines = [cells for _, cells in numbered_records(path, ("old_nis",))] if path.exists() else []
    return sorted(
        Succession(date.fromisoformat(r["effective_date"]), r["old_nis"], r["new_nis"])
        for r in lines
    )


def kept(lines: Iterable[Succession], before: Frame, after: Frame) -> dict[str, str]:
    """Codes of `before` with their codes in `after`, of the units that are the same in both.

    Either frame may be the later one. Units that a merger or a division ended between the two dates
    are left out.
    """
    if before.on > after.on:
        return {new: old for old, new in kept(lines, after, before).items()}
    between = [line for line in lines if before.on < line.day <= after.on]
    parts = Counter((line.day, line.new) for line in between)
    wholes = Counter((line.day, line.old) for line in between)
    alone = {
        (line.day, line.old): line.new
        for line in between
        if parts[line.day, line.new] == wholes[line.day, line.old] == 1
    }
    codes: dict[str, str] = {}
    for code in map(str, before.codes):
        here: str | None = code
        for day in sorted({line.day for line in between}):
            if here is not None and (day, here) in wholes:
                here = alone.get((day, here))
        if here is not None and here in after.row_of:
            codes[code] = here
    return codes
