"""The sheet survey: rows to questions and groups, faults to findings with their place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from barograph.instrument.listing import Reader
from barograph.instrument.model import SELECTS, SILENT, Choice, Group, Instrument, Item, Question
from barograph.instrument.profile import (
    METADATA,
    NAME,
    OWN_COLUMNS,
    PARAMETERS,
    RESERVED,
    Asked,
    read_type,
)
from barograph.instrument.sheets import OWN, Book, Row

YES = frozenset({"yes", "true", "true()"})
NO = frozenset({"no", "false", "false()"})
_DYNAMIC = re.compile(r"\$\{|\(|^\.\.?/|\s[-+*]\s|\s(?:div|mod)\s")


@dataclass
class Block:
    """A group or repeat whose end has not come yet."""

    row: Row
    kind: str
    children: list[Item] = field(default_factory=list)


class Builder(Reader):
    """Reads one book into an `Instrument`; `skipped` are the rows of types outside the profile."""

    def __init__(self, book: Book, languages: Sequence[str], skip: bool) -> None:
        super().__init__(book, languages)
        self.skip = skip
        self.skipped: set[int] = set()

    def build(self) -> Instrument:
        """The instrument without its XForm."""
        self.check_languages()
        self.read_lists()
        children = self._read_survey()
        self.read_tables()
        self.check_columns()
        return Instrument(self.languages, self.title(), children, self.lists, self.tables, "")

    def _read_survey(self) -> tuple[Item, ...]:
        root: list[Item] = []
        blocks: list[Block] = []
        for row in self.book.survey.rows:
            if not row.get("type"):
                if row.get("name") or row.get("label"):
                    self.report("BG108", "a row without a type", row, "type", "Name its type")
                continue
            asked = read_type(row.get("type"))
            siblings = blocks[-1].children if blocks else root
            if asked.what in ("group", "repeat"):
                self._check_name(row)
                blocks.append(Block(row, asked.what))
            elif asked.what == "end":
                if not blocks or blocks[-1].kind != asked.word:
                    self.report("BG110", f"nothing to end here: {row.get('type')}", row, "type")
                    continue
                block = blocks.pop()
                (blocks[-1].children if blocks else root).append(self._group(block))
            elif asked.what in ("outside", "unknown", "or_other"):
                self._refuse(row, asked)
            else:
                self._check_name(row)
                siblings.append(self._question(row, asked))
        for block in blocks:
            self.report(
                "BG110", f"{block.row.get('type')} {block.row.get('name')!r} is not ended",
                block.row, "type", f"Add a row end_{block.kind}",
            )  # fmt: skip
        return tuple(root)

    def _check_name(self, row: Row) -> None:
        name = row.get("name")
        if not name:
            self.report("BG116", "a row without a name", row, "name", "Give it a name")
        elif not NAME.fullmatch(name) or name.lower() in RESERVED:
            self.report(
                "BG107",
                f"{name!r} cannot be a name",
                row,
                "name",
                "Use letters, digits, _ and -, a letter first; "
                f"{', '.join(sorted(RESERVED))} are taken",
            )
        elif name in self.rows:
            self.report(
                "BG104",
                f"the name {name!r} is used twice, first in row {self.rows[name].number}",
                row,
                "name",
                "Each question and group needs a name of its own",
            )
        self.rows.setdefault(name, row)

    def _refuse(self, row: Row, asked: Asked) -> None:
        if asked.what == "or_other":
            self.report(
                "BG109", "or_other gives a choice that nobody translates", row, "type",
                "Add a choice other to the list, and a text question relevant if it is chosen",
            )  # fmt: skip
        elif self.skip:
            self.skipped.add(row.number)
            self.report(
                "BG219", f"{row.get('name')!r} is skipped: {asked.word!r} is no type of ours",
                row, "type",
            )  # fmt: skip
        else:
            known = "is not supported" if asked.what == "outside" else "is no type of XLSForm"
            self.report(
                "BG108", f"the type {asked.word!r} of {row.get('name')!r} {known}", row, "type",
                "Use a type of docs/questionnaire.md, or let --skip-unsupported leave it out",
            )  # fmt: skip

    def _question(self, row: Row, asked: Asked) -> Question:
        kind: Any = asked.what
        if kind not in SILENT and not row.labels("label"):
            self.report(
                "BG116", f"{row.get('name')!r} has no label", row, "label", "Say what is asked"
            )
        default = row.get("default") or METADATA.get(asked.word, "")
        return Question(
            name=row.get("name"),
            type=kind,
            label=self.labels(row, "label"),
            hint=self.labels(row, "hint"),
            list=asked.list,
            choices=self._choices(row, asked) if kind in SELECTS else (),
            appearance=tuple(row.get("appearance").split()),
            parameters=self._parameters(row, kind),
            relevant=row.get("relevant"),
            constraint=row.get("constraint"),
            required=_condition(row.get("required")),
            calculation=row.get("calculation"),
            choice_filter=row.get("choice_filter"),
            default=default if _DYNAMIC.search(default) or not default else _quoted(default),
            constraint_message=self.labels(row, "constraint_message"),
            required_message=self.labels(row, "required_message"),
            own=self._own(row),
        )

    def _choices(self, row: Row, asked: Asked) -> tuple[Choice, ...]:
        if asked.file:
            return self.choices_of_file(row, asked.list)
        if asked.list not in self.lists:
            known = ", ".join(self.lists) or "none"
            self.report(
                "BG106", f"there is no list {asked.list!r}", row, "type",
                f"Add it to the sheet choices; there are: {known}",
            )  # fmt: skip
        return self.lists.get(asked.list, ())

    def _parameters(self, row: Row, kind: str) -> Mapping[str, str]:
        pairs = re.split(r"[\s,;]+", re.sub(r"\s*=\s*", "=", row.get("parameters")))
        found = {k: v for k, _, v in (p.partition("=") for p in pairs) if k}
        for key, text in found.items():
            if wrong := _wrong_parameter(kind, key, text):
                self.report("BG117", wrong, row, "parameters")
                return {}
        return found

    def _own(self, row: Row) -> Mapping[str, str]:
        own = {k[len(OWN) :]: v for k, v in row.cells.items() if k.startswith(OWN)}
        for name in own:
            if name not in OWN_COLUMNS:
                self.report(
                    "BG113", f"barograph has no column {name!r}", row, OWN + name,
                    f"It has {', '.join(OWN_COLUMNS)}",
                )  # fmt: skip
        return own

    def _group(self, block: Block) -> Group:
        row, children = block.row, block.children
        kind: Any = block.kind
        appearance = tuple(row.get("appearance").split())
        label = self.labels(row, "label")
        head = children[0] if children else None
        if isinstance(head, Question) and head.appearance == ("label",):
            # The row that only heads the columns of its list-nolabel rows is not asked.
            label, children = label or head.label, children[1:]
        if kind == "group" and _is_battery(appearance, children):
            kind = "battery"
        count = row.get("repeat_count")
        return Group(
            row.get("name"),
            kind,
            label,
            self.labels(row, "hint"),
            row.get("relevant"),
            appearance,
            tuple(children),
            count,
            self._own(row),
        )


def _wrong_parameter(kind: str, key: str, text: str) -> str:
    known = PARAMETERS.get(kind, frozenset())
    if key not in known:
        takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        return f"{key!r} is no parameter of {kind}: {takes}"
    if key == "randomize" and text not in ("true", "false"):
        return f"randomize={text} is neither true nor false"
    if key in ("start", "end", "step") and not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f"{key}={text} is no number"
    if key == "step" and not float(text):
        return "step=0 leads nowhere: a step is above zero"
    return ""


def _condition(text: str) -> str:
    """`required` as XPath."""
    if text.lower() in YES:
        return "true()"
    return "" if text.lower() in NO else text


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _is_battery(appearance: tuple[str, ...], children: Sequence[Item]) -> bool:
    """A table-list, or a field-list whose rows (two or more) share type and list."""
    asked = [
        c for c in children if not (isinstance(c, Question) and c.type in ("note", "calculate"))
    ]
    if "table-list" in appearance:
        return True
    if "field-list" not in appearance or len(asked) < 2:
        return False
    scales = {(c.type, c.list) if isinstance(c, Question) else ("group", c.name) for c in asked}
    return len(scales) == 1 and all(isinstance(c, Question) for c in asked)
