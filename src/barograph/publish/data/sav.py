"""A file that SPSS, PSPP, R and Python read: system file (.sav), little-endian, uncompressed.

Written here because a writer elsewhere costs a data frame library and stamps the present moment.
Source: PSPP Developers Guide, chapter System File Format (subtypes of record 7 as numbered there).
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from datetime import date

import numpy as np

from barograph.publish.data.answers import MISSING, Column, Measure

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MEASURES: dict[Measure, int] = {"nominal": 1, "ordinal": 2, "scale": 3}
LOWEST, HIGHEST = float(min(MISSING.values())), -1.0  # the user-missing values, as one range
LABEL, VALUE_LABEL, FILE_LABEL, LINE = 255, 120, 64, 80  # bytes that SPSS allows
UTF8 = 65001


def sav_bytes(
    columns: Sequence[Column], lang: str, title: str, notes: Sequence[str], day: date
) -> bytes:
    """The columns with labels in one language; `day` stands for the moment of writing.

    Numbers below zero are user-missing, so that the kinds of missing stay apart.
    """
    parts = [_header(columns, title, day)]
    parts += [_variable(i, c, lang) for i, c in enumerate(columns, start=1)]
    parts += [_value_labels(i, c, lang) for i, c in enumerate(columns, start=1) if c.categories]
    parts += [_documents(notes), _extensions(columns)]
    parts.append(struct.pack("<ii", 999, 0))
    parts.append(np.column_stack([c.values for c in columns]).astype("<f8").tobytes())
    return b"".join(parts)


def _header(columns: Sequence[Column], title: str, day: date) -> bytes:
    rows = len(columns[0].values)
    stamp = f"{day.day:02d} {MONTHS[day.month - 1]} {day.year % 100:02d}00:00:00"
    return (
        b"$FL2"
        + _padded("@(#) SPSS DATA FILE - Barograph", 60)
        + struct.pack("<iiiii", 2, len(columns), 0, 0, rows)
        + struct.pack("<d", 100.0)
        + stamp.encode()
        + _padded(title, FILE_LABEL)
        + bytes(3)
    )


def _variable(number: int, column: Column, lang: str) -> bytes:
    """Record 2: label, missing range, format F8.0 or F12.4, and a short name."""
    label = _cut(column.label[lang], LABEL)
    labelled = bool(column.categories)
    form = (5 << 16) | ((8 << 8) if labelled else (12 << 8 | 4))
    head = struct.pack("<iiiiii", 2, 0, 1, -2 if labelled else 0, form, form)
    name = _padded(f"V{number}", 8)
    ends = struct.pack("<dd", LOWEST, HIGHEST) if labelled else b""
    return head + name + struct.pack("<i", len(label)) + _filled(label, 4) + ends


def _value_labels(number: int, column: Column, lang: str) -> bytes:
    """Records 3 and 4: what the numbers stand for, and in which variable."""
    labels = b""
    for category in column.categories:
        text = _cut(category.label[lang], VALUE_LABEL)
        labels += struct.pack("<d", category.value) + _filled(bytes([len(text)]) + text, 8)
    return (
        struct.pack("<ii", 3, len(column.categories)) + labels + struct.pack("<iii", 4, 1, number)
    )


def _documents(notes: Sequence[str]) -> bytes:
    """Record 6: the notes, in lines of 80 bytes."""
    lines = [line for note in notes for line in _wrapped(note)]
    return struct.pack("<ii", 6, len(lines)) + b"".join(lines) if lines else b""


def _extensions(columns: Sequence[Column]) -> bytes:
    """Records 7: machine, floating point, display, long names, number of cases, encoding."""
    lowest = float(np.nextafter(-sys.float_info.max, 0))
    display = [n for c in columns for n in (MEASURES[c.measure], 8, 1)]
    names = "\t".join(f"V{i}={c.name}" for i, c in enumerate(columns, start=1))
    return b"".join(
        [
            _extension(3, 4, struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, UTF8)),
            _extension(4, 8, struct.pack("<3d", -sys.float_info.max, sys.float_info.max, lowest)),
            _extension(11, 4, struct.pack(f"<{len(display)}i", *display)),
            _extension(13, 1, names.encode()),
            _extension(16, 8, struct.pack("<qq", 1, len(columns[0].values))),
            _extension(20, 1, b"UTF-8"),
        ]
    )


def _extension(subtype: int, size: int, content: bytes) -> bytes:
    return struct.pack("<iiii", 7, subtype, size, len(content) // size) + content


def _padded(text: str, length: int) -> bytes:
    return _cut(text, length).ljust(length)


def _filled(content: bytes, multiple: int) -> bytes:
    return content + b" " * (-len(content) % multiple)


def _cut(text: str, length: int) -> bytes:
    """As many whole characters as fit."""
    return text.encode()[:length].decode(errors="ignore").encode()


def _wrapped(note: str) -> list[bytes]:
    lines, line = [], ""
    for word in note.split():
        longer = f"{line} {word}".strip()
        if len(longer.encode()) > LINE:
            lines.append(line)
            longer = word
        line = longer
    return [_padded(text, LINE) for text in [*lines, line]]
