"""What a frame must satisfy: one code a day, no gaps, known domains, mergers that lead somewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from barograph.errors import BadInput
from barograph.files import numbered_records

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Record:
    """One line of municipalities.csv: a unit-version with its first and last valid day."""

    row: int
    code: str
    first: date
    last: date
    cells: Mapping[str, str]


def check_validity(path: Path, records: Sequence[Record]) -> None:
    """Versions of one code follow each other without overlap and without gap."""
    versions: dict[str, list[Record]] = {}
    for record in records:
        versions.setdefault(record.code, []).append(record)
    for code, lines in versions.items():
        for before, after in pairwise(sorted(lines, key=lambda r: (r.first, r.row))):
            _check_succession(path, code, before, after)


def _check_succession(path: Path, code: str, before: Record, after: Record) -> None:
    if (before.first, before.last) == (after.first, after.last):
        what, column = f"code {code} is a duplicate of row {before.row}", "nis"
    elif after.first <= before.last:
        what, column = f"validity of {code} overlaps that of row {before.row}", "valid_from"
    elif after.first != before.last + ONE_DAY:
        what, column = f"gap in the validity of {code} after row {before.row}", "valid_from"
    else:
        return
    raise BadInput(what, file=path, row=after.row, column=column, todo="Keep one line for each day")


def check_domains(
    path: Path, records: Sequence[Record], domains: Mapping[str, Sequence[str]]
) -> None:
    """Each unit has a known value in each domain."""
    for name, values in domains.items():
        for record in records:
            if name not in record.cells:
                raise BadInput(
                    "domain of barometer.toml is no column", file=path, row=1, column=name
                )
            if record.cells[name] not in values:
                raise BadInput(
                    f"unknown {name} {record.cells[name]!r}",
                    file=path,
                    row=record.row,
                    column=name,
                    todo=f"Known are {', '.join(values)}; add it to barometer.toml or correct it",
                )


def check_mergers(path: Path, records: Sequence[Record]) -> None:
    """The old code of a merger is valid the day before, the new one on the day itself."""
    if not path.exists():
        return
    required = ("effective_date", "old_nis", "new_nis")
    for row, cells in numbered_records(path, required):
        try:
            day = date.fromisoformat(cells["effective_date"])
        except ValueError:
            raise BadInput(
                f"{cells['effective_date']!r} is no date",
                file=path,
                row=row,
                column="effective_date",
            ) from None
        for column, code, when in (
            ("old_nis", cells["old_nis"], day - ONE_DAY),
            ("new_nis", cells["new_nis"], day),
        ):
            if not any(r.code == code and r.first <= when <= r.last for r in records):
                raise BadInput(
                    f"the merger leads nowhere: {code!r} is not valid on {when}",
                    file=path,
                    row=row,
                    column=column,
                    todo="Correct the code, or the dates in municipalities.csv",
                )
