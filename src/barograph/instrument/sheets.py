"""The sheets of an XLSForm, wherever they come from, with the place of every cell."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from barograph.errors import BadInput
from barograph.instrument.sandbox import LIMITS, Limits, run
from barograph.instrument.source import read_source, shown

SCRIPT = Path(__file__).with_name("conversion.py")
NAMES = ("survey", "choices", "settings")
ROWS, COLUMNS, CELL = 10_000, 500, 20_000  # of a sheet; characters in a cell
PARTS = 1_000  # files in a workbook
TRANSLATED = (
    "label", "hint", "constraint_message", "required_message", "guidance_hint", "form_title",
)  # fmt: skip
MEDIA = ("image", "big-image", "audio", "video")
ALIASES: Mapping[str, str] = {
    "caption": "label",
    "command": "type",
    "tag": "name",
    "value": "name",
    "relevance": "relevant",
    "calculate": "calculation",
    "constraining_message": "constraint_message",
    "constraintmsg": "constraint_message",
    "requiredmsg": "required_message",
    "count": "repeat_count",
    "jr:count": "repeat_count",
    "jr:constraintmsg": "constraint_message",
    "jr:requiredmsg": "required_message",
    "readonly": "read_only",
}
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML, so in an XForm
_LANGUAGE = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\)$")
OWN = "barograph::"


@dataclass(frozen=True)
class Row:
    """One row: its cells by column as this code names it (`label::en`), and where it stands."""

    file: str
    number: int
    cells: Mapping[str, str]
    headings: Mapping[str, str]

    def get(self, column: str) -> str:
        """The cell, without space around it; empty when there is none."""
        return self.cells.get(column, "")

    def labels(self, column: str) -> dict[str, str]:
        """A translated column: language to text, "" where the column names no language."""
        found = {column: self.get(column)} if self.get(column) else {}
        found |= {k: t for k, t in self.cells.items() if k.startswith(f"{column}::") and t}
        return {key[len(column) + 2 :]: text for key, text in found.items()}


@dataclass(frozen=True)
class Sheet:
    """A sheet: `headings` maps a column as this code names it to what stands in row 1."""

    file: str
    headings: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Book:
    """The sheets of one questionnaire; `others` names sheets that the profile does not know."""

    path: Path
    survey: Sheet
    choices: Sheet
    settings: Sheet
    others: tuple[str, ...] = ()

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that label columns name, in their order."""
        columns = [*self.survey.headings, *self.choices.headings]
        labels = (c[7:] for c in columns if c.startswith("label::") and "::?" not in c)
        return tuple(dict.fromkeys(labels))


def read(path: Path, limits: Limits = LIMITS) -> Book:
    """A workbook (.xlsx, .xls), or a folder with survey.csv, choices.csv and settings.csv.

    A folder that holds one workbook and no survey.csv is read as that workbook.
    """
    if path.is_dir() and not (path / "survey.csv").exists():
        books = sorted(p for p in path.iterdir() if p.suffix.lower() in (".xlsx", ".xls"))
        if len(books) != 1:
            raise BadInput(
                f"holds no survey.csv and {len(books) or 'no'} workbook{'s' if books else ''}",
                file=path,
                todo="Put one .xlsx or .xls here, or survey.csv, choices.csv and settings.csv",
            )
        path = books[0]
    if path.is_dir():
        sheets = {name: _csv_sheet(path / f"{name}.csv", limits) for name in NAMES}
        return Book(path, sheets["survey"], sheets["choices"], sheets["settings"])
    _check_workbook(path, limits)
    raw = run(SCRIPT, ["read", str(path)], "", path, limits)
    found = {name: _sheet(f"{path}, sheet {name}", raw.get(name)) for name in NAMES}
    if not found["survey"].rows:
        raise BadInput(
            "has no sheet called survey with rows",
            file=path,
            todo="An XLSForm has the sheets survey, choices and settings",
        )
    others = tuple(name for name in raw if name not in NAMES)
    return Book(path, found["survey"], found["choices"], found["settings"], others)


