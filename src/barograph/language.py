"""Numbers, days and spaces as a reader of each language writes them."""

from __future__ import annotations

import datetime
import re

from babel import Locale

LOCALES = {
    lang: Locale.parse(name)
    for lang, name in {"nl": "nl_BE", "fr": "fr_BE", "de": "de_BE", "en": "en_GB"}.items()
}


def date(d: datetime.date, lang: str) -> str:
    """A day in full: 1 februari 2017."""
    from babel.dates import (
        format_date,  # slow to load, and seldom needed by what only reads answers
    )

    text = str(format_date(d, format="long", locale=LOCALES[lang]))
    return f"1er{text[1:]}" if lang == "fr" and d.day == 1 else text


def decimal(text: str, lang: str) -> str:
    """A number as this language writes it, ungrouped: 2,5; any other text as it is."""
    if lang == "en" or not re.fullmatch(r"[+-]?\d*\.\d+", text):
        return text
    return text.replace(".", ",")


def spaced(text: str, lang: str) -> str:
    """The text with the no-break spaces that French has inside quotation marks and before : ; ! ?"""
    if lang != "fr":
        return text
    return re.sub(r"(?<=\S) (?=[:;!?»])|(?<=«) ", "\N{NO-BREAK SPACE}", text)
