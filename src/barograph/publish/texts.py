"""The words of the pages, in every language: texts.toml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from barograph.errors import BadInput
from barograph.files import read_toml

LANGUAGES = ("nl", "fr", "de", "en")
FILE = Path(__file__).with_name("texts.toml")


def load(path: Path = FILE, languages: Sequence[str] = LANGUAGES) -> dict[str, dict[str, str]]:
    """Language -> key -> text; refuses a text that misses a language."""
    texts: dict[str, dict[str, str]] = {language: {} for language in languages}
    for key, translations in read_toml(path).items():
        for language in languages:
            text = translations.get(language, "") if isinstance(translations, dict) else ""
            if not text:
                raise BadInput(f"the text in {language!r} is missing", file=path, column=key)
            texts[language][key] = text
    return texts
