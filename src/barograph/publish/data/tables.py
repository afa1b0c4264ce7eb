"""A table with described columns: what a CSV file, a sheet and a data package are made from."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from barograph.files import harmless

Cell = str | int | float | None


@dataclass(frozen=True)
class Field:
    """A column: type and constraints as Table Schema names them."""

    name: str
    type: Literal["string", "integer", "number"]
    description: str
    constraints: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows with described columns; `key` tells rows apart, `refers` ties columns to other tables.

    A cell is None where there is nothing to tell.
    """

    name: str
    description: str
    fields: tuple[Field, ...]
    rows: Sequence[Sequence[Cell]]
    key: tuple[str, ...] = ()
    refers: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        return [f.name for f in self.fields]


def number_text(x: float) -> str:
    """Twelve significant digits: what the method can promise."""
    return f"{x:.12g}"


def csv_bytes(table: Table) -> bytes:
    """The table as comma-separated UTF-8; safe to open in a spreadsheet."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.header)
    spelled = cache(_cell)  # a table has few cells that differ
    writer.writerows(map(spelled, row) for row in table.rows)
    return text.getvalue().encode()


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return number_text(cell)
    return str(cell) if isinstance(cell, int) else harmless(cell)
