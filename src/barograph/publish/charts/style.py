"""The style of a picture that stands alone: the rules of charts.css with every token resolved.

Renderers of SVG know neither custom properties nor media queries. Only rules whose classes a picture
uses go into it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

STATIC = Path(__file__).parent.parent / "static"
FONT = 'text{font-family:Inter,"Liberation Sans",Arial,sans-serif}'
_BLOCK = re.compile(r"@[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*([^()]+?))?\s*\)")


def style(svg: str) -> str:
    """The rules for a picture, as the content of its style element."""
    used = set(re.findall(r'class="([^"]*)"', svg))
    classes = {name for names in used for name in names.split()}
    return FONT + "".join(rule for needed, rule in _rules() if needed <= classes)


@lru_cache(1)
def _rules() -> tuple[tuple[frozenset[str], str], ...]:
    """Each rule of charts.css, one selector at a time, with the classes that it needs."""
    tokens = _tokens()
    rules = []
    for selectors, declarations in _blocks((STATIC / "charts.css").read_text(encoding="utf-8")):
        resolved = _resolved(declarations, tokens)
        for selector in selectors.split(","):
            needed = frozenset(re.findall(r"\.([\w-]+)", selector))
            rules.append((needed, f"{selector.strip()}{{{resolved}}}"))
    return tuple(rules)


def _tokens() -> dict[str, str]:
    """The custom properties of the site, where it sets any."""
    path = STATIC / "tokens.css"
    css = path.read_text(encoding="utf-8") if path.exists() else ""
    return {
        name: value.strip()
        for selectors, declarations in _blocks(css)
        if ":root" in selectors
        for name, value in re.findall(r"(--[\w-]+)\s*:\s*([^;]+)", declarations)
    }


def _blocks(css: str) -> list[tuple[str, str]]:
    """Selectors and declarations of the rules outside of media queries."""
    plain = _BLOCK.sub("", re.sub(r"/\*.*?\*/", "", css, flags=re.S))
    return [(s.strip(), d.strip()) for s, d in re.findall(r"([^{}]+)\{([^{}]*)\}", plain)]


def _resolved(declarations: str, tokens: dict[str, str]) -> str:
    """Declarations without variables: the token's value, or the fallback that stands beside it."""
    while "var(" in declarations:
        declarations = _VARIABLE.sub(
            lambda found: tokens.get(found[1], found[2] or "inherit"), declarations
        )
    return re.sub(r"\s*([;:])\s*", r"\1", declarations)
