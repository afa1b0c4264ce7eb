"""What the numbers of our own export mean, as the codebook.csv beside it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from barograph.errors import BadInput
from barograph.instrument.model import DONT_KNOW
from barograph.instrument.source import read_source

FILE = "codebook.csv"
NOT_ASKED = "not_asked"
_HEADS = ("column", "question", "value", "code", "missing")


@dataclass
class Coding:
    """Of one column: the question it answers ("" for none), and codes and kinds of missing by value."""

    question: str
    codes: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def code(self, value: str) -> str:
        """The code of a value, "" for one that is missing; BadInput for one that is not there."""
        if value in self.missing:
            kind = self.missing[value]
            return DONT_KNOW if kind in (DONT_KNOW, "dont_know") else ""
        if self.codes and value:
            if value not in self.codes:
                raise BadInput(f"{value!r} is no value of this column", todo=f"See {FILE}")
            return self.codes[value]
        return value


def read(beside: Path) -> Mapping[str, Coding]:
    """Column to its coding; nothing where no codebook of ours stands beside the file."""
    path = beside.parent / FILE
    if not path.is_file():
        return {}
    source = read_source(path, ",")
    if source.heads[: len(_HEADS)] != _HEADS:
        return {}
    found: dict[str, Coding] = {}
    for _, (column, question, value, code, missing, *_labels) in source.rows:
        coding = found.setdefault(column, Coding(question))
        if value:
            (coding.missing if missing == "1" else coding.codes)[value] = code
    return found
