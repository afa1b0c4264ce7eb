"""What the linter has to say: a code, a place, what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from barograph.errors import BadInput

Level = Literal["error", "warning"]


@dataclass(frozen=True)
class Finding:
    """One fault of a questionnaire. Codes BG1.. are errors, BG2.. habits worth a second look."""

    code: str
    what: str
    file: str
    row: int | None = None
    column: str = ""
    todo: str = ""

    @property
    def level(self) -> Level:
        """Whether it stops the questionnaire."""
        return "error" if self.code.startswith("BG1") else "warning"

    @property
    def problem(self) -> BadInput:
        """As the exception that stops."""
        what = f"{self.what} ({self.code})"
        return BadInput(
            what, file=self.file, row=self.row, column=self.column or None, todo=self.todo
        )

    def __str__(self) -> str:
        return f"{self.level} {self.problem}"
