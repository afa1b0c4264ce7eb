"""The words within charts, in every language: words.toml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from barograph.publish import texts


@lru_cache(1)
def _all() -> dict[str, dict[str, str]]:
    return texts.load(Path(__file__).with_name("words.toml"))


def own(lang: str) -> Mapping[str, str]:
    """Key -> text in a language."""
    return _all()[lang]
