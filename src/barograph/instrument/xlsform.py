"""XLSForm to `Instrument`: rows to questions and groups, faults to findings with their place."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from barograph.errors import BadInput
from barograph.instrument import sheets
from barograph.instrument.findings import Finding
from barograph.instrument.graph import Graph
from barograph.instrument.model import SELECTS, Choice, Group, Instrument, Item, Labels, Question
from barograph.instrument.profile import (
    METADATA,
    NAME,
    OWN_COLUMNS,
    RESERVED,
    Asked,
    read_type,
)
from barograph.instrument.sandbox import LIMITS, Limits, run
from barograph.instrument.sheets import OWN, Book, Row

YES = frozenset({"yes", "true", "true()"})
NO = frozenset({"no", "false", "false()"})
BATTERY = ("likert", "label", "list-nolabel")
_TABLE = re.compile(r"""(?:pulldata|instance)\(\s*['"]([^'"]+?)(?:\.csv)?['"]""")
_DYNAMIC = re.compile(r"\$\{|\(|^\.\.?/|\s[-+*]\s|\s(?:div|mod)\s")


@dataclass
class Block:
    """A group or repeat whose end has not come yet."""

    row: Row
    kind: str
    children: list[Item] = field(default_factory=list)


class Builder:
    """Reads one book; `findings` gathers what is wrong and where."""

    def __init__(self, book: Book, languages: Sequence[str], skip: bool) -> None:
        self.book, self.skip = book, skip
        self.languages = tuple(languages) or book.languages
        self.findings: list[Finding] = []
        self.skipped: set[int] = set()
        self.rows: dict[str, Row] = {}
        self.lists: dict[str, tuple[Choice, ...]] = {}
        self.tables: dict[str, tuple[Mapping[str, str], ...]] = {}

    def report(
        self, code: str, what: str, row: Row | None = None, column: str = "", todo: str = ""
    ) -> None:
        """Notes a finding at a cell, or about the book as a whole."""
        if row is None:
            self.findings.append(Finding(code, what, str(self.book.path), todo=todo))
        else:
            heading = row.headings.get(column, column)
            self.findings.append(Finding(code, what, row.file, row.number, heading, todo))

    def build(self) -> Instrument:
        """The instrument without its XForm."""
        self._check_languages()
        self._read_lists()
        children = self._read_survey()
        self._read_tables()
        return Instrument(self.languages, self._title(), children, self.lists, self.tables, "")

    def _check_languages(self) -> None:
        for sheet in (self.book.survey, self.book.choices):
            for column, heading in sheet.headings.items():
                if "::?" in column:
                    self.findings.append(
                        Finding(
                            "BG112",
                            "the language has no code",
                            sheet.file,
                            1,
                            heading,
                            f"Write the code in parentheses, such as {heading} (nl)",
                        )
                    )
        if not self.languages:
            self.languages = (self._default_language() or "en",)
        for sheet in (self.book.survey, self.book.choices):
            if not sheet.rows or (len(self.languages) == 1 and "label" in sheet.headings):
                continue
            for language in self.languages:
                if f"label::{language}" not in sheet.headings:
                    self.findings.append(
                        Finding(
                            "BG112",
                            f"no column for language {language}",
                            sheet.file,
                            1,
                            "label",
                            f"Add a column such as label::Name ({language})",
                        )
                    )

    def _default_language(self) -> str:
        row = next(iter(self.book.settings.rows), None)
        found = sheets.column(f"label::{row.get('default_language')}") if row else ""
        return found.removeprefix("label::") if "?" not in found else ""

    def _title(self) -> Labels:
        row = next(iter(self.book.settings.rows), None)
        titles = row.labels("form_title") if row else {}
        plain = titles.get("") or next(iter(titles.values()), self.book.path.stem)
        return {language: titles.get(language, plain) for language in self.languages}

    def labels(self, row: Row, column: str) -> Labels:
        """A translated cell in every language; a missing translation is a finding."""
        found = row.labels(column)
        if not found:
            return {}
        if set(found) == {""} and len(self.languages) == 1:
            return {self.languages[0]: found[""]}
        for language in self.languages:
            if language not in found:
                self.report(
                    "BG101",
                    f"translation is missing for {row.get('name')!r}",
                    row,
                    f"{column}::{language}",
                    "Write the text in this language too",
                )
        return {language: found.get(language, "") for language in self.languages}

    def _read_lists(self) -> None:
        lists: dict[str, dict[str, Choice]] = {}
        for row in self.book.choices.rows:
            name, code = row.get("list_name"), row.get("name")
            if not name and not code:
                continue
            if not name or not code:
                column = "name" if name else "list_name"
                self.report("BG115", "a choice needs list_name and name", row, column)
                continue
            if len(code.split()) > 1:
                self.report(
                    "BG115", f"the code {code!r} holds a space", row, "name",
                    "Codes are separated by spaces where several are chosen; use _",
                )  # fmt: skip
            found = lists.setdefault(name, {})
            if code in found:
                self.report(
                    "BG105", f"the code {code!r} stands twice in list {name}", row, "name",
                    "Give each choice a code of its own",
                )  # fmt: skip
            extra = {
                k: v
                for k, v in row.cells.items()
                if k not in ("list_name", "name", "label") and not k.startswith("label::")
            }
            found[code] = Choice(code, self.labels(row, "label"), extra)
            self.rows[f"{name}/{code}"] = row
        for name, choices in lists.items():
            columns = {column: "" for choice in choices.values() for column in choice.extra}
            self.lists[name] = tuple(
                replace(c, extra={**columns, **c.extra}) if columns else c for c in choices.values()
            )

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
            return self._choices_of_file(row, asked.list)
        if asked.list not in self.lists:
            known = ", ".join(self.lists) or "none"
            self.report(
                "BG106", f"there is no list {asked.list!r}", row, "type",
                f"Add it to the sheet choices; there are: {known}",
            )  # fmt: skip
        return self.lists.get(asked.list, ())

    def _choices_of_file(self, row: Row, file: str) -> tuple[Choice, ...]:
        name = file.removesuffix(".csv")
        records = sheets.table(self.book, name) if file.endswith(".csv") else None
        if not records or not {"name", "label"} <= set(records[0]):
            self.report(
                "BG106", f"there is no list {file!r} with columns name and label", row, "type",
                "Put the CSV file beside the questionnaire",
            )  # fmt: skip
            return ()
        self.tables[name] = records
        extra = [c for c in records[0] if c not in ("name", "label")]
        self.lists[file] = tuple(
            Choice(
                r["name"],
                {lang: r.get(f"label_{lang}") or r["label"] for lang in self.languages},
                {c: r[c] for c in extra},
            )
            for r in records
        )
        return self.lists[file]

    def _parameters(self, row: Row, kind: str) -> Mapping[str, str]:
        pairs = re.split(r"[\s,;]+", re.sub(r"\s*=\s*", "=", row.get("parameters")))
        found = {k: v for k, sign, v in (p.partition("=") for p in pairs) if sign}
        if kind == "range":
            for key in ("start", "end", "step"):
                text = found.get(key, "1")
                if not re.fullmatch(r"-?\d+(\.\d+)?", text) or (key == "step" and not float(text)):
                    self.report("BG117", f"{key}={text} is no number", row, "parameters")
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

    def _read_tables(self) -> None:
        for row in self.book.survey.rows:
            for column, text in row.cells.items():
                for name in _TABLE.findall(text):
                    if name in self.lists or name in self.tables:
                        continue
                    records = sheets.table(self.book, name)
                    if records is None:
                        self.report(
                            "BG106", f"there is no list or file {name!r}", row, column,
                            f"Put {name}.csv beside the questionnaire",
                        )  # fmt: skip
                    self.tables[name] = records or ()


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


def compile(
    path: Path,
    languages: Sequence[str] = (),
    *,
    skip_unsupported: bool = False,
    limits: Limits = LIMITS,
) -> Instrument:
    """The questionnaire in a folder or workbook, complete in `languages` (default: all it has).

    BadInput tells sheet, row and column of the first fault. `skip_unsupported` leaves out questions
    whose type is outside the profile.
    """
    instrument, findings = examine(
        path, languages, skip_unsupported=skip_unsupported, limits=limits
    )
    for finding in findings:
        if finding.level == "error":
            raise finding.problem
    assert instrument is not None
    return instrument


def examine(
    path: Path,
    languages: Sequence[str] = (),
    *,
    skip_unsupported: bool = False,
    limits: Limits = LIMITS,
) -> tuple[Instrument | None, tuple[Finding, ...]]:
    """The questionnaire, and all that is to be said of it; None instead of it when a fault stops it."""
    book = sheets.read(path, limits)
    builder = Builder(book, languages, skip_unsupported)
    instrument = builder.build()
    for problem in Graph.of(instrument).problems:
        row = builder.rows.get(problem.name)
        unknown = "is no question or group" in problem.what
        code = "BG103" if problem.cycle else "BG102" if unknown else "BG111"
        builder.report(code, problem.what, row, problem.field)
    if any(finding.level == "error" for finding in builder.findings):
        return None, tuple(builder.findings)
    try:
        done = _converted(json.dumps(_for_pyxform(book, builder)), path, limits)
    except BadInput as error:
        builder.report(
            "BG114", f"the questionnaire does not compile: {error.what}", todo=error.todo
        )
        return None, tuple(builder.findings)
    for warning in done["warnings"]:
        builder.report("BG214", str(warning))
    return replace(instrument, xform=done["xform"]), tuple(builder.findings)


@lru_cache(maxsize=16)
def _converted(payload: str, path: Path, limits: Limits) -> Mapping[str, Any]:
    """The XForm; remembered, since starting pyxform is most of what compiling takes."""
    done: Mapping[str, Any] = run(sheets.SCRIPT, ["convert"], payload, path, limits)
    return done


def _for_pyxform(book: Book, builder: Builder) -> dict[str, Any]:
    """The sheets with their own headings, without our columns; skipped rows stay as empty ones."""
    out: dict[str, Any] = {}
    for name in sheets.NAMES:
        sheet = getattr(book, name)
        records: list[dict[str, str]] = []
        for row in sheet.rows:
            records += [{}] * (row.number - 2 - len(records))
            hidden = name == "survey" and row.number in builder.skipped
            records.append(
                {}
                if hidden
                else {
                    row.headings[c]: text for c, text in row.cells.items() if not c.startswith(OWN)
                }
            )
        if records:
            out[name] = records
    return out
