"""The templates of the interview: Jinja2 as on the published pages, with the words of each language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from barograph.publish import formats, texts

FOLDER = Path(__file__).parent


@cache
def words() -> dict[str, dict[str, str]]:
    """Language -> key -> text of words.toml."""
    return texts.load(FOLDER / "words.toml")


def environment(**options: Any) -> Environment:
    """Jinja2 with `words`, `static` and the filters `lines`, `day`, `moment`; what Django adds comes in `options`."""
    settings: dict[str, Any] = {
        "autoescape": True,
        "trim_blocks": True,
        "lstrip_blocks": True,
        "undefined": StrictUndefined,
        "loader": FileSystemLoader(FOLDER / "templates"),
    }
    made = Environment(**{**settings, **options, "undefined": StrictUndefined})
    made.globals.update(words=words(), static=_static)
    made.filters.update(lines=lines, day=formats.date, moment=formats.moment)
    return made


def lines(text: str) -> Markup:
    """Plain text, escaped, its line breaks kept."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


def _static(name: str) -> str:
    """Address of a static file, as Django serves it."""
    from django.templatetags.static import static

    return str(static(name))
