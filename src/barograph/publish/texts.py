"""The words of the pages, in every language: texts.toml, and site/words.toml for what only the site says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from barograph.errors import BadInput
from barograph.files import read_toml
from barograph.publish.formats import spaced

LANGUAGES = ("nl", "fr", "de", "en")
FILES = (Path(__file__).with_name("texts.toml"), Path(__file__).parent / "site" / "words.toml")


def load(
    path: Path | None = None, languages: Sequence[str] = LANGUAGES
) -> dict[str, dict[str, str]]:
    """Language -> key -> text, without a path the words of all pages; a text misses no language."""
    texts: dict[str, dict[str, str]] = {language: {} for language in languages}
    for file in (path,) if path else FILES:
        for key, translations in read_toml(file).items():
            for language in languages:
                text = translations.get(language, "") if isinstance(translations, dict) else ""
                if not text:
                    raise BadInput(f"the text in {language!r} is missing", file=file, column=key)
                texts[language][key] = spaced(text, language)
    return texts
