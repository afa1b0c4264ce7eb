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
from numpy.typing import NDArray

from barograph.errors import BadInput
from barograph.publish.data.answers import Column, Measure

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MEASURES: dict[Measure, int] = {"nominal": 1, "ordinal": 2, "scale": 3}
TEXT = 32_767  # bytes of the longest text
SEGMENT, EFFECTIVE = 255, 252  # a longer text lies in segments of 255 bytes that count for 252
LABEL, VALUE_LABEL, FILE_LABEL, LINE = 255, 120, 64, 80  # bytes that SPSS allows
UTF8 = 65001


def sav_bytes(
    columns: Sequence[Column], lang: str, title: str, notes: Sequence[str], day: date
) -> bytes:
    """The columns with labels in one language; `day` stands for the moment of writing.

    The kinds of missing are user-missing, so that they stay apart. Columns of texts are as wide as
    their longest text.
    """
    fields = [_Field(c, f"V{i}") for i, c in enumerate(columns, start=1)]
    place, parts = 1, [_header(fields, title, day)]
    for f in fields:
        parts += [_variable(f, segment, lang) for segment in range(len(f.segments))]
    for f in fields:
        if f.column.categories and not f.width:
            parts.append(_value_labels(place, f.column, lang))
        place += f.elements
    parts += [_documents(notes), _extensions(fields, lang)]
    parts.append(struct.pack("<ii", 999, 0))
    parts.append(np.concatenate([f.cells() for f in fields], axis=1).tobytes())
    return b"".join(parts)


class _Field:
    """A column as the format keeps it: cells of 8 bytes, a text in one or more segments."""

    def __init__(self, column: Column, short: str) -> None:
        self.column, self.short = column, short
        texts = [t.encode() for t in column.values.tolist()] if column.is_text else []
        # Above 8 bytes, so that all texts have their kinds of missing told in the same way.
        self.width = max([9, *map(len, texts)]) if column.is_text else 0
        if self.width > TEXT:
            raise BadInput(
                f"{column.name!r} holds a text of {self.width} bytes; SPSS takes {TEXT}",
                todo="Use another format",
            )
        count = -(-self.width // EFFECTIVE) if self.width > SEGMENT else 1
        self.segments = [SEGMENT] * (count - 1) + [self.width - (count - 1) * EFFECTIVE]
        self.elements = sum(-(-w // 8) for w in self.segments) if self.width else 1
        self._texts = texts

    def cells(self) -> NDArray[np.uint8]:
        """n rows of bytes, a multiple of 8."""
        rows = len(self.column.values)
        if not self.width:
            return self.column.values.astype("<f8").view(np.uint8).reshape(rows, 8)
        padded = bytearray()
        for text in self._texts:
            for i, width in enumerate(self.segments):
                part = text[i * SEGMENT : i * SEGMENT + width].ljust(width)
                padded += _filled(part, 8)
        return np.frombuffer(bytes(padded), np.uint8).reshape(rows, 8 * self.elements)


def _header(fields: Sequence[_Field], title: str, day: date) -> bytes:
    rows = len(fields[0].column.values)
    size = sum(f.elements for f in fields)
    stamp = f"{day.day:02d} {MONTHS[day.month - 1]} {day.year % 100:02d}00:00:00"
    return (
        b"$FL2"
        + _padded("@(#) SPSS DATA FILE - Barograph", 60)
        + struct.pack("<iiiii", 2, size, 0, 0, rows)
        + struct.pack("<d", 100.0)
        + stamp.encode()
        + _padded(title, FILE_LABEL)
        + bytes(3)
    )


def _variable(field: _Field, segment: int, lang: str) -> bytes:
    """Records 2: label, range of missing values, format F8.0, F12.4 or A, and a short name."""
    label = _cut(field.column.label[lang], LABEL)
    name = _padded(field.short if segment == 0 else f"{field.short}S{segment}", 8)
    told = struct.pack("<i", len(label)) + _filled(label, 4)
    if field.width:
        width = field.segments[segment]
        form = (1 << 16) | (width << 8)
        head = struct.pack("<iiiiii", 2, width, 1, 0, form, form)
        rest = struct.pack("<iiiiii8s", 2, -1, 0, 0, 0, 0, b"") * (-(-width // 8) - 1)
        return head + name + told + rest
    numbers = field.column.measure == "scale"
    form = (5 << 16) | ((12 << 8 | 4) if numbers else (8 << 8))
    ends = [c.value for c in field.column.categories if c.missing]
    head = struct.pack("<iiiiii", 2, 0, 1, -2 if ends else 0, form, form)
    return head + name + told + (struct.pack("<dd", min(ends), max(ends)) if ends else b"")


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


def _extensions(fields: Sequence[_Field], lang: str) -> bytes:
    """Records 7: machine, floating point, display, long names, long texts, number of cases, encoding."""
    lowest = float(np.nextafter(-sys.float_info.max, 0))
    display = [n for f in fields for _ in f.segments for n in (MEASURES[f.column.measure], 8, 1)]
    names = "\t".join(f"{f.short}={f.column.name}" for f in fields)
    wide = "".join(f"{f.short}={f.width:05d}\0\t" for f in fields if len(f.segments) > 1)
    texts = [f for f in fields if f.width and f.column.categories]
    rows = len(fields[0].column.values)
    return b"".join(
        [
            _extension(3, 4, struct.pack("<8i", 1, 0, 0, -1, 1, 1, 2, UTF8)),
            _extension(4, 8, struct.pack("<3d", -sys.float_info.max, sys.float_info.max, lowest)),
            _extension(11, 4, struct.pack(f"<{len(display)}i", *display)),
            _extension(13, 1, names.encode()),
            _extension(14, 1, wide.encode()) if wide else b"",
            _extension(16, 8, struct.pack("<qq", 1, rows)),
            _extension(20, 1, b"UTF-8"),
            _extension(21, 1, b"".join(_text_labels(f, lang) for f in texts)) if texts else b"",
            _extension(22, 1, b"".join(map(_text_missing, texts))) if texts else b"",
        ]
    )


def _text_labels(field: _Field, lang: str) -> bytes:
    """What the kinds of missing of a text mean."""
    parts = [
        _counted(field.column.name),
        struct.pack("<ii", field.width, len(field.column.categories)),
    ]
    for category in field.column.categories:
        value = str(category.value).ljust(field.width)
        parts += [_counted(value), _counted(category.label[lang])]
    return b"".join(parts)


def _text_missing(field: _Field) -> bytes:
    """The kinds of missing of a text."""
    values = [str(c.value).encode().ljust(8) for c in field.column.categories]
    head = _counted(field.column.name) + struct.pack("<bi", len(values), 8)
    return head + b"".join(values)


def _counted(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<i", len(content)) + content


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
