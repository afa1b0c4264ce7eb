"""The units of the population on a date, and the domains they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.files import numbered_records, sha256
from barograph.frame.checks import Record, check_domains, check_mergers, check_validity

KEY = "nis"
REQUIRED = (KEY, "name_official", "valid_from", "valid_to")


@dataclass(frozen=True)
class Domain:
    """A partition of the units published as such: region, rurality.

    `labels` gives, per value in the order of publication, its text per language.
    """

    name: str
    label: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Frame:
    """Units valid on `on`, ordered by code. Attributes are arrays of N texts."""

    on: date
    attributes: Mapping[str, NDArray[np.str_]]
    domains: Mapping[str, Domain]
    version: str

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def codes(self) -> NDArray[np.str_]:
        """Codes of the N units."""
        return self.attributes[KEY]

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """Position of each code."""
        return {str(code): i for i, code in enumerate(self.codes)}

    def sizes(self, *names: str) -> dict[tuple[str, ...], int]:
        """Number of units in each cell of the crossing of the named domains."""
        columns = zip(*(self.attributes[name] for name in names), strict=True)
        sizes: dict[tuple[str, ...], int] = {}
        for cell in columns:
            key = tuple(map(str, cell))
            sizes[key] = sizes.get(key, 0) + 1
        return sizes


def read(folder: Path, on: date, domains: Mapping[str, Domain]) -> Frame:
    """The frame in `folder` on a date; BadInput tells file, row and column of a fault.

    A unit is valid on day D when valid_from <= D <= valid_to; an empty cell is open.
    """
    path = folder / "municipalities.csv"
    records = [_record(path, row, cells) for row, cells in numbered_records(path, REQUIRED)]
    check_validity(path, records)
    check_mergers(folder / "mergers.csv", records)
    valid = sorted((r for r in records if r.first <= on <= r.last), key=lambda r: r.code)
    if not valid:
        raise BadInput(f"no unit is valid on {on}", file=path, column="valid_from")
    check_domains(path, valid, {d.name: tuple(d.labels) for d in domains.values()})
    attributes = {
        name: np.array([r.cells[name] for r in valid], dtype=np.str_) for name in valid[0].cells
    }
    return Frame(on, attributes, domains, sha256(path)[:12])


def _record(path: Path, row: int, cells: dict[str, str]) -> Record:
    if not cells[KEY].strip():
        raise BadInput("unit without code", file=path, row=row, column=KEY)
    first = _day(path, row, "valid_from", cells["valid_from"]) or date.min
    last = _day(path, row, "valid_to", cells["valid_to"]) or date.max
    if first > last:
        raise BadInput(
            f"ends ({last}) before it begins ({first})", file=path, row=row, column="valid_to"
        )
    return Record(row, cells[KEY], first, last, cells)


def _day(path: Path, row: int, column: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(
            f"{text!r} is no date", file=path, row=row, column=column, todo="Write YYYY-MM-DD"
        ) from None
