"""A table of unknown origin: its encoding and delimiter are found, its rows keep their numbers."""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from barograph.errors import BadInput
from barograph.files import read_bytes
from barograph.instrument.sandbox import LIMITS

COLUMNS = 20_000
DELIMITERS = ",;\t"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Source:
    """Heads, and numbered rows of as many texts; row 1 holds the heads."""

    path: Path
    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    comma: bool = False  # whether numbers may have a decimal comma


def shown(text: str) -> str:
    """A text of a foreign file as a message may show it: short, nothing that moves the cursor."""
    cut = text if len(text) <= 60 else text[:57] + "..."
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in cut)


def read_source(path: Path, delimiters: str = DELIMITERS) -> Source:
    """A delimited text file; BadInput when it is too large, of no known encoding, or ragged."""
    text = _decoded(path)
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep="):  # a spreadsheet's hint at its delimiter
        delimiters, text = first[4:5] or delimiters, rest
    shift = 1 if text is rest else 0
    delimiter = max(delimiters, key=lambda d: _width(text, d))
    lines = _rows(path, text, delimiter, shift)
    _, heads = next(lines, (1, []))
    heads = [head.strip() for head in heads]
    if not any(heads):
        raise BadInput("is empty", file=path)
    if len(heads) > COLUMNS:
        raise BadInput(f"has over {COLUMNS} columns", file=path)
    while not heads[-1]:
        heads.pop()
    for head, times in Counter(heads).items():
        if times > 1:
            raise BadInput("column stands twice", file=path, row=1, column=shown(head))
    return Source(path, tuple(heads), _checked(path, len(heads), lines), delimiter == ";")


def _decoded(path: Path) -> str:
    content = read_bytes(path)
    if len(content) > LIMITS.packed:
        raise BadInput(f"is larger than {LIMITS.packed >> 20} MB", file=path)
    marked = [name for mark, name in _MARKS if content.startswith(mark)]
    for name in marked or ["utf-8", "cp1252"]:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        return text
    raise BadInput(
        "is no text in UTF-8, UTF-16 or Windows-1252", file=path, todo="Save it as CSV in UTF-8"
    )


def _width(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0


def _rows(path: Path, text: str, delimiter: str, shift: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number, spoilt = shift, "\0" in text
    heads: list[str] = []
    try:
        for cells in reader:
            number += 1
            heads = heads or cells
            if spoilt and (found := [i for i, cell in enumerate(cells) if "\0" in cell]):
                raise BadInput(
                    "holds the control character U+0000",
                    file=path,
                    row=number,
                    column=shown("".join(heads[found[0] : found[0] + 1])),
                    todo="Write the text anew, or save the file as CSV in UTF-8",
                )
            if any(cells):
                yield number, cells
    except csv.Error as error:
        raise BadInput(f"is no readable CSV file: {error}", file=path, row=number + 1) from None


def _checked(
    path: Path, width: int, lines: Iterator[tuple[int, list[str]]]
) -> tuple[tuple[int, tuple[str, ...]], ...]:
    rows = []
    for number, cells in lines:
        if len(cells) < width or any(cells[width:]):
            raise BadInput(f"{len(cells)} cells where the head has {width}", file=path, row=number)
        rows.append((number, tuple(cells[:width])))
    return tuple(rows)
