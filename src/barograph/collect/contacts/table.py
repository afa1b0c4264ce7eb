"""A CSV file as spreadsheets write it: encoding and delimiter are found, faults are told by row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from typing import NamedTuple

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
MOST_BYTES = 2**20  # the desk carries a checked file along in its page
MOST_ROWS = 20_000
SPACE = re.compile(
    r"[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]"
)  # Zs of Unicode; text processors write them


class Fault(NamedTuple):
    """What is wrong at a row (1 is the header) and column; `key` names its words, `value` goes in."""

    row: int
    column: str
    key: str
    value: str = ""


class Table(NamedTuple):
    """The records of a file with their row numbers, and what was found on the way."""

    encoding: str
    delimiter: str  # a word: comma, semicolon, tab, bar
    header: tuple[str, ...]  # in small letters
    rows: tuple[tuple[int, dict[str, str]], ...]
    faults: tuple[Fault, ...]


def read(data: bytes, columns: Sequence[str]) -> Table:
    """The table in `data`; the delimiter is the one under which most of `columns` are found."""
    if len(data) > MOST_BYTES:
        return Table("", "", (), (), (Fault(1, "", "too_large"),))
    encoding, text, fault = _decoded(data)
    if fault is not None:
        return Table(encoding, "", (), (), (fault,))
    delimiter = _delimiter(text, columns)
    rows: list[tuple[int, dict[str, str]]] = []
    faults: list[Fault] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: tuple[str, ...] = ()
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            cells = [SPACE.sub(" ", cell).strip() for cell in cells]
            if not header:
                header = tuple(cell.casefold() for cell in cells)
                continue
            if not any(cells):
                continue
            if len(cells) != len(header):
                faults.append(Fault(row, "", "ragged", f"{len(cells)} ≠ {len(header)}"))
                continue
            faults += _strange(row, header, cells)
            rows.append((row, dict(zip(header, cells, strict=True))))
            if len(rows) > MOST_ROWS:
                faults.append(Fault(row, "", "too_large"))
                break
    except csv.Error as error:
        faults.append(Fault(row + 1, "", "broken", str(error)))
    return Table(encoding, DELIMITERS[delimiter], header, tuple(rows), tuple(faults))


def _strange(row: int, header: Sequence[str], cells: Sequence[str]) -> list[Fault]:
    """Cells with control characters, which no mail and no page should ever see."""
    return [
        Fault(row, column, "control")
        for column, cell in zip(header, cells, strict=True)
        if not cell.isprintable()
    ]


def _decoded(data: bytes) -> tuple[str, str, Fault | None]:
    """Encoding and text: by its mark, by the zeros of UTF-16, as UTF-8, else as Windows writes it."""
    encoding = next((name for bom, name in BOMS.items() if data.startswith(bom)), "")
    if not encoding and b"\0" in data[:200]:
        encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
    for name in (encoding,) if encoding else ("utf-8", "cp1252"):
        try:
            return name, data.decode(name), None
        except UnicodeDecodeError as error:
            at = error.start
            failed = name
    return failed, "", Fault(data[:at].count(b"\n") + 1, "", "encoding", failed)


def _delimiter(text: str, columns: Sequence[str]) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")

    def found(delimiter: str) -> int:
        cells = next(csv.reader([first], delimiter=delimiter), [])
        return sum(cell.strip().casefold() in columns for cell in cells)

    return max(DELIMITERS, key=found)
