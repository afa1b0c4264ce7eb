"""The glossary: terms of survey statistics, and those in the glossary.toml of the barometer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from barograph.errors import BadInput
from barograph.files import read_toml
from barograph.publish.language import Language
from barograph.publish.site.page import Page
from barograph.publish.site.register import collated

TERMS = Path(__file__).with_name("glossary.toml")


def pages(language: Language) -> Iterator[Page]:
    """One page, its terms in the order of the alphabet of the language."""
    lang, own = language.lang, language.wave.barometer.folder / "glossary.toml"
    terms = [
        (key, *_term(path, key, translations, lang))
        for path in (TERMS, *([own] if own.exists() else []))
        for key, translations in read_toml(path).items()
    ]
    terms.sort(key=lambda entry: collated(entry[1]))
    yield Page("glossary.html", "glossary", {"terms": terms})


def _term(path: Path, key: str, translations: Any, lang: str) -> tuple[str, str]:
    try:
        return str(translations[lang]["term"]), str(translations[lang]["text"])
    except (KeyError, TypeError):
        raise BadInput(
            f"{key} lacks term or text in {lang!r}", file=path, todo="Every language needs both"
        ) from None
