"""What stands on a page: a question with its control, a battery, a group, a repeat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

Control = Literal[
    "text", "multiline", "number", "date", "radios", "select", "checkboxes", "rank", "note", "file"
]


@dataclass(frozen=True)
class Option:
    """A choice; `chosen` in the answer, `alone` when it excludes the others."""

    code: str
    label: str
    chosen: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Field:
    """A question as shown. `value` is what stands in the control, `words` the answer as read."""

    key: str
    control: Control
    label: str
    number: str = ""
    hint: str = ""
    value: str = ""
    words: str = ""
    options: Sequence[Option] = ()
    parts: Sequence[tuple[str, str]] = ()  # of a date or ranking: caption and value of each control
    optional: bool = False
    fault: str = ""
    conflict: str = ""
    notes: Sequence[str] = ()  # for the researcher: name, conditions, lint
    href: str = ""  # of the file that answers it
    inputmode: str = "text"
    kind: ClassVar[str] = "field"

    @property
    def id(self) -> str:
        """Where links and descriptions point."""
        return "q-" + self.key.replace("[", "-").replace("]", "")

    @property
    def first(self) -> str:
        """The control that takes the focus from the summary of faults."""
        several = ("radios", "checkboxes", "rank", "date")
        return f"{self.id}-1" if self.control in several else self.id

    @property
    def described_by(self) -> str:
        """The ids of hint, conflict and fault, for aria-describedby."""
        said = (("hint", self.hint), ("conflict", self.conflict), ("fault", self.fault))
        return " ".join(f"{self.id}-{part}" for part, text in said if text)

    @property
    def scale(self) -> bool:
        """Short options in a row: 0 to 10."""
        short = all(len(option.label) <= 3 for option in self.options if not option.alone)
        return self.control == "radios" and len(self.options) > 4 and short

    @property
    def clearable(self) -> bool:
        """Radios cannot be unchosen by themselves."""
        return self.control == "radios" and self.optional and self.value != ""


@dataclass(frozen=True)
class Battery:
    """Rows that share one scale (`scale` are its labels), or rows of one control each (no scale)."""

    key: str
    label: str
    rows: Sequence[Field]
    scale: Sequence[str] = ()
    number: str = ""
    hint: str = ""
    notes: Sequence[str] = ()
    kind: ClassVar[str] = "battery"

    @property
    def id(self) -> str:
        """Where links and descriptions point."""
        return f"q-{self.key}"

    @property
    def optional(self) -> bool:
        """No row demands an answer."""
        return all(row.optional for row in self.rows)

    @property
    def clearable(self) -> str:
        """The keys of the answered rows, where no answer is demanded."""
        return " ".join(row.key for row in self.rows if row.clearable)


@dataclass(frozen=True)
class Part:
    """A group inside a section."""

    key: str
    label: str
    items: Sequence[Item]
    hint: str = ""
    notes: Sequence[str] = ()
    kind: ClassVar[str] = "part"


@dataclass(frozen=True)
class Repeat:
    """A group asked once for each instance; `open` when the respondent adds and removes them."""

    key: str
    label: str
    instances: Sequence[Sequence[Item]]
    hint: str = ""
    open: bool = True
    notes: Sequence[str] = ()
    kind: ClassVar[str] = "repeat"


Item = Field | Battery | Part | Repeat
