"""An answer as one reads it: labels for codes, a day for a date, the comma of the language."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

from barograph.instrument.faults import message
from barograph.instrument.model import KINDS, SILENT, Question
from barograph.language import date, decimal

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ENDLESS = re.compile(r"-?\d*\.\d{7,}")  # a quotient that its author did not round


def in_words(question: Question, value: str, lang: str) -> str:
    """The answer in words, several choices on a line each; "" without an answer."""
    if not value:
        return ""
    if question.choices:
        labels = {choice.code: choice.label.get(lang, choice.code) for choice in question.choices}
        codes = value.split() if question.type in ("select_multiple", "rank") else [value]
        texts = [labels.get(code, code) for code in codes]
        ranked = question.type == "rank"
        return "\n".join(f"{n}. {text}" if ranked else text for n, text in enumerate(texts, 1))
    if value == question.dont_know:
        return message("dont_know")[lang]
    if question.type == "date" or question.type in SILENT:
        value = day(value, lang)
    if question.type in SILENT and _ENDLESS.fullmatch(value):
        value = _rounded(Decimal(value))
    return (
        decimal(value, lang)
        if question.type in SILENT or KINDS.get(question.type) == "number"
        else value
    )


def day(value: str, lang: str) -> str:
    """ "3 mei 2026" from 2026-05-03; anything else as it is."""
    try:
        return date(datetime.date.fromisoformat(value), lang) if _DAY.fullmatch(value) else value
    except ValueError:
        return value


def _rounded(value: Decimal) -> str:
    """To two decimals, of a small number to three digits: 12.35, 0.00123."""
    places = max(2, 2 - value.adjusted())
    text = f"{round(value, places):f}"
    return text.rstrip("0").rstrip(".")