def column(heading: str) -> str:
    """A heading as this code names the column: `Label::Nederlands (nl)` is `label::nl`."""
    parts = [part.strip() for part in re.split(r"::|(?<!jr):(?!:)", heading.strip())]
    base = re.sub(r"\s+", "_", parts[0].lower())
    if base == "barograph":
        return OWN + "::".join(p.lower() for p in parts[1:])
    if base in ("bind", "control", "body", "media") and len(parts) > 1:
        base, parts = re.sub(r"\s+", "_", parts[1].lower()), parts[1:]
    base = ALIASES.get(base, base)
    if len(parts) == 1:
        return base
    language = _LANGUAGE.search(parts[-1])
    if base in TRANSLATED or base in MEDIA:
        return f"{base}::{language[1] if language else '?' + parts[-1]}"
    return "::".join([base, *parts[1:]])


def _csv_sheet(path: Path, limits: Limits) -> Sheet:
    if path.stem != "survey" and not path.exists():
        return Sheet(str(path))
    _check_size(path, limits)
    source = read_source(path)
    rows = (
        (
            n,
            {
                head: cell.strip()
                for head, cell in zip(source.heads, cells, strict=True)
                if cell.strip()
            },
        )
        for n, cells in source.rows
    )
    return _placed(str(path), list(source.heads), rows)


def _sheet(file: str, raw: Mapping[str, list[object]] | None) -> Sheet:
    if raw is None:
        return Sheet(file)
    rows = (
        {str(k): str(v) for k, v in row.items()} for row in raw["rows"] if isinstance(row, dict)
    )
    return _placed(file, [str(h) for h in raw["heads"]], enumerate(rows, start=2))


def _placed(
    file: str,
    heads: list[str],
    rows: Iterable[tuple[int, dict[str, str]]],
) -> Sheet:
    columns = {head: column(head) for head in heads}
    headings: dict[str, str] = {}
    if len(heads) > COLUMNS:
        raise BadInput(f"has over {COLUMNS} columns", file=file)
    for head, name in columns.items():
        if name in headings:
            raise BadInput(
                f"two columns mean the same: {headings[name]!r} and {head!r}",
                file=file,
                row=1,
                column=head,
                todo="Keep one of them",
            )
        headings[name] = head
        _check_writable(file, 1, head, head)
    placed = []
    for number, cells in rows:
        if number > ROWS:
            raise BadInput(f"has over {ROWS} rows", file=file)
        for head, text in cells.items():
            _check_writable(file, number, head, text)
            if len(text) > CELL:
                raise BadInput(
                    f"a text of over {CELL} characters", file=file, row=number, column=head
                )
        if cells:
            named = {columns[head]: text for head, text in cells.items()}
            placed.append(Row(file, number, named, headings))
    return Sheet(file, headings, tuple(placed))


def _check_writable(file: str, row: int, head: str, text: str) -> None:
    if found := _UNWRITABLE.search(text):
        raise BadInput(
            f"holds the control character U+{ord(found[0]):04X}",
            file=file,
            row=row,
            column=shown(head),
            todo="Write the text anew; nobody can see that character",
        )


def table(book: Book, name: str, limits: Limits = LIMITS) -> tuple[Mapping[str, str], ...] | None:
    """The records of a CSV file beside the sheets; None when there is no such file."""
    folder = book.path if book.path.is_dir() else book.path.parent
    path = folder / f"{name}.csv"
    if name in NAMES or Path(name).name != name or not path.is_file():
        return None
    _check_size(path, limits)
    source = read_source(path)
    return tuple(dict(zip(source.heads, cells, strict=True)) for _, cells in source.rows)


def _check_size(path: Path, limits: Limits) -> None:
    if path.exists() and path.stat().st_size > limits.packed:
        raise BadInput(f"is larger than {limits.packed >> 20} MB", file=path)


def _check_workbook(path: Path, limits: Limits) -> None:
    """Looks at a workbook from outside: its kind, its size, and its size unpacked."""
    if path.suffix.lower() not in (".xlsx", ".xls"):
        raise BadInput("is no .xlsx, .xls or folder of CSV sheets", file=path)
    if not path.is_file():
        raise BadInput("file not found", file=path, todo="Create it or correct the path")
    _check_size(path, limits)
    if path.suffix.lower() == ".xls":
        return
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > limits.unzipped:
                raise BadInput(
                    f"is over {limits.unzipped >> 20} MB unpacked, or of over {PARTS} parts",
                    file=path,
                    todo="Save the sheets survey, choices and settings as a new workbook",
                )
            for part in parts:
                if b"<!DOCTYPE" in book.read(part):
                    raise BadInput("declares XML entities, as no spreadsheet does", file=path)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise BadInput(f"is no readable workbook: {error}", file=path) from None
