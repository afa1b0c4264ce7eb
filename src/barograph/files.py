"""Reading the plain files of a barometer; every fault is told with file, row and column.

Rows are numbered as a spreadsheet shows them: the header is row 1, the first record row 2.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from barograph.errors import BadInput

T = TypeVar("T")
# A text that a spreadsheet would run as a formula (OWASP: CSV injection); numbers may begin so.
FORMULA = re.compile(r"[=+\-@\t\n]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file; BadInput when it is not there."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput("file not found", file=path, todo="Create it or correct the path") from None
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", file=path) from None


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without byte order mark."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"is not UTF-8 (byte {error.start})", file=path, todo="Save it as UTF-8"
        ) from None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dictionary."""
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"is not valid TOML: {error}", file=path) from None


def read_table(path: Path, required: Sequence[str] = ()) -> list[dict[str, str]]:
    """The records of a comma-separated file; `required` columns must be there."""
    return [record for _, record in numbered_records(path, required)]


def numbered_records(
    path: Path, required: Sequence[str] = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number and record of each line; refuses doubled or missing columns and ragged rows."""
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(path, header, required)
        for row, cells in enumerate(reader, start=2):
            if not cells:
                continue
            if len(cells) != len(header):
                raise BadInput(
                    f"{len(cells)} cells where the header has {len(header)}", file=path, row=row
                )
            yield row, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise BadInput(
            f"is not a readable CSV file: {error}", file=path, row=reader.line_num
        ) from None


def _check_header(path: Path, header: list[str], required: Sequence[str]) -> None:
    if not header:
        raise BadInput("is empty", file=path)
    for name in header:
        if header.count(name) > 1:
            raise BadInput("column stands twice", file=path, row=1, column=name)
    for name in required:
        if name not in header:
            raise BadInput("column is missing", file=path, row=1, column=name)


def harmless(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula.

    A carriage return becomes a line feed, which `csv` puts in quotes.
    """
    text = re.sub(r"\r\n?", "\n", text)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def sha256(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def only(path: Path, table: Mapping[str, Any], known: Sequence[str]) -> None:
    """BadInput for a setting at the top of a TOML file that is none of the known ones."""
    for key in table:
        if key not in known:
            todo = f"Known are {', '.join(known)}"
            raise BadInput(f"{key!r} is no setting here", file=path, todo=todo)


def read_record(path: Path, kind: type[T], name: str, table: object) -> T:
    """The dataclass `kind` from a TOML table; unknown, missing and mistyped keys are told.

    Fields are texts, numbers, tuples of texts or two numbers (lists in TOML) or mappings of texts
    (tables in TOML).
    """
    if not isinstance(table, dict):
        raise BadInput(f"{name!r} is no table", file=path)
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    values: dict[str, Any] = {"name": name} if "name" in known else {}
    for key, value in table.items():
        if key not in known or key == "name":
            raise BadInput(f"{name}: {key!r} is no setting here", file=path)
        values[key] = _typed(path, f"{name}.{key}", str(known[key].type), value)
    for key, field in known.items():
        if key not in values and field.default is MISSING and field.default_factory is MISSING:
            raise BadInput(f"{name}: {key!r} is missing", file=path)
    return kind(**values)


def _typed(path: Path, where: str, annotation: str, value: object) -> object:
    annotation = annotation.removesuffix(" | None")
    if annotation == "tuple[float, float]":
        return _range(path, where, value)
    if annotation in ("int", "float"):
        kinds = (int,) if annotation == "int" else (int, float)
        if isinstance(value, kinds) and not isinstance(value, bool) and value > 0:
            return value
        raise BadInput(f"{where} is no number above zero", file=path)
    if annotation.startswith("tuple"):
        return texts(path, where, value)
    if annotation.startswith(("Mapping", "Labels")):
        if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
            return value
        raise BadInput(f"{where} is no table of texts", file=path)
    if not isinstance(value, str):
        raise BadInput(f"{where} is no text", file=path, todo="Write it in quotes")
    return value


def _range(path: Path, where: str, value: object) -> tuple[float, float]:
    numbers = isinstance(value, list) and all(type(x) in (int, float) for x in value)
    if not numbers or len(value) != 2:  # type: ignore[arg-type]
        raise BadInput(f"{where} is no pair of numbers", file=path, todo="Write it as [0.3, 3]")
    return float(value[0]), float(value[1])  # type: ignore[index]


def texts(path: Path, where: str, value: object) -> tuple[str, ...]:
    """A TOML list of texts."""
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return tuple(value)
    raise BadInput(f"{where} is no list of texts", file=path, todo='Write it as ["a", "b"]')


def need(path: Path, table: Mapping[str, Any], key: str) -> Any:
    """A setting that must be there."""
    if key not in table:
        raise BadInput(f"{key!r} is missing", file=path)
    return table[key]


def need_table(path: Path, table: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A setting that must be a table."""
    found = need(path, table, key)
    if not isinstance(found, dict):
        raise BadInput(f"{key!r} is no table", file=path)
    return found


def need_tables(path: Path, table: Mapping[str, Any], key: str) -> dict[str, dict[str, Any]]:
    """A setting that must be a table of tables."""
    found = need_table(path, table, key)
    return {name: need_table(path, found, name) for name in found}


def translated(
    path: Path, what: str, labels: object, languages: Sequence[str]
) -> Mapping[str, str]:
    """Labels complete in all languages."""
    for language in languages:
        text = labels.get(language) if isinstance(labels, Mapping) else None
        if not isinstance(text, str) or not text:
            raise BadInput(f"{what}: the text in {language!r} is missing", file=path)
    assert isinstance(labels, Mapping)
    return labels
