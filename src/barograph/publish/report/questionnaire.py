"""The questionnaire as an annex: wording, codes and conditions, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from barograph.instrument import Variable
from barograph.publish.language import Language
from barograph.publish.report.conditions import in_words


def annex(language: Language, words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Sections with their questions; the rows of a battery make one question."""
    instrument = language.wave.barometer.instrument
    questions = [
        (name, list(rows))
        for name, rows in groupby(instrument.variables.values(), lambda v: v.battery or v.name)
    ]
    number_of = {row.name: number for number, (_, rows) in enumerate(questions, 1) for row in rows}
    return [
        {
            "title": _title(language, section),
            "questions": [
                _question(language, words, number_of, name, rows) for name, rows in within
            ],
        }
        for section, within in groupby(questions, lambda question: question[1][0].section)
    ]


def _title(language: Language, section: str) -> str:
    """The heading of a section; a question outside of one stands under the form's own name."""
    return language.wave.barometer.instrument.groups.get(section, {}).get(language.lang, section)


def _question(
    language: Language,
    words: Mapping[str, str],
    number_of: Mapping[str, int],
    name: str,
    rows: list[Variable],
) -> dict[str, Any]:
    instrument, lang = language.wave.barometer.instrument, language.lang
    first, battery = rows[0], bool(rows[0].battery)
    conditions = " ".join(
        words["asked_if"].format(condition=in_words(c, instrument, lang, words, number_of))
        for c in dict.fromkeys(c for row in rows for c in row.relevant)
    )
    hints = {item.name: item.hint for item, _ in instrument.walk()}
    return {
        "number": str(number_of[first.name]),
        "name": name,
        "wording": instrument.wording(name)[lang],
        "hint": hints[name].get(lang, ""),
        "kind": words["kind_battery" if battery else f"kind_{first.kind}"],
        "condition": conditions,
        "rows": [[row.name, row.label[lang]] for row in rows] if battery else [],
        "choices": [[choice.code, choice.label[lang]] for choice in _choices(rows)],
    }


def _choices(rows: list[Variable]) -> Iterator[Any]:
    """All choices of the rows, each once."""
    yield from {choice.code: choice for row in rows for choice in row.choices}.values()
