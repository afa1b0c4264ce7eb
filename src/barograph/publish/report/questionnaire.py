"""The questionnaire as an annex: wording, codes and conditions, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from barograph.instrument import Variable
from barograph.publish.language import Language
from barograph.publish.questionnaire import Printer, rule


def annex(language: Language, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Sections with their questions; the rows of a battery make one question."""
    instrument = language.wave.instrument
    printer = Printer.of(instrument, language.lang)
    questions = [
        (name, list(rows))
        for name, rows in groupby(instrument.variables.values(), lambda v: v.battery or v.name)
    ]
    return [
        {
            # A question outside of a section stands under the form's own name.
            "title": printer.text(instrument.groups.get(section, {})) or section,
            "questions": [_question(printer, words, name, rows) for name, rows in within],
        }
        for section, within in groupby(questions, lambda question: question[1][0].section)
    ]


def _question(
    printer: Printer, words: Mapping[str, str], name: str, rows: list[Variable]
) -> dict[str, Any]:
    instrument = printer.wording.instrument
    first, battery = rows[0], bool(rows[0].battery)
    conditions = dict.fromkeys(condition for row in rows for condition in row.relevant)
    hints = {item.name: item.hint for item, _ in instrument.walk()}
    return {
        "number": printer.wording.numbers[name],
        "name": name,
        "wording": printer.text(instrument.wording(name)),
        "hint": printer.text(hints[name]),
        "kind": words["kind_battery" if battery else f"kind_{first.kind}"],
        "condition": " ".join(rule(condition, printer.wording) for condition in conditions),
        "rows": [[row.name, printer.text(row.label)] for row in rows] if battery else [],
        "choices": [[choice.code, printer.text(choice.label)] for choice in _choices(rows)],
    }


def _choices(rows: list[Variable]) -> Iterator[Any]:
    """All choices of the rows, each once."""
    yield from {choice.code: choice for row in rows for choice in row.choices}.values()
