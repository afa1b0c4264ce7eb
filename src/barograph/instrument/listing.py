"""What stands beside the questions: languages, choice lists, CSV files, unknown columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

from barograph.instrument import sheets
from barograph.instrument.findings import Finding
from barograph.instrument.model import Choice, Labels
from barograph.instrument.profile import SETTINGS, SURVEY_COLUMNS
from barograph.instrument.sheets import OWN, Book, Row

_TABLE = re.compile(r"""(?:pulldata|instance)\(\s*['"]([^'"]+?)(?:\.csv)?['"]""")


class Reader:
    """Reads one book; `findings` gathers what is wrong and where, `rows` where each name stands."""

    def __init__(self, book: Book, languages: Sequence[str]) -> None:
        self.book = book
        self.languages = tuple(languages) or book.languages
        self.findings: list[Finding] = []
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

    def report_named(self, code: str, what: str, name: str, column: str, todo: str = "") -> None:
        """Notes a finding at the row of a question, group, or choice ("list/code")."""
        self.report(code, what, self.rows.get(name), column, todo)

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
                    f"translation is missing for {row.get('name') or column!r}",
                    row,
                    f"{column}::{language}",
                    "Write the text in this language too",
                )
        return {language: found.get(language, "") for language in self.languages}

    def check_languages(self) -> None:
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
                            "Write the code in parentheses, such as label::Nederlands (nl)",
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

    def title(self) -> Labels:
        row = next(iter(self.book.settings.rows), None)
        titles = row.labels("form_title") if row else {}
        if row and titles.keys() - {""}:
            return self.labels(row, "form_title")
        if row and titles and len(self.languages) > 1:
            self.report(
                "BG220", "the title stands in one language", row, "form_title",
                f"Add a column such as form_title::Name ({self.languages[-1]}) for each",
            )  # fmt: skip
        return dict.fromkeys(self.languages, titles.get("", self.book.path.stem))

    def read_lists(self) -> None:
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

    def choices_of_file(self, row: Row, file: str) -> tuple[Choice, ...]:
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

    def read_tables(self) -> None:
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

    def check_columns(self) -> None:
        """A column that nobody reads is a slip of the pen, or a wish that goes unheard."""
        for sheet, known in ((self.book.survey, SURVEY_COLUMNS), (self.book.settings, SETTINGS)):
            for column, heading in sheet.headings.items():
                base = column.partition("::")[0]
                if base in known or column.startswith(OWN):
                    continue
                near = get_close_matches(base, known, n=1)
                self.findings.append(
                    Finding(
                        "BG210",
                        "the column is not used",
                        sheet.file,
                        1,
                        heading,
                        f"Did you mean {near[0]}?" if near else "",
                    )
                )
        for name in self.book.others:
            self.report("BG210", f"the sheet {name!r} is not used")
