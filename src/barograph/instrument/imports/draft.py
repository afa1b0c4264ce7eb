"""The sheets of an XLSForm in the making, and what could not come into them."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from barograph.errors import BadInput
from barograph.files import harmless, read_toml

Labels = Mapping[str, str]
TRANSLATED = ("label", "hint", "constraint_message")
PLAIN = ("relevant", "required", "constraint", "calculation", "appearance", "parameters")


@lru_cache(maxsize=1)
def words() -> Mapping[str, Labels]:
    """What LimeSurvey says by itself, by key and language."""
    return read_toml(Path(__file__).with_name("words.toml"))


def heading(language: str) -> str:
    """A language as a column of the sheets names it: `Nederlands (nl)`."""
    return f"{words()['name'].get(language, language)} ({language})"


@dataclass(frozen=True)
class Line:
    """A row of the sheet survey; `cells` by column."""

    type: str
    name: str
    label: Labels = field(default_factory=dict)
    hint: Labels = field(default_factory=dict)
    constraint_message: Labels = field(default_factory=dict)
    cells: Labels = field(default_factory=dict)


@dataclass
class Draft:
    """The sheets, and three lists of sentences: what is `lost` (questions, sections), which `rules`
    are, and what is worth a `note`."""

    languages: tuple[str, ...]
    settings: Mapping[str, str]
    lines: list[Line] = field(default_factory=list)
    lists: dict[str, Sequence[tuple[str, Labels]]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Writes survey.csv, choices.csv and settings.csv in one move; BadInput if anything is there."""
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise BadInput("is there already", file=folder, todo="Name a new or an empty folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as made:
            ready = Path(made) / "sheets"
            ready.mkdir()
            for name, rows in (
                ("survey", self._survey()),
                ("choices", self._choices()),
                ("settings", [list(self.settings), list(self.settings.values())]),
            ):
                (ready / f"{name}.csv").write_bytes(_csv(rows))
            ready.replace(folder)

    def _survey(self) -> list[list[str]]:
        translated = [
            column for column in TRANSLATED if any(getattr(line, column) for line in self.lines)
        ]
        plain = [column for column in PLAIN if any(column in line.cells for line in self.lines)]
        heads = [f"{column}::{heading(lang)}" for column in translated for lang in self.languages]
        rows = [
            [
                line.type,
                line.name,
                *(getattr(line, c).get(lang, "") for c in translated for lang in self.languages),
                *(line.cells.get(c, "") for c in plain),
            ]
            for line in self.lines
        ]
        return [["type", "name", *heads, *plain], *rows]

    def _choices(self) -> list[list[str]]:
        heads = [f"label::{heading(lang)}" for lang in self.languages]
        rows = [
            [name, code, *(label.get(lang, "") for lang in self.languages)]
            for name, choices in self.lists.items()
            for code, label in choices
        ]
        return [["list_name", "name", *heads], *rows]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(
        [harmless(cell) for cell in row] for row in rows
    )
    return text.getvalue().encode()
