"""Reads the tables of a LimeSurvey .lss file: XML without entities, limited in size and depth."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from barograph.errors import BadInput
from barograph.files import read_bytes
from barograph.instrument.sandbox import LIMITS, Limits

DEPTH = 8  # a field is the fifth element down
RECORDS = 200_000
Record = dict[str, str]


class _Reader:
    """Gathers document/table/rows/row/field into records by table."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Record]] = {}
        self.path: list[str] = []
        self.text: list[str] = []
        self.count = 0

    def start(self, name: str, attributes: object) -> None:
        self.path.append(name)
        if len(self.path) > DEPTH:
            raise BadInput(f"elements stand more than {DEPTH} deep")
        if self.is_row:
            self.count += 1
            if self.count > RECORDS:
                raise BadInput(f"has over {RECORDS} records")
            self.tables.setdefault(self.path[1], []).append({})
        self.text = []

    def data(self, text: str) -> None:
        self.text.append(text)

    def end(self, name: str) -> None:
        if len(self.path) == 5 and self.path[2:4] == ["rows", "row"]:
            self.tables[self.path[1]][-1][name] = "".join(self.text)
        elif self.path[1:] == ["languages", "language"]:
            self.tables.setdefault("languages", []).append({"language": "".join(self.text)})
        elif self.path[1:] == ["LimeSurveyDocType"] and "".join(self.text) != "Survey":
            raise BadInput(
                "holds a part of a survey, not a survey", todo="Export the survey structure"
            )
        self.path.pop()
        self.text = []

    def doctype(self, *declared: object) -> None:
        raise BadInput("declares XML entities, as no LimeSurvey export does")

    @property
    def is_row(self) -> bool:
        return len(self.path) == 4 and self.path[2:] == ["rows", "row"]


def read(path: Path, limits: Limits = LIMITS) -> dict[str, list[Record]]:
    """Table to its records; BadInput when the file is no XML, declares anything, or is too large."""
    content = read_bytes(path)
    if len(content) > limits.packed:
        raise BadInput(f"is larger than {limits.packed >> 20} MB", file=path)
    reader, parser = _Reader(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(content, True)
    except BadInput as problem:
        raise BadInput(
            problem.what, file=path, row=parser.CurrentLineNumber, todo=problem.todo
        ) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadInput(f"is no readable XML: {error}", file=path) from None
    if not reader.tables.get("questions"):
        raise BadInput("holds no question", file=path, todo="Export the survey structure (.lss)")
    return reader.tables
