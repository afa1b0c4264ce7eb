"""What goes wrong, said plainly: what, where, and what to do."""

from __future__ import annotations

from pathlib import Path


class BarographError(Exception):
    """Something the user can mend. The message says what is wrong, where, and what to do."""

    def __init__(
        self,
        what: str,
        *,
        file: Path | str | None = None,
        row: int | None = None,
        column: str | None = None,
        todo: str = "",
    ) -> None:
        place = ", ".join(
            part
            for part in (
                str(file) if file is not None else "",
                f"row {row}" if row is not None else "",
                f"column {column}" if column is not None else "",
            )
            if part
        )
        super().__init__(". ".join(p for p in (f"{place}: {what}" if place else what, todo) if p))
        self.what, self.file, self.row, self.column, self.todo = what, file, row, column, todo


class BadInput(BarographError):
    """A file of the barometer is missing, broken or contradicts itself."""


class NoWeights(BarographError):
    """Respondents cannot be weighted to the population as asked."""


class UnsupportedText(BarographError):
    """A text says, or would say, what the data do not carry."""
