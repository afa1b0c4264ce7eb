"""The tables as one XLSX file, a sheet each, with the columns explained first."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from barograph.publish.data.tables import Cell, Table, number_text

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP can tell


def xlsx_bytes(
    tables: Sequence[Table], notes: Sequence[str], title: str, creator: str, day: date
) -> bytes:
    """A workbook whose bytes depend on nothing but what it holds; texts never become formulas."""
    from openpyxl import Workbook

    book = Workbook()
    stamp = datetime(day.year, day.month, day.day)
    book.properties.title, book.properties.creator = title, creator
    book.properties.created = stamp
    book.remove(book.worksheets[0])
    _sheet(book, "about", [[note] for note in notes])
    columns = [[t.name, f.name, f.type, f.description] for t in tables for f in t.fields]
    _sheet(book, "columns", [["table", "column", "type", "description"], *columns], head=True)
    for table in tables:
        _sheet(book, table.name, [table.header, *table.rows], head=True)
    raw = io.BytesIO()
    book.save(raw)
    return _pinned(raw.getvalue(), stamp)


def _sheet(book: Any, name: str, rows: Sequence[Sequence[Cell]], head: bool = False) -> None:
    from openpyxl.cell import WriteOnlyCell  # a cell whose type we may set
    from openpyxl.styles import Font

    sheet = book.create_sheet(name)
    for number, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=_exact(value))
            if isinstance(value, str):
                cell.data_type = "s"  # also what begins with "=": a text, no formula
            if head and number == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    if head:
        sheet.freeze_panes = "A2"


def _exact(value: Cell) -> Cell:
    """The number that the CSV file shows."""
    return float(number_text(value)) if isinstance(value, float) else value


def _pinned(raw: bytes, stamp: datetime) -> bytes:
    """The same archive with the given time in place of the moment of writing."""
    fixed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(raw)) as old,
        zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*",
                    rb"\g<1>" + f"{stamp.isoformat()}Z".encode(),
                    content,
                )
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            new.writestr(entry, content)
    return fixed.getvalue()
